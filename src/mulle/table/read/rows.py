"""Rows for a prediction, in whatever form they are sent, as one frame."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from mulle.errors import DataError, MulleError, PredictionError
from mulle.table.read.sources import load, load_text
from mulle.table.types.options import ReadOptions


def rows_of(rows: Any, names: Sequence[str]) -> pl.DataFrame:
    """Read rows in any form as a frame; nothing at all gives a frame without rows.

    Args:
        rows: see `Schema.validate_rows`.
        names: the columns that rows without names would have.

    Raises:
        PredictionError: the rows are not a table.
        MissingFile: a path that is not there.

    >>> rows_of('{"columns": ["a", "b"], "data": [[1, "x"]]}', ["a", "b"]).rows()
    [(1, 'x')]
    """
    try:
        text = isinstance(rows, str) and not _is_path(rows)
        if isinstance(rows, (bytes, bytearray)):  # never a path: they may come from anywhere
            rows, text = bytes(rows).decode("utf-8-sig"), True
        if text:
            return load_text(rows).frame if rows.strip() else no_rows(names)
        return load(rows, ReadOptions()).frame
    except UnicodeDecodeError as error:
        raise PredictionError("rows-not-utf8", reason=error.reason) from None
    except DataError as error:
        if error.code == "file-empty":
            return no_rows(names)
        raise as_prediction_error(error) from error
    except MulleError as error:
        if error.code in {"source-unknown", "row-not-a-record", "columns-mixed"}:
            raise as_prediction_error(error) from error
        raise


def _is_path(text: str) -> bool:
    """Tell whether a text names a file; tables have line breaks or brackets."""
    if "\n" in text or text.lstrip()[:1] in {"{", "["} or not text.strip():
        return False
    return os.sep in text or bool(Path(text).suffix) or Path(text).exists()


def no_rows(names: Sequence[str]) -> pl.DataFrame:
    """Return a frame that has columns and no rows."""
    return pl.DataFrame(schema=dict.fromkeys(names, pl.String()))


def as_prediction_error(error: MulleError, where: str = "") -> PredictionError:
    """Return the error of a reader as one of the rows that a caller sent."""
    return PredictionError(error.code, where=error.place or where, **error.values)
