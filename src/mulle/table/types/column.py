"""What is known of one column, and what was changed in it: plain data that a bundle carries."""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.table.types.kinds import Kind, Storage


class Repair(msgspec.Struct, frozen=True, omit_defaults=True):
    """A change made while reading: listed, counted, undoable.

    Attributes:
        code: what sort of repair (`decoded`, `thousands`, `missing-token`, ...).
        column: the column it was made in, "" for the whole file.
        count: how many values changed.
        values: the evidence: the encoding, an example before and after.
    """

    code: str
    column: str = ""
    count: int = 0
    values: dict[str, Any] = {}


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column: its kind with the reason, and the repairs that new rows need as well.

    Attributes:
        name: as in the data, in NFC.
        kind: what it is.
        storage: how it is stored.
        reason: why it has this kind, a code (`all-unique`, `few-integers`, `given`, ...).
        values: the evidence for the reason.
        repairs: codes of the repairs that are applied to each new value, in order; empty where
            nothing was to be repaired.
        categories: the order of an ordinal column; empty for all others.
    """

    name: str
    kind: Kind
    storage: Storage
    reason: str = ""
    values: dict[str, Any] = {}
    repairs: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
