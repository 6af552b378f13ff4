"""Ways to tell somebody: a webhook, e-mail, a chat service. What is secret stands in variables."""

from mulle.verbs.watch.alert.channels.base import Channel, failed, secret
from mulle.verbs.watch.alert.channels.chat import Chat
from mulle.verbs.watch.alert.channels.email import Email
from mulle.verbs.watch.alert.channels.parse import parse_channel
from mulle.verbs.watch.alert.channels.webhook import Webhook

__all__ = ["Channel", "Chat", "Email", "Webhook", "failed", "parse_channel", "secret"]
