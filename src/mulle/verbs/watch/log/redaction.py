"""Columns that must not be read in a log: left out, or replaced by a keyed hash.

    hashed = BLAKE2b(key = salt, value as JSON), 12 bytes in hexadecimal

Equal values stay equal, so a hashed column can still be grouped and joined; without the salt nobody
can try out names or telephone numbers until one fits.

Names are compared as tables have them, see `tidy_name`. Columns that no model reads are left out,
unless they are asked for: nobody knows what callers put there. What is asked for is compared more
loosely, because a name that is only like a hidden one (of another case or width) hides the same.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from mulle.errors import UnknownName, UsageError
from mulle.table.read.names import tidy_name
from mulle.verbs.watch.log.entry import to_plain

SALT = "MULLE_LOG_SALT"
_LONG = 4_096  # characters of the names of a row above which no plan is remembered
Plan = tuple[tuple[str, str, Literal["keep", "hash"]], ...]


class Redaction(msgspec.Struct, frozen=True):
    """Columns that are dropped or hashed before rows touch the disk; predictions stay as they are.

    Attributes:
        drop: columns that are left out.
        hash: columns whose values are replaced by a keyed hash; missing stays missing.
        salt_env: environment variable with the key of the hash.
        keep_unknown: whether columns are kept that no model reads.
    """

    drop: tuple[str, ...] = ()
    hash: tuple[str, ...] = ()
    salt_env: str = SALT
    keep_unknown: bool = False

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

    def check(self, known: Collection[str]) -> None:
        """Refuse names that no model has: a slip would write the column that it meant to hide.

        Args:
            known: the columns of all models.

        Raises:
            UnknownName: there is no such column.
        """
        for name in (*self.drop, *self.hash):
            if tidy_name(name) not in known:
                raise UnknownName("log-column-unknown", "column", name, sorted(known))

    def hides(self, column: str) -> bool:
        """Return whether the values of a column must not be read."""
        return _loose(column) in _loosely((*self.drop, *self.hash))

    def apply(
        self, row: dict[str, Any], salt: bytes, known: frozenset[str] | None = None
    ) -> dict[str, Any]:
        """Return a row as it may be written.

        Args:
            row: the row.
            salt: see `salt`.
            known: columns that the models read; None where every column is to be kept.

        >>> Redaction(drop=("name",), hash=("city",)).apply(
        ...     {"name": "Kim", "city": "Seoul", "age": 31}, b"pepper")
        {'city': 'd3221b093bdd2acef5850e9a', 'age': 31}
        >>> Redaction().apply({"age ": 31, "remark": "..."}, b"", frozenset({"age"}))
        {'age': 31}
        """
        if not self and (known is None or row.keys() <= known):
            return row
        names = tuple(row)
        plan = (_plan if sum(map(len, names)) <= _LONG else _plan.__wrapped__)(self, names, known)
        return {
            out: _hashed(row[name], salt) if how == "hash" and row[name] is not None else row[name]
            for name, out, how in plan
        }


@lru_cache(64)
def _plan(redaction: Redaction, names: tuple[str, ...], known: frozenset[str] | None) -> Plan:
    """Return what is written of rows with these names: their name, the name written, and how.

    Of two names that are one when tidy, the one that is written so already counts.
    """
    drop, hashed = set(map(tidy_name, redaction.drop)), set(map(tidy_name, redaction.hash))
    loose_drop, loose_hash = _loosely(redaction.drop), _loosely(redaction.hash)
    plan: dict[str, tuple[str, str, Literal["keep", "hash"]]] = {}
    for name in names:
        tidy = tidy_name(name)
        if known is not None and tidy in known:
            hidden, masked, out = tidy in drop, tidy in hashed, tidy
        elif known is None or redaction.keep_unknown:
            hidden, masked = _loose(name) in loose_drop, _loose(name) in loose_hash
            out = name if known is None else tidy
        else:
            continue
        if not hidden and (out not in plan or out == name):
            plan[out] = name, out, "hash" if masked else "keep"
    return tuple(plan.values())


def _loose(name: str) -> str:
    return unicodedata.normalize("NFKC", tidy_name(name)).casefold()


@lru_cache(16)
def _loosely(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_loose, names))


def _hashed(value: Any, salt: bytes) -> str:
    data = msgspec.json.encode(value, enc_hook=to_plain)
    return blake2b(data, key=salt, digest_size=12).hexdigest()
