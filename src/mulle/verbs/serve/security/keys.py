"""The file of API keys: the hash of each key with its name, scopes and expiry; never a key itself.

A key is `mulle_` and 32 random bytes, so nobody can guess one, and a plain SHA-256 is enough to
keep it by: slow hashes guard words that people choose, of which there are few.

catalogue  srv-auth
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec

from mulle.errors import RunError, UnknownName, UsageError
from mulle.files import replacing
from mulle.times import length

PREFIX = "mulle_"
SCOPES = ("predict", "feedback", "admin")
_NAME = re.compile(r"[\w.@-]{1,64}")


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """The entry of a key in the file.

    Attributes:
        name: name of the owner, which stands in logs.
        sha256: SHA-256 of the key, in hexadecimal digits.
        scopes: kinds of requests that are allowed with the key.
        created: when the key was made, in UTC.
        expires: when the key expires, in UTC; None for never.
    """

    name: str
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None = None

    @property
    def id(self) -> str:
        """Short id, which is unique where names repeat."""
        return self.sha256[:12]

    def has_expired(self, now: float) -> bool:
        """Return whether the key had expired at a moment, in seconds since 1970."""
        return self.expires is not None and self.expires.timestamp() <= now


class _File(msgspec.Struct):
    keys: list[Key] = []


def digest(secret: str) -> bytes:
    """Return the SHA-256 that a key is looked up by."""
    return hashlib.sha256(secret.encode()).digest()


def read_keys(path: Path) -> list[Key]:
    """Return the keys of a file.

    Raises:
        UsageError: there is no such file, or it is not a file of keys.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_File).keys
    except OSError as error:
        raise UsageError("keys-missing", path=path, strerror=error.strerror) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError("keys-broken", path=path, error=error) from error


def new_key(path: Path, name: str, scopes: tuple[str, ...], expires: str = "") -> tuple[str, Key]:
    """Make a key and add it to the file; the key itself is returned and kept nowhere.

    Args:
        path: file of keys, made if absent.
        name: name of the owner: up to 64 letters, digits and `. _ - @`.
        scopes: names in `SCOPES`.
        expires: length of time, such as `90d`, `12h`, `30m` or `2w`; "" for never.

    Returns:
        The key, and its entry in the file.

    Raises:
        UsageError: the name is taken or not allowed, there is no scope, or the time cannot be read.
        UnknownName: there is no such scope.
        RunError: the file cannot be written.
    """
    keys = read_keys(path) if path.exists() else []
    _check(name, scopes, keys)
    secret = PREFIX + secrets.token_urlsafe(32)
    now = datetime.now(UTC).replace(microsecond=0)
    until = now + timedelta(seconds=length(expires, "--expires")) if expires else None
    key = Key(name, digest(secret).hex(), tuple(dict.fromkeys(scopes)), now, until)
    _write(path, [*keys, key])
    return secret, key


def revoke(path: Path, wanted: str) -> Key:
    """Remove a key by its name or id, and return it; running servers refuse it within a second.

    Raises:
        UnknownName: there is no such key.
    """
    keys = read_keys(path)
    revoked = next((key for key in keys if wanted in (key.name, key.id)), None)
    if revoked is None:
        raise UnknownName("key-unknown", "key", wanted, [key.name for key in keys], str(path))
    _write(path, [key for key in keys if key is not revoked])
    return revoked


def _check(name: str, scopes: tuple[str, ...], keys: list[Key]) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError("key-name", name=name[:80])
    if any(key.name == name for key in keys):
        raise UsageError("key-named-twice", name=name)
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownName("scope-unknown", "scope", scope, SCOPES)
    if not scopes:
        raise UsageError("scope-none")


def _write(path: Path, keys: list[Key]) -> None:
    """Write the file so that only its owner may ever read it."""
    data: Any = msgspec.toml.encode(_File(keys))
    try:
        with replacing(path) as file:
            os.chmod(file.name, 0o600)
            file.write(b"# Keys of `mulle serve --keys`, as SHA-256; see `mulle keys --help`.\n")
            file.write(data)
    except OSError as error:
        raise RunError("keys-unwritable", path=path, error=error) from error
