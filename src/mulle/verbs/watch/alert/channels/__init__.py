"""Channels that send messages: webhook, e-mail, chat. Secrets stand in environment variables."""

from mulle.verbs.watch.alert.channels.base import Channel, read_secret
from mulle.verbs.watch.alert.channels.chat import Chat
from mulle.verbs.watch.alert.channels.email import Email
from mulle.verbs.watch.alert.channels.parse import parse_channel
from mulle.verbs.watch.alert.channels.webhook import Webhook

__all__ = ["Channel", "Chat", "Email", "Webhook", "parse_channel", "read_secret"]
