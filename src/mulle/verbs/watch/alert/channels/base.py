"""What all channels share: the protocol, and where their secrets come from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from mulle.errors import RunError

if TYPE_CHECKING:
    from mulle.verbs.watch.alert.alert import Message


class Channel(Protocol):
    """A way to send messages."""

    def send(self, message: Message) -> None:
        """Send a message.

        Raises:
            RunError: it could not be delivered; the text holds no secret.
            MissingExtra: the library of the channel is not installed.
        """


def read_secret(variable: str, channel: str) -> str:
    """Return a secret from the environment variable that the rules name.

    Raises:
        RunError: it is not set.
    """
    value = os.environ.get(variable, "")
    if not value:
        raise RunError("alert-variable-empty", channel=channel, variable=variable)
    return value
