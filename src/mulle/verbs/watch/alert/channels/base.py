"""What all channels share: how they are called, where their secrets come from, how they fail."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from mulle.errors import RunError

if TYPE_CHECKING:
    from mulle.verbs.watch.alert.alert import Message


class Channel(Protocol):
    """A way to tell somebody."""

    def send(self, message: Message) -> None:
        """Send a message.

        Raises:
            RunError: it could not be delivered; the text holds no secret.
            MissingExtra: the library of the channel is not installed.
        """


def secret(name: str, channel: str) -> str:
    """A secret, from the environment variable that the rules name.

    Raises:
        RunError: it is not set.
    """
    value = os.environ.get(name, "")
    if not value:
        raise failed(channel, f"the environment variable {name} is not set", f"Set {name}.")
    return value


def failed(channel: str, why: str, fix: str) -> RunError:
    """A message that did not get through."""
    return RunError("alert-not-delivered", f"Channel {channel!r} failed: {why}.", fix=fix)
