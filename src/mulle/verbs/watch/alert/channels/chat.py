"""Send messages to chat services, through Apprise, which knows more than a hundred of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mulle.errors import MissingExtra, RunError
from mulle.verbs.watch.alert.channels.base import read_secret

if TYPE_CHECKING:
    from mulle.verbs.watch.alert.alert import Message


class Chat(msgspec.Struct, frozen=True):
    """A chat service.

    Attributes:
        name: name of the channel.
        url_env: environment variable with its Apprise address, such as `slack://…` or `tgram://…`.
    """

    name: str
    url_env: str

    def send(self, message: Message) -> None:
        """See `Channel`."""
        try:
            from apprise import Apprise
        except ImportError as error:
            raise MissingExtra("apprise", "alert", "chat-alerts") from error
        service = Apprise()
        if not service.add(read_secret(self.url_env, self.name)):
            raise RunError("alert-chat-address", channel=self.name, variable=self.url_env)
        if not service.notify(title=message.title, body=message.text):
            raise RunError("alert-chat-refused", channel=self.name)
