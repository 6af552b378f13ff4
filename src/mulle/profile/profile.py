"""The profile of a table: one profile a column, to be shown, shipped and compared.

As Arrow bytes it is one row a column (`SCHEMA`), readable by anything that reads Arrow IPC files;
the parts that a column does not have are null.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from mulle.errors import BundleError, DataError
from mulle.profile.columns import AnyProfile, profile_column
from mulle.table import Table

VERSION = 1
_MAX_NAMED = 5  # columns that a refusal names
#: what reading damaged bytes may raise; a panic of Polars' reader is no ordinary Exception
_DAMAGE = (
    pl.exceptions.PanicException,
    pl.exceptions.PolarsError,
    msgspec.ValidationError,
    OSError,
    LookupError,
    TypeError,
    ValueError,
)

_MOMENTS = pl.Struct(
    {"n": pl.Int64, **dict.fromkeys(("mean", "m2", "m3", "m4", "min", "max"), pl.Float64)}
)
_TALLY = pl.Struct(
    {
        "numbers": pl.List(pl.Float64),
        "strings": pl.List(pl.String),
        "counts": pl.List(pl.Int64),
        "distinct": pl.Int64,
        "exact": pl.Boolean,
        "slack": pl.Int64,
    }
)
SCHEMA: dict[str, Any] = {
    "version": pl.Int64,
    "type": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "count": pl.Int64,
    "missing": pl.Int64,
    "tally": _TALLY,
    "moments": _MOMENTS,
    "histogram": pl.Struct({"edges": pl.List(pl.Float64), "counts": pl.List(pl.Int64)}),
    "quantiles": pl.Struct(
        {"values": pl.List(pl.Float64), "weights": pl.List(pl.Int64), "variance": pl.Float64}
    ),
    "zeros": pl.Int64,
    "infinite": pl.Int64,
    "characters": _MOMENTS,
    "words": _MOMENTS,
    "empty": pl.Int64,
}


@dataclass(frozen=True)
class Profile:
    """The profiles of a table's columns by name, in order."""

    columns: Mapping[str, AnyProfile]

    @classmethod
    def of(cls, table: Table, like: Profile | None = None) -> Profile:
        """Return the profile of a table, made in one pass.

        Args:
            table: any.
            like: its histograms' edges are used, so that the two can be laid over each other.

        >>> import mulle
        >>> table = mulle.read(pl.DataFrame({"x": [1.5, 2.5, None], "s": ["b", "a", "b"]}))
        >>> profile = Profile.of(table)
        >>> profile.columns["x"].missing, profile.columns["s"].tally.values
        (1, ['b', 'a'])
        """
        edges = {} if like is None else like._edges()
        return cls(
            {
                c.name: profile_column(c, table.column(c.name), edges.get(c.name))
                for c in table.schema.columns
            }
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return max((c.count for c in self.columns.values()), default=0)

    def merge(self, other: Profile) -> Profile:
        """Return the profile of the rows of both.

        Raises:
            DataError: the two are not of the same columns.
        """
        here, there = ({n: type(c).__name__ for n, c in p.columns.items()} for p in (self, other))
        if here != there:
            odd = sorted(n for n in here.keys() | there.keys() if here.get(n) != there.get(n))
            raise DataError("profiles-differ", count=len(odd), columns=odd[:_MAX_NAMED])
        merged: dict[str, Any] = {}
        for name, column in self.columns.items():
            two: Any = other.columns[name]
            merged[name] = column.merge(two)
        return Profile(merged)

    def to_arrow_bytes(self) -> bytes:
        """Return the profile as an Arrow IPC file, which other tools can read too."""
        rows = [_row(c) for c in self.columns.values()]
        file = io.BytesIO()
        pl.DataFrame(rows, schema=SCHEMA).write_ipc(file)
        return file.getvalue()

    @classmethod
    def from_arrow_bytes(cls, data: bytes) -> Profile:
        """Read a profile that `to_arrow_bytes` wrote.

        Raises:
            BundleError: the bytes are damaged, or of a later version.
        """
        try:
            frame = pl.read_ipc(io.BytesIO(data))
            version = max(frame["version"].to_list(), default=VERSION)
            if version <= VERSION:
                return cls({row["name"]: _column(row) for row in frame.to_dicts()})
        except _DAMAGE as error:
            raise BundleError("profile-damaged", error=error) from error
        raise BundleError("profile-too-new", version=version, supported=VERSION)

    def _edges(self) -> dict[str, list[float]]:
        found = ((n, getattr(c, "histogram", None)) for n, c in self.columns.items())
        return {name: h.edges for name, h in found if h is not None and h.edges}


def _row(column: AnyProfile) -> dict[str, Any]:
    row = msgspec.to_builtins(column)
    sort = "strings" if row["type"] == "string" else "numbers"
    row["tally"][sort] = row["tally"].pop("values")
    return {"version": VERSION, **row}


def _column(row: dict[str, Any]) -> AnyProfile:
    row = {key: value for key, value in row.items() if value is not None}
    row["tally"]["values"] = row["tally"]["strings" if row["type"] == "string" else "numbers"]
    column: AnyProfile = msgspec.convert(row, AnyProfile)
    return column
