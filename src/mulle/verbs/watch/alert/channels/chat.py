"""Chat services, through Apprise, which keeps up with more than a hundred of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mulle.errors import MissingExtra
from mulle.verbs.watch.alert.channels.base import failed, secret

if TYPE_CHECKING:
    from mulle.verbs.watch.alert.alert import Message


class Chat(msgspec.Struct, frozen=True):
    """A chat service.

    Attributes:
        name: of the channel.
        url_env: the variable with its Apprise address, such as `slack://…` or `tgram://…`.
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
        if not service.add(secret(self.url_env, self.name)):
            fix = f"See how Apprise writes the address of your service, and set {self.url_env}."
            raise failed(self.name, "Apprise does not know this kind of address", fix)
        if not service.notify(title=message.title, body=message.text):
            raise failed(self.name, "the service did not take it", "See its address and rights.")
