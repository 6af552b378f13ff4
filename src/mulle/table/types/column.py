"""What is known of one column; what was changed, left out or could not be decided in it."""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.notation import Notation

EXAMPLES = 3  # cells that a doubt or a row left out shows


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


class Doubt(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question that the cells of a column do not answer: it is asked, never guessed.

    Attributes:
        code: what is in doubt (`decimal-mark`, `date-order`, `percent-mixed`, ...).
        column: the column it is about.
        count: how many cells it touches.
        values: the evidence: cells, the readings they allow, and the `option` that decides.
    """

    code: str
    column: str = ""
    count: int = 0
    values: dict[str, Any] = {}


class LeftOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows, cells or a column that are not used, why, and the option that brings them back.

    Attributes:
        code: why (`blank-rows`, `total-rows`, `cells-missing`, `column-constant`, ...).
        column: the column it is about, "" for rows of the file.
        count: how many rows or cells.
        rows: the first few of them, counted from 1 below the header.
        values: the evidence: an example, an alone-score, the `option`.
    """

    code: str
    column: str = ""
    count: int = 0
    rows: tuple[int, ...] = ()
    values: dict[str, Any] = {}


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column: its kind with the reason, and the notation that its cells are written in.

    Attributes:
        name: as in the data, in NFC.
        kind: what it is.
        storage: how it is stored.
        reason: why it has this kind, a code (`all-unique`, `few-integers`, `given`, ...).
        values: the evidence for the reason.
        notation: how its cells are written, and so how new cells are read.
        categories: the order of an ordinal column; empty for all others.
        source: the column whose cells this one is derived from; "" for a column of the table.
    """

    name: str
    kind: Kind
    storage: Storage
    reason: str = ""
    values: dict[str, Any] = {}
    notation: Notation = Notation()
    categories: tuple[str, ...] = ()
    source: str = ""

    @property
    def as_stored(self) -> Column:
        """The column for numbers that were read before: they are in no unit that scales them."""
        if self.notation.scale == 1.0 or self.storage is not Storage.number:
            return self
        return msgspec.structs.replace(
            self, notation=msgspec.structs.replace(self.notation, scale=1.0)
        )
