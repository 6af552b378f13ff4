"""Frames of any library, and Python values in rows or columns, as one Polars frame.

A library is known by the module of the object's type, so that none is imported that the caller
does not already use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import polars as pl

from mulle.errors import DataError, UsageError
from mulle.table.read.characters import whole_characters
from mulle.table.read.names import tidy_names
from mulle.table.read.plain import to_plain_values
from mulle.table.types.column import Repair


class _Columns(NamedTuple):
    """Columns under the names that they had, of which some may be the same."""

    names: list[str]
    values: list[pl.Series]
    repairs: tuple[Repair, ...] = ()


def frame_of(source: Any, *, repair: bool = True) -> tuple[pl.DataFrame, list[Repair]] | None:
    """Convert a frame, or rows or columns in Python, to Polars; None for anything else.

    >>> frame_of([{"a": 1}, {"b": "x"}])[0].to_dicts()
    [{'a': 1, 'b': None}, {'a': None, 'b': 'x'}]
    """
    library = type(source).__module__.partition(".")[0]
    if library in _LIBRARIES:
        return _tidy(_LIBRARIES[library](source), repair=repair)
    if isinstance(source, Mapping):
        return _tidy(_mapping(source), repair=repair)
    if library == "numpy" and source.dtype.names:
        return _tidy(_mapping({name: source[name] for name in source.dtype.names}), repair=repair)
    if hasattr(source, "__arrow_c_stream__"):  # of any library that hands tables on by Arrow
        return _tidy(_polars(pl.DataFrame(source)), repair=repair)
    if isinstance(source, Sequence) and not isinstance(source, (str, bytes)):
        return _tidy(_records(source), repair=repair)
    return None


def holds_columns(rows: Mapping[Any, Any]) -> bool:
    """Tell whether a dict is a table of columns, rather than one row.

    >>> holds_columns({"a": [1, 2], "b": pl.Series([3, 4])}), holds_columns({"a": 1, "b": "xy"})
    (True, False)
    """
    return bool(rows) and all(_is_column(v) and getattr(v, "ndim", 1) != 0 for v in rows.values())


def as_row(source: Any, names: Collection[str]) -> Any:
    """Return a row of a pandas frame, which is a Series, as a dict; anything else as it is.

    Args:
        source: anything.
        names: of columns; a Series without any of them in its index is no row.
    """
    if type(source).__module__.partition(".")[0] != "pandas" or source.ndim != 1:
        return source
    found = source.to_dict()
    return source if found.keys().isdisjoint(names) else found


def few_rows(source: Any, most: int) -> dict[str, list[Any]] | None:
    """Return the columns of a small frame as Python values; None for all that needs more care.

    Args:
        source: anything; a frame of any library of at most `most` rows is taken.

    >>> few_rows(pl.DataFrame({"a": [1, None]}), 2)
    {'a': [1, None]}
    """
    library = type(source).__module__.partition(".")[0]
    if library not in _LIBRARIES or len(getattr(source, "shape", ())) != 2:
        return None
    if not 0 < source.shape[0] <= most or not source.shape[1]:
        return None
    if library == "pandas":
        return _few_of_pandas(source)
    columns = _LIBRARIES[library](source)
    if any(values.dtype.is_nested() or values.dtype in _CARE for values in columns.values):
        return None
    try:
        found = {name: v.to_list() for name, v in zip(columns.names, columns.values, strict=True)}
    except (ValueError, OverflowError):  # dates that Python has not
        return None
    return found if len(found) == len(columns.names) else None


def _few_of_pandas(frame: Any) -> dict[str, list[Any]] | None:
    names = frame.columns.tolist()
    plain_names = all(type(name) is str for name in names) and len({*names}) == len(names)
    if not plain_names or not _counts_rows(frame.index):
        return None
    types = frame.dtypes.tolist()
    if not all(t.kind in "biufMO" or t.name in _PANDAS_TEXT for t in types):
        return None
    if any(type(t).__name__ in _PANDAS_CARE for t in types):
        return None
    rows = frame.to_numpy(dtype=object).tolist()
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def column_of(values: Iterable[Any]) -> pl.Series:
    """Convert Python values of any sort to one column; a mixture becomes text.

    Raises:
        DataError: a text holds half of a character.

    >>> column_of([1, None, "x"]).to_list()
    ['1', None, 'x']
    """
    with whole_characters():
        return _column_of(values)


def _column_of(values: Iterable[Any]) -> pl.Series:
    values = to_plain_values(values)
    sorts = {*map(type, values)} - {type(None)}
    if sorts <= {int} or sorts <= {int, float, bool}:
        return _numbers(values, whole=sorts == {int}, truth=sorts == {bool})
    if any(_is_deep(value) for value in values):
        values = [_text(value) for value in values]
    elif len(sorts) > 1 or not sorts <= {str}:
        try:
            return _flatten_type(pl.Series(values, strict=len(sorts) > 1))
        except (TypeError, OverflowError, pl.exceptions.PolarsError):
            values = [_text(value) for value in values]
    return pl.Series(values, dtype=pl.String)


def _is_deep(value: Any, levels: int = 8) -> bool:
    """Tell whether lists lie so deep in lists that Polars would take time cubic in the depth."""
    if not isinstance(value, (list, tuple, dict)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return not levels or any(_is_deep(one, levels - 1) for one in inner)


def _numbers(values: list[Any], *, whole: bool, truth: bool) -> pl.Series:
    if truth or not any(v is not None for v in values):
        return pl.Series(values, dtype=pl.Boolean if truth else pl.Null)
    if whole and all(v is None or -(2**63) <= v < 2**63 for v in values):
        return pl.Series(values, dtype=pl.Int64)
    if whole:
        return pl.Series([None if v is None else str(v) for v in values], dtype=pl.String)
    return pl.Series([None if v is None else _float(v) for v in values], dtype=pl.Float64)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, UnicodeError):
        return str(value)


def _flatten_type(values: pl.Series) -> pl.Series:
    if values.dtype.is_nested() or values.dtype in (pl.Object, pl.Unknown):
        return pl.Series(values.name, [_text(v) for v in values.to_list()], dtype=pl.String)
    if values.dtype == pl.Binary:
        return _from_bytes(values)
    return values


def _from_bytes(values: pl.Series) -> pl.Series:
    try:
        return values.cast(pl.String)
    except pl.exceptions.PolarsError:
        raise DataError("column-binary", column=values.name) from None


def _tidy(columns: _Columns, *, repair: bool) -> tuple[pl.DataFrame, list[Repair]]:
    names, made = tidy_names(columns.names, repair=repair)
    made = [*columns.repairs, *made]
    frame = []
    for name, values in zip(names, columns.values, strict=True):
        frame.append(_flatten_type(values).alias(name))
        if values.dtype.is_nested():
            made.append(Repair("nested-as-json", name, len(values) - values.null_count()))
    return pl.DataFrame(frame), made


def _mapping(source: Mapping[Any, Any]) -> _Columns:
    if set(source) in ({"columns", "data"}, {"columns", "data", "index"}):
        return _split(source["columns"], source["data"], source.get("index"))
    values = list(source.values())
    if not any(_is_column(v) for v in values):
        return _records([source])
    if not all(_is_column(v) for v in values):
        raise UsageError("columns-mixed")
    lengths = {str(name): len(v) for name, v in source.items()}
    if len(set(lengths.values())) > 1:
        raise DataError("columns-unequal", lengths=[f"{name}: {n}" for name, n in lengths.items()])
    return _Columns([str(name) for name in source], [_series(v) for v in values])


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, (str, bytes, bytearray, Mapping))


def _series(values: Any) -> pl.Series:
    if isinstance(values, pl.Series):
        return values
    return column_of(values.tolist() if hasattr(values, "tolist") else values)


def _split(columns: Any, data: Any, index: Any) -> _Columns:
    names = [_name(name) for name in columns]
    wrong = next((i for i, row in enumerate(data, 1) if len(row) != len(names)), 0)
    if wrong:
        raise DataError(
            "json-rows-ragged", row=wrong, cells=len(data[wrong - 1]), columns=len(names)
        )
    values = [column_of(row[i] for row in data) for i in range(len(names))]
    if isinstance(index, list) and len(index) == len(data) and not _are_numbers(index):
        return _with_index(["index"], [column_of(index)], _Columns(names, values))
    return _Columns(names, values)


def _are_numbers(index: Sequence[Any]) -> bool:
    """Tell whether the names of rows are mere numbers, which count them."""
    return all(isinstance(one, int) for one in index)


def _name(name: Any) -> str:
    """Return the name of a column; the parts of a name of several levels are joined."""
    if isinstance(name, (tuple, list)):
        return " ".join(str(part) for part in name if str(part).strip())
    return str(name)


def _with_index(names: list[str], values: list[pl.Series], columns: _Columns) -> _Columns:
    """Put the names of rows before the columns."""
    made = Repair("index-kept", count=len(names), values={"names": names})
    return _Columns([*names, *columns.names], [*values, *columns.values], (made,))


def _records(rows: Sequence[Any]) -> _Columns:
    wrong = next((i for i, row in enumerate(rows, 1) if not isinstance(row, Mapping)), 0)
    if wrong:
        raise UsageError("row-not-a-record", row=wrong, type=type(rows[wrong - 1]).__name__)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [column_of(row.get(name) for row in rows) for name in names]
    return _Columns([str(name) for name in names], columns)


def _polars(source: Any) -> _Columns:
    if isinstance(source, pl.LazyFrame):
        source = source.collect()
    frame = source.to_frame() if isinstance(source, pl.Series) else source
    return _Columns(frame.columns, frame.get_columns())


def _arrow(source: Any) -> _Columns:
    if hasattr(source, "read_all"):  # a stream of batches
        source = source.read_all()
    if not hasattr(source, "schema"):
        raise UsageError("source-unknown", type=type(source).__name__)
    names = [str(name) for name in source.schema.names]
    frame = pl.DataFrame(pl.from_arrow(source.rename_columns([f"c{i}" for i in range(len(names))])))
    return _Columns(names, frame.get_columns())


def _pandas(source: Any) -> _Columns:
    frame = source.to_frame() if source.ndim == 1 else source
    names = [_name(name) for name in frame.columns]
    values = [_pandas_column(frame.iloc[:, i]) for i in range(len(names))]
    columns = _Columns(names, values)
    index = frame.index
    if _counts_rows(index):
        return columns
    levels = [index.get_level_values(i).to_series() for i in range(index.nlevels)]
    unnamed = "index" if index.nlevels == 1 else "level_{}"
    called = [unnamed.format(i) if n is None else str(n) for i, n in enumerate(index.names)]
    return _with_index(called, [_pandas_column(level) for level in levels], columns)


def _counts_rows(index: Any) -> bool:
    """Tell whether an index holds positions, in order or not, rather than data."""
    if index.nlevels > 1:
        return False
    is_range = type(index).__name__ == "RangeIndex"
    return is_range or (index.name is None and (index.dtype.kind in "iu" or not len(index)))


def _pandas_column(values: Any) -> pl.Series:
    sort = type(values.dtype).__name__
    if sort == "PeriodDtype":
        values = values.dt.to_timestamp()  # the start of each period
    if sort == "CategoricalDtype" and values.cat.ordered and _are_words(values.cat.categories):
        return _ordered(values)
    if values.dtype.kind in "biufmM" and not hasattr(values.dtype, "na_value"):
        return pl.Series(_in_microseconds(values.to_numpy()))
    if sort == "StringDtype" and values.dtype.storage == "pyarrow":
        return pl.Series(values)  # by Arrow, without a look at any value
    present = values.notna()
    return column_of(v if kept else None for v, kept in zip(values, present, strict=True))


def _in_microseconds(values: Any) -> Any:
    """Return times of a unit that Polars has: pandas keeps whole seconds as such."""
    kind = values.dtype.kind
    coarse = kind in "mM" and values.dtype.name[-4:] not in _FINE_UNITS
    return values.astype(f"{kind}8[us]") if coarse else values


def _are_words(categories: Any) -> bool:
    """Tell whether categories are words, or intervals as `pandas.cut` makes them."""
    interval = type(categories.dtype).__name__ == "IntervalDtype"
    return interval or all(isinstance(category, str) for category in categories)


def _ordered(values: Any) -> pl.Series:
    """Keep the order of categories that are words; numbers and dates have theirs."""
    words = [str(category) for category in values.cat.categories]
    codes = pl.Series(values.cat.codes.to_numpy().astype("int64"))
    chosen = pl.Series(words, dtype=pl.String).gather(codes.replace(-1, None))
    return chosen.cast(pl.Enum(words))


_FINE_UNITS = frozenset({"[ms]", "[us]", "[ns]"})
_CARE = (pl.Binary, pl.Object, pl.Unknown, pl.Time, pl.Duration)
_PANDAS_CARE = frozenset({"CategoricalDtype", "IntervalDtype", "PeriodDtype", "SparseDtype"})
_PANDAS_TEXT = frozenset({"str", "string"})
_LIBRARIES = {"polars": _polars, "pandas": _pandas, "pyarrow": _arrow}
