"""Columns that must not be read in a log: left out, or replaced by a keyed hash.

    hashed = BLAKE2b(key = salt, value as JSON), 12 bytes in hexadecimal

Equal values stay equal, so a hashed column can still be grouped and joined; without the salt nobody
can try out names or telephone numbers until one fits.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import Any

import msgspec

from mulle.errors import UsageError
from mulle.verbs.watch.log.entry import to_plain

SALT = "MULLE_LOG_SALT"


class Redaction(msgspec.Struct, frozen=True):
    """Columns that are dropped or hashed before rows touch the disk; predictions stay as they are.

    Attributes:
        drop: columns that are left out.
        hash: columns whose values are replaced by a keyed hash; missing stays missing.
        salt_env: environment variable with the key of the hash.
    """

    drop: tuple[str, ...] = ()
    hash: tuple[str, ...] = ()
    salt_env: str = SALT

    def __bool__(self) -> bool:
        return bool(self.drop or self.hash)

    def salt(self) -> bytes:
        """Return the key of the hash.

        Raises:
            UsageError: columns are to be hashed and the variable is not set.
        """
        value = os.environ.get(self.salt_env, "")
        if self.hash and not value:
            raise UsageError("log-salt", columns=self.hash, variable=self.salt_env)
        # A key of BLAKE2b has 64 bytes at most; a longer text is hashed down to that.
        return blake2b(value.encode("utf-8", "surrogateescape")).digest()

    def apply(self, row: dict[str, Any], salt: bytes) -> dict[str, Any]:
        """Return a row as it may be written.

        >>> Redaction(drop=("name",), hash=("city",)).apply(
        ...     {"name": "Kim", "city": "Seoul", "age": 31}, b"pepper")
        {'city': 'd3221b093bdd2acef5850e9a', 'age': 31}
        """
        kept = {name: value for name, value in row.items() if name not in self.drop}
        for name in self.hash:
            if kept.get(name) is not None:
                kept[name] = _hashed(kept[name], salt)
        return kept


def _hashed(value: Any, salt: bytes) -> str:
    data = msgspec.json.encode(value, enc_hook=to_plain)
    return blake2b(data, key=salt, digest_size=12).hexdigest()
