"""Read a table from a file or a frame: decode, parse, repair, infer kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from mulle.errors import MissingFile
from mulle.table.kinds import Kind, Storage
from mulle.table.schema import Column, Schema, Table


def read(source: Any) -> Table:
    """Read a table."""
    if isinstance(source, pl.DataFrame):
        return _table(source, "frame")
    path = Path(source)
    if not path.exists():
        raise MissingFile("file-missing", f"There is no file {path}.", fix="Check the path.")
    frame = (
        pl.read_parquet(path)
        if path.suffix == ".parquet"
        else pl.read_csv(path, infer_schema_length=None, try_parse_dates=True)
    )
    return _table(frame, str(path))


def _table(frame: pl.DataFrame, source: str) -> Table:
    columns = tuple(_column(frame[name]) for name in frame.columns)
    schema = Schema(columns)
    return Table(schema.conform(frame).frame, schema, source=source)


def _column(values: pl.Series) -> Column:
    kind, reason = _kind(values)
    storage = Kind.continuous.storage if values.dtype.is_numeric() else kind.storage
    return Column(values.name, kind, storage, reason)


def _kind(values: pl.Series) -> tuple[Kind, str]:
    distinct = values.n_unique()
    if distinct - bool(values.null_count()) <= 1:
        return Kind.constant, "one-value"
    if values.dtype.is_temporal():
        return Kind.datetime, "dtype"
    if values.dtype == pl.Boolean:
        return Kind.boolean, "dtype"
    if values.dtype.is_numeric():
        if values.name == "rownames":
            return Kind.id, "all-unique"
        integers = values.dtype.is_integer()
        return (Kind.discrete, "few-integers") if integers else (Kind.continuous, "dtype")
    lengths = values.str.len_chars().mean()
    if distinct > 0.5 * len(values) and isinstance(lengths, float) and lengths > 15:
        return Kind.text, "long"
    return Kind.nominal, "strings"


__all__ = ["Storage", "read"]
