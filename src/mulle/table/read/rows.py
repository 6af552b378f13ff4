"""Rows for a prediction, in whatever form they are sent, each at its place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from mulle.errors import DataError, MulleError, PredictionError
from mulle.table.read.characters import half_character
from mulle.table.read.names import tidy_names
from mulle.table.read.sources import load, load_text
from mulle.table.reading import AS_IT_IS, Cells, Layout, Reading
from mulle.table.types import store
from mulle.table.types.column import Column, Doubt, LeftOut
from mulle.table.types.options import ReadOptions

_AS_FOUND = ReadOptions()
_PARTS = {
    "layout-encoding": "encoding",
    "layout-delimiter": "delimiter",
    "layout-header": "header",
    "layout-sheet": "sheet",
}
MAX_NAMED = 10  # columns in one sentence


@dataclass(frozen=True)
class NewRows:
    """Rows that came after training, each at its place.

    Attributes:
        frame: all rows below the header [N], as they were written; nothing stands in those that
            were left out.
        empty: whether each was left out [N], boolean; None where none was.
        reading: the layout of their file, what was changed, and what was left out.
        source: name of the file, for messages.
    """

    frame: pl.DataFrame
    empty: pl.Series | None = None
    reading: Reading = AS_IT_IS
    source: str = ""

    @classmethod
    def of(cls, cells: Cells) -> NewRows:
        """Put the rows of a file back in their places."""
        reading = Reading(
            layout=cells.layout,
            repairs=tuple(cells.repairs),
            left_out=tuple(cells.left_out),
            doubts=tuple(cells.doubts),
        )
        return cls(*cells.in_places(), reading, cells.source)

    def __len__(self) -> int:
        return self.frame.height

    @property
    def columns(self) -> list[str]:
        """Names of the columns, as they were written."""
        return self.frame.columns

    def iter_rows(self, *, named: bool) -> Iterator[dict[str, Any]]:
        """Yield the rows as dicts, as a frame does."""
        yield from self.frame.iter_rows(named=True)


def rows_of(rows: Any, columns: Sequence[Column], options: ReadOptions = _AS_FOUND) -> NewRows:
    """Read rows in any form; nothing at all gives a frame without rows.

    Args:
        rows: see `Schema.validate_rows`.
        columns: what rows without names would have.
        options: what a person has decided about the layout of the file.

    Raises:
        PredictionError: the rows are not a table.
        MissingFile: a path that is not there.

    >>> rows_of('{"columns": ["a", "b"], "data": [[1, "x"]]}', []).frame.rows()
    [(1, 'x')]
    """
    try:
        return NewRows.of(_cells(rows, columns, options))
    except UnicodeDecodeError as error:
        raise PredictionError("rows-not-utf8", reason=error.reason) from None
    except UnicodeEncodeError as error:
        raise half_character(error, PredictionError) from None
    except DataError as error:
        if error.code == "file-empty":
            return NewRows(no_rows(columns))
        raise as_prediction_error(error) from error
    except MulleError as error:
        if error.code in {
            "source-unknown",
            "array-without-names",
            "row-not-a-record",
            "columns-mixed",
        }:
            raise as_prediction_error(error) from error
        raise


def _cells(rows: Any, columns: Sequence[Column], options: ReadOptions) -> Cells:
    text = isinstance(rows, str) and not _is_path(rows)
    if isinstance(rows, (bytes, bytearray)):  # never a path: they may come from anywhere
        rows, text = bytes(rows).decode("utf-8-sig"), True
    if not text and not isinstance(rows, (str, os.PathLike)):
        return load(rows, options)

    def read(options: ReadOptions) -> Cells:
        if not text:
            return load(rows, options)
        if not rows.strip():
            return Cells(no_rows(columns))
        return load_text(rows, "", options)

    cells = read(options)
    if columns and options.header is None and not _shares_name(cells.frame, columns):
        again = read(msgspec.structs.replace(options, header=0))
        return _under_names(again, columns) or cells
    sure = tuple(doubt for doubt in cells.doubts if doubt.code != "header-unsure")
    return replace(cells, doubts=sure) if columns else cells


def _shares_name(frame: pl.DataFrame, columns: Sequence[Column]) -> bool:
    return not {*frame.columns}.isdisjoint(column.name for column in columns)


def _under_names(cells: Cells, columns: Sequence[Column]) -> Cells | None:
    """Give rows without a header the names of a model's columns; None where they are other rows.

    Their first row can then be read as what the columns are, and has at least one number or date,
    which few headers have.
    """
    names, frame = [column.name for column in columns], cells.frame
    if not {*names} <= {*frame.columns}:  # else the training table had no header either
        if frame.width != len(names) or not frame.height:
            return None
        frame = frame.rename(dict(zip(frame.columns, names, strict=True)))
        found = [store(frame[column.name].head(1), column) for column in columns]
        measured = [stored for stored, _, _ in found if stored.dtype != pl.String]
        if any(unread.any() for _, unread, _ in found) or not any(s.count() for s in measured):
            return None
    repairs = tuple(made for made in cells.repairs if made.code != "header-missing")
    told = Doubt("header-none", count=frame.width)
    return replace(cells, frame=frame, repairs=repairs, doubts=(told,))


def note_differences(
    reading: Reading, given: Sequence[str], known: Iterable[str], layout: Layout
) -> Reading:
    """Add to a reading what a person should know of rows that came after training.

    Args:
        reading: of the rows.
        given: names of their columns.
        known: names of the columns that are used.
        layout: of the training table.
    """
    now, told = reading.layout, {doubt.code for doubt in reading.doubts}
    if "header-none" in told:
        now = msgspec.structs.replace(now, header=layout.header)
    return msgspec.structs.replace(
        reading,
        left_out=(*reading.left_out, *_ignored(given, {*known})),
        doubts=(*reading.doubts, *_differences(layout, now)),
    )


def _ignored(given: Sequence[str], known: set[str]) -> list[LeftOut]:
    """Name the columns that a model does not know."""
    pairs = zip(given, tidy_names(given)[0], strict=True)
    extra = [name for name, tidy in pairs if not {name, tidy} & known]
    if not extra:
        return []
    return [LeftOut("columns-unknown", count=len(extra), values={"columns": extra[:MAX_NAMED]})]


def _differences(before: Layout, now: Layout) -> list[Doubt]:
    """Name what differs between the layouts of two files of one format."""
    if before.format != now.format:
        return []
    return [
        Doubt(code, values={"before": getattr(before, part), "after": getattr(now, part)})
        for code, part in _PARTS.items()
        if getattr(before, part) != getattr(now, part)
    ]


def _is_path(text: str) -> bool:
    """Tell whether a text names a file; tables have line breaks or brackets."""
    if "\n" in text or text.lstrip()[:1] in {"{", "["} or not text.strip():
        return False
    return os.sep in text or bool(Path(text).suffix) or Path(text).exists()


def no_rows(columns: Sequence[Column]) -> pl.DataFrame:
    """Return a frame that has columns and no rows."""
    return pl.DataFrame(schema={column.name: pl.String() for column in columns})


def as_prediction_error(error: MulleError, where: str = "") -> PredictionError:
    """Return the error of a reader as one of the rows that a caller sent."""
    return PredictionError(error.code, where=error.place or where, **error.values)
