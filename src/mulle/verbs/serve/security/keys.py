"""The file of API keys: who may ask for what, until when; never a key itself.

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
    """What is kept of a key.

    Attributes:
        name: of its owner, as logs tell it.
        sha256: of the key, in hexadecimal digits.
        scopes: what it may ask for.
        created, expires: moments in UTC; no `expires`: it is good until it is revoked.
    """

    name: str
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None = None

    @property
    def id(self) -> str:
        """What it is called where names may repeat."""
        return self.sha256[:12]

    def expired(self, now: float) -> bool:
        """Whether its time was over at a moment, in seconds since 1970."""
        return self.expires is not None and self.expires.timestamp() <= now


class _File(msgspec.Struct):
    keys: list[Key] = []


def digest(secret: str) -> bytes:
    """What a key is looked up by."""
    return hashlib.sha256(secret.encode()).digest()


def read_keys(path: Path) -> list[Key]:
    """All keys of a file.

    Raises:
        UsageError: there is no such file, or it holds something else.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_File).keys
    except OSError as error:
        raise UsageError("keys-missing", path=path, strerror=error.strerror) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError("keys-broken", path=path, error=error) from error


def new_key(path: Path, name: str, scopes: tuple[str, ...], expires: str = "") -> tuple[str, Key]:
    """Make a key and add it to the file; the key itself is in the answer and nowhere else.

    Args:
        expires: after `90d`, `12h`, `30m` or `2w`; "": never.

    Raises:
        UsageError: the name is taken or no name, or a scope or the time is not understood.
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
    """Take a key out, by its name or id; running servers refuse it within a second.

    Raises:
        UnknownName: there is no such key.
    """
    keys = read_keys(path)
    found = next((key for key in keys if wanted in (key.name, key.id)), None)
    if found is None:
        raise UnknownName("key-unknown", "key", wanted, [key.name for key in keys], str(path))
    _write(path, [key for key in keys if key is not found])
    return found


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
    """Only the owner may read it, from its first byte on."""
    data: Any = msgspec.toml.encode(_File(keys))
    try:
        with replacing(path) as file:
            os.chmod(file.name, 0o600)
            file.write(b"# Keys of `mulle serve --keys`, as SHA-256; see `mulle keys --help`.\n")
            file.write(data)
    except OSError as error:
        raise RunError("keys-unwritable", path=path, error=error) from error
