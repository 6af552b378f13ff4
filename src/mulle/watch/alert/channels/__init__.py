"""Ways to tell somebody: a webhook, e-mail, a chat service. What is secret stands in variables."""

from mulle.watch.alert.channels.base import Channel, failed, secret
from mulle.watch.alert.channels.chat import Chat
from mulle.watch.alert.channels.email import Email
from mulle.watch.alert.channels.parse import parse_channel
from mulle.watch.alert.channels.webhook import Webhook

__all__ = ["Channel", "Chat", "Email", "Webhook", "failed", "parse_channel", "secret"]
