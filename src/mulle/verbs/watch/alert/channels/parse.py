"""Parse the channels of a rules file, each by its `type`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from mulle.errors import UnknownName, UsageError
from mulle.times import seconds
from mulle.verbs.watch.alert.channels.chat import Chat
from mulle.verbs.watch.alert.channels.email import Email
from mulle.verbs.watch.alert.channels.webhook import Webhook

if TYPE_CHECKING:
    from mulle.verbs.watch.alert.channels.base import Channel

TYPES: dict[str, type[Webhook] | type[Email] | type[Chat]] = {
    "webhook": Webhook,
    "email": Email,
    "chat": Chat,
}
_SECRETS = ("password", "secret", "token")


def parse_channel(name: str, settings: Any, where: str = "") -> Channel:
    """Parse a channel from its table.

    Raises:
        UnknownName: its type or a key does not exist, with near misses.
        UsageError: a value is of the wrong kind, or a secret stands in the file.
    """
    here = f"{where}, [channel.{name}]".removeprefix(", ")
    if not isinstance(settings, dict):
        raise UsageError("alert-channel-table", where=here, channel=name)
    sort = str(settings.get("type", ""))
    if sort not in TYPES:
        raise UnknownName("alert-channel-type", "channel-type", sort, TYPES, here)
    given = {key: value for key, value in settings.items() if key != "type"}
    known = [field for field in TYPES[sort].__struct_encode_fields__ if field != "name"]
    for key in given:
        if key in _SECRETS or (key == "url" and sort == "chat"):
            raise UsageError("alert-channel-secret", where=here, key=key)
        if key not in known:
            raise UnknownName("alert-key", "channel-key", key, known, here)
    if "timeout" in given:
        given["timeout"] = _timeout(given["timeout"], here)
    _check_url(str(given.get("url", "")), here)
    try:
        return msgspec.convert({**given, "name": name}, TYPES[sort])
    except msgspec.ValidationError as error:
        raise UsageError("alert-channel-value", where=here, error=error) from error


def _timeout(value: Any, here: str) -> float:
    length = seconds(str(value))
    if not length:
        raise UsageError("alert-channel-timeout", where=here, received=value)
    return length


def _check_url(url: str, here: str) -> None:
    """Refuse an address with a password in it, or without a server."""
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError("alert-channel-url", where=here)
    if parts.password or parts.query:
        raise UsageError("alert-channel-url-secret", where=here)
