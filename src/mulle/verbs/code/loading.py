"""How a script reads the table: by Polars alone where that gives the same cells, else from a copy.

Whether it does is not guessed: each column is read in the plain ways there are, and the one that
gives what the run has learned from, cell by cell, is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from mulle.table import Layout, Storage, Table
from mulle.verbs.code.values import write_value

_DATES = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
)
_COLUMN = "COLUMN"  # stands for the columns in an expression
_MAX_WORDS = 20  # for missing, in a column
_UTF8 = ("", "utf-8", "utf8", "utf-8-sig")


class Loading(NamedTuple):
    """The lines that read a table, and the copy that they need, if they need one."""

    lines: list[str]
    copy: pl.DataFrame | None = None


def load_directly(path: Path, layout: Layout, table: Table, names: list[str]) -> Loading | None:
    """Return lines that read some columns from the file itself; None where Polars reads others.

    Args:
        path: of the file.
        layout: where its cells stand.
        table: as the run has read it.
        names: of the columns that the script needs.
    """
    reader = _reader(path, layout)
    if reader is None or any(name.startswith("^") for name in names):
        return None
    try:
        raw = eval(reader, {"pl": pl})
    except (pl.exceptions.PolarsError, OSError, LookupError, UnicodeError):
        return None
    if raw.height != table.height or not set(names) <= set(raw.columns):
        return None
    words, casts = {}, {}
    for name in names:
        found = _reading_of(name, raw[name], table.column(name), table.schema[name].storage)
        if found is None:
            return None
        missing, casts[name] = found
        if missing:
            words[name] = missing
    if words:
        reader = f"{reader[:-1]}, null_values={write_value(words)})"
    return Loading([f"table = {reader}", *_casts(casts)])


def load_copy(path: str, table: Table, names: list[str]) -> Loading:
    """Return the lines that read a copy of the cells, and the copy."""
    frame = pl.DataFrame([table.frame[name] for name in names])
    return Loading([f"table = pl.read_parquet({write_value(path)})"], frame)


def _reader(path: Path, layout: Layout) -> str | None:
    name = write_value(path.as_posix())
    if layout.format == "parquet":
        return f"pl.read_parquet({name})"
    if layout.format != "csv" or layout.header != 1 or not path.is_file():
        return None
    options = ["infer_schema=False"]
    if layout.delimiter not in {"", ","}:
        options.append(f"separator={write_value(layout.delimiter)}")
    if layout.quote not in {"", '"'}:
        options.append(f"quote_char={write_value(layout.quote)}")
    if layout.skip:
        options.append(f"skip_lines={layout.skip}")
    if layout.encoding.lower() not in _UTF8:
        options.append(f"encoding={write_value(layout.encoding)}")
    return f"pl.read_csv({', '.join([name, *options])})"


def _reading_of(
    name: str, raw: pl.Series, stored: pl.Series, storage: Storage
) -> tuple[list[str], str] | None:
    """Return the words for missing of a column and the expression that reads the others."""
    missing: list[str] = []
    if raw.dtype == pl.String:
        missing = sorted(raw.filter(stored.is_null() & raw.is_not_null()).unique().to_list())
        if len(missing) > _MAX_WORDS:
            return None
        raw = raw.set(raw.is_in(missing).fill_null(value=False), None) if missing else raw
    for expression in _expressions(raw, stored, storage):
        try:
            found = pl.DataFrame([raw.alias(name)]).select(_evaluated(expression, [name]))
        except pl.exceptions.PolarsError:
            continue
        column = found.to_series().alias("")
        if column.dtype == stored.dtype and column.equals(stored, null_equal=True):
            return missing, expression
    return None


def _expressions(raw: pl.Series, stored: pl.Series, storage: Storage) -> Iterator[str]:
    """Yield the plain ways to read a column, the plainest first."""
    written = raw.dtype == pl.String
    if storage is Storage.string:
        yield _COLUMN
        yield f"{_COLUMN}.str.strip_chars()" if written else f"{_COLUMN}.cast(pl.String)"
    elif storage is Storage.date:
        yield _COLUMN
        for form in _DATES if written else ():
            yield f'{_COLUMN}.str.to_datetime("{form}", time_unit="us")'
        yield f'{_COLUMN}.cast(pl.Datetime("us"))'
    else:
        yield f"{_COLUMN}.cast(pl.Float64)"
        if written:
            yield f"{_COLUMN}.str.strip_chars().cast(pl.Float64)"
            yield f'{_COLUMN}.str.replace_all(",", "").cast(pl.Float64)'
            yield from _as_words(raw, stored)


def _as_words(raw: pl.Series, stored: pl.Series) -> Iterator[str]:
    """Yield the reading of a few words as numbers, as of yes and no."""
    pairs = pl.DataFrame([raw.alias("word"), stored.alias("value")]).drop_nulls().unique()
    if 0 < pairs.height <= _MAX_WORDS:
        words = dict(sorted(zip(pairs["word"].to_list(), pairs["value"].to_list(), strict=True)))
        yield f"{_COLUMN}.replace_strict({write_value(words)}, return_dtype=pl.Float64)"


def _casts(expressions: dict[str, str]) -> list[str]:
    """Return the lines that bring columns into their types, those that are alike together."""
    alike: dict[str, list[str]] = {}
    for name, expression in expressions.items():
        alike.setdefault(expression, []).append(name)
    alike.pop(_COLUMN, None)
    if not alike:
        return []
    lines = [f"    {_written(expression, names)}," for expression, names in alike.items()]
    return ["table = table.with_columns(", *lines, ")"]


def _written(expression: str, names: Iterable[str]) -> str:
    """Return an expression as it is written for some columns."""
    listed = ", ".join(map(write_value, names))
    return expression.replace(_COLUMN, f"pl.col({listed})")


def _evaluated(expression: str, names: Iterable[str]) -> pl.Expr:
    """Return the expression that a script writes."""
    found: pl.Expr = eval(_written(expression, names), {"pl": pl})
    return found
