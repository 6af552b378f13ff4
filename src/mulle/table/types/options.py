"""What a person decides about the reading of a table; all that is left open is found in the file.

Decisions about the file (encoding, delimiter, header, sheet) hold for one file. Decisions about
columns become part of their notation, and so of a model.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.notation import DECIDED, DateOrder, Decimal, Notation


class ColumnOptions(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True
):
    """What a person decides about one column; None and empty leave it to mulle.

    Attributes:
        kind: what it is.
        storage: how it is stored, given with a whole notation: that is then taken as it stands.
        order: the categories of an ordinal column, the lowest first.
        keep: whether it stays although mulle would leave it out (an identifier, a constant).
        fold_case: whether texts that differ in case alone are one.
        missing, not_missing: words that mean missing here, and usual words for it that do not.
        repairs, decimal, thousands, unit, scale, percent, dates, form: see `Notation`.
    """

    kind: Kind | None = None
    storage: Storage | None = None
    order: tuple[str, ...] = ()
    keep: bool = False
    fold_case: bool = False
    missing: tuple[str, ...] = ()
    not_missing: tuple[str, ...] = ()
    repairs: tuple[str, ...] | None = None
    decimal: Decimal | None = None
    thousands: str | None = None
    unit: str | None = None
    scale: float | None = None
    percent: str | None = None
    dates: DateOrder | None = None
    form: str | None = None

    @property
    def notation(self) -> Notation | None:
        """The notation as it stands; None where it is to be found, as for another kind."""
        if self.kind is None or self.storage is None:
            return None
        given = {name: getattr(self, name) for name in DECIDED}
        return msgspec.convert({k: v for k, v in given.items() if v is not None}, Notation)

    def for_its_kind(self) -> ColumnOptions:
        """Return what holds for the kind: repairs of another storage are to be found anew."""
        kind = self.kind or Kind.nominal
        if self.storage is None or self.storage is kind.storage or kind in _STORED_AS_FOUND:
            return self
        return msgspec.structs.replace(self, storage=None, repairs=None)


_STORED_AS_FOUND = {Kind.id, Kind.constant, Kind.image}
ANYTHING = ColumnOptions()


class ReadOptions(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True
):
    """What a person decides about the reading of a file and its columns.

    Attributes:
        encoding: of a text file.
        delimiter: the character between cells.
        skip: rows above the header.
        header: rows of the header; 0 where there is none.
        sheet: of a workbook, by name or position from 0.
        keep_rows: whether rows that are no data (blank, totals, notes) stay.
        repair: whether cells may be changed to be understood.
        decimal, dates: for all columns, see `Notation`.
        missing, not_missing: for all columns, see `ColumnOptions`.
        drop: columns to leave out.
        columns: decisions about single columns, by name.
    """

    encoding: str | None = None
    delimiter: str | None = None
    skip: int | None = None
    header: int | None = None
    sheet: str | int | None = None
    keep_rows: bool = False
    repair: bool = True
    decimal: Decimal | None = None
    dates: DateOrder | None = None
    missing: tuple[str, ...] = ()
    not_missing: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    columns: dict[str, ColumnOptions] = {}

    def asked_of(self, name: str) -> ColumnOptions:
        """Return what was decided about a column, by name or for all columns."""
        own = self.columns.get(name, ColumnOptions())
        return msgspec.structs.replace(
            own,
            repairs=own.repairs if self.repair or own.repairs is not None else (),
            decimal=own.decimal or self.decimal,
            dates=own.dates or self.dates,
            missing=(*self.missing, *own.missing),
            not_missing=(*self.not_missing, *own.not_missing),
        )

    def only(self, names: Iterable[str]) -> ReadOptions:
        """Return what was decided about some columns, and about the file."""
        kept = {*names}
        return msgspec.structs.replace(
            self,
            drop=tuple(name for name in self.drop if name in kept),
            columns={name: own for name, own in self.columns.items() if name in kept},
        )

    @property
    def leaves_file_to_mulle(self) -> bool:
        """Whether nothing was decided about the layout of the file."""
        layout = (self.encoding, self.delimiter, self.skip, self.header, self.sheet)
        return self.repair and not self.keep_rows and all(choice is None for choice in layout)


AS_MULLE_READS = ReadOptions()
