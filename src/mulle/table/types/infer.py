"""Infer what each column is from its values and its name, with a reason and the evidence.

Integers with up to 20 distinct values are `discrete` (counts, grades, codes); with more they are
`continuous`: differences between them are what a model can use, and a category for each would not
be learned. An integer type alone proves neither (catalogue, var-discrete). All-unique integers are
an `id` only where name and form both say so: `glycemic_index` and `sodium_no` measure, and the
prices of a small table are unique as well. A column of one value is `constant` where it is filled
throughout; a mark or nothing (`Y` or a blank) is a category, whose other level is the blank.

catalogue  var-structured var-numeric var-continuous var-discrete var-categorical var-nominal
           var-str-cat var-str-struct var-str-text
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import polars as pl

from mulle.table.types.coerced import Coerced
from mulle.table.types.column import Column
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.options import AS_MULLE_READS, ReadOptions
from mulle.table.types.text_stats import batched

_FEW = 20  # distinct integers that still are discrete
_KEYED = 20  # rows from which all-unique text is a key rather than chance
_ROW_NAMES = {
    *(
        "rownames",
        "rowname",
        "row",
        "row_names",
        "index",
        "idx",
        "id",
        "no",
        "no.",
        "num",
        "number",
    ),
    *("unnamed: 0", "column_1", "번호", "순번", "연번", "일련번호", "행번호", "level_0", "#"),
}
_ID_NAME = re.compile(
    r"(^|[_\W])(id|ids|uid|uuid|guid|rowid|pk)$|[a-z](Id|ID)$|(번호|아이디|식별자)$|UUID$"
)
# "index" and "No" may as well stand behind a measurement: its form must speak for a key too.
_KEY_NAME = re.compile(r"(^|[_\W])(key|no|idx|index)$|[a-z](Key|No)$|ID$")
_KEY_DIGITS = 6  # of numbers of one width, from which they are keys under such a name


def infer(coerced: Sequence[Coerced], options: ReadOptions = AS_MULLE_READS) -> list[Column]:
    """Infer the kinds of columns; those already decided stay as they are.

    Args:
        coerced: columns in their storage, all of the same height.
        options: what a person has decided: which columns to keep.
    """
    columns = [s.values for s in coerced]
    stats = [stat for part in batched(columns) for stat in _statistics(part)]
    found = [_with_kind(s, stat) for s, stat in zip(coerced, stats, strict=True)]
    kept = {name for name, own in options.columns.items() if own.keep}
    return [
        _keep(column, stat) if column.name in kept else column
        for column, stat in zip(found, stats, strict=True)
    ]


def _statistics(columns: Sequence[pl.Series]) -> list[dict[str, Any]]:
    """Count values, find ranges and lengths of all columns, and count distinct values.

    Decimals are only known to differ: to count them takes longer than all else, and decides little.
    """
    frame = pl.DataFrame([values.alias(str(i)) for i, values in enumerate(columns)])
    out: list[dict[str, Any]] = [{"rows": frame.height} for _ in columns]
    for dtype, facts in _FACTS.items():
        alike = [name for name, own in frame.schema.items() if dtype in (None, own)]
        for name, asked in facts.items():
            _answer(frame.select(alike), name, asked, out)
    counted = []
    for i, stat in enumerate(out):
        if stat.get("whole", True):
            counted.append(str(i))
        else:
            stat["distinct"] = _FEW + 1 if stat["low"] < stat["high"] else 1
    _answer(frame.select(counted), "distinct", pl.all().drop_nulls().n_unique(), out)
    return out


_ALL = pl.all()
#: facts of columns of a type, asked of all of them together: there may be thousands
_FACTS: dict[Any, dict[str, pl.Expr]] = {
    None: {"filled": _ALL.count()},
    pl.Float64: {
        "low": _ALL.min(),
        "high": _ALL.max(),
        "whole": _ALL.eq(_ALL.floor()).all(),
    },
    pl.String: {
        "chars": _ALL.str.len_chars().mean(),
        "bytes": _ALL.str.len_bytes().mean(),
        "words": _ALL.str.count_matches(" ", literal=True).mean() + 1,
    },
}


def _answer(frame: pl.DataFrame, name: str, asked: pl.Expr, out: list[dict[str, Any]]) -> None:
    """Add a fact of all columns, which are named by their place, to those of each column."""
    if frame.width:
        for place, value in frame.select(asked).row(0, named=True).items():
            out[int(place)][name] = value


def _with_kind(coerced: Coerced, stat: dict[str, Any]) -> Column:
    column = coerced.column
    if column.reason == "given":
        return column
    found: tuple[Kind, str, dict[str, Any]]
    if stat["distinct"] <= 1:
        found = (*one_value(column.storage, stat), {})
    elif column.reason:
        return column
    elif column.storage is Storage.number:
        found = number_kind(column.name, stat)
    elif column.storage is Storage.date:
        found = Kind.datetime, "dates", {"distinct": stat["distinct"]}
    else:
        found = text_kind(column.name, stat)
    kind, reason, values = found
    return msgspec.structs.replace(column, kind=kind, reason=reason, values=values)


def _keep(column: Column, stat: dict[str, Any]) -> Column:
    """Return a column that would be left out as the feature that a person wants it to be."""
    if column.kind not in {Kind.id, Kind.constant} or not stat["distinct"]:
        return column
    kind = Kind.nominal
    if column.storage is Storage.number:
        kind = number_kind("", stat)[0]
    elif column.storage is Storage.date:
        kind = Kind.datetime
    return msgspec.structs.replace(column, kind=kind, reason="kept")


def one_value(storage: Storage, stat: dict[str, Any]) -> tuple[Kind, str]:
    """Infer the kind of a column of at most one distinct value.

    >>> one_value(Storage.string, {"rows": 9, "filled": 4, "distinct": 1})
    (<Kind.nominal: 'nominal'>, 'mark-or-blank')
    """
    if not stat["distinct"]:
        return Kind.constant, "all-missing"
    if storage is Storage.string and stat["filled"] < stat["rows"]:
        return Kind.nominal, "mark-or-blank"
    return Kind.constant, "one-value"


def number_kind(name: str, stat: dict[str, Any]) -> tuple[Kind, str, dict[str, Any]]:
    """Infer the kind of a column of numbers, with reason and evidence.

    >>> facts = {"rows": 9, "filled": 9, "distinct": 9, "low": 1.0, "high": 9.0, "whole": True}
    >>> number_kind("rownames", facts)[:2], number_kind("speed", facts)[:2]
    ((<Kind.id: 'id'>, 'row-numbers'), (<Kind.discrete: 'discrete'>, 'few-integers'))
    """
    if not stat["whole"]:
        return Kind.continuous, "decimals", {}
    seen = {"distinct": stat["distinct"]}
    if stat["distinct"] == stat["rows"] > 2:
        run = stat["high"] - stat["low"] + 1 == stat["rows"]
        if name.lower() in _ROW_NAMES and run:
            return Kind.id, "row-numbers", seen
        if _ID_NAME.search(name) and stat["low"] >= 0:
            return Kind.id, "all-unique", seen
        if _KEY_NAME.search(name) and (run or _are_keys(stat)):
            return Kind.id, "all-unique", seen
    if (stat["low"], stat["high"]) == (0.0, 1.0):
        return Kind.boolean, "zero-one", seen
    if stat["distinct"] <= _FEW:
        return Kind.discrete, "few-integers", seen
    return Kind.continuous, "many-integers", seen


def _are_keys(stat: dict[str, Any]) -> bool:
    """Tell whether whole numbers are long and all of one width."""
    least = 10.0 ** (_KEY_DIGITS - 1)
    low, high = float(stat["low"]), float(stat["high"])
    return low >= least and math.floor(math.log10(low)) == math.floor(math.log10(high))


def text_kind(name: str, stat: dict[str, Any]) -> tuple[Kind, str, dict[str, Any]]:
    """Infer the kind of a column of strings, with reason and evidence.

    >>> facts = {"rows": 90, "filled": 90, "distinct": 90, "chars": 40.0, "bytes": 40, "words": 7}
    >>> text_kind("review", facts)[:2], text_kind("code", facts | {"words": 1.0})[:2]
    ((<Kind.text: 'text'>, 'long'), (<Kind.id: 'id'>, 'all-unique'))
    """
    share = stat["distinct"] / stat["filled"]
    seen = {
        "distinct": stat["distinct"],
        "share": round(share, 4),
        "chars": round(stat["chars"], 1),
        "words": round(stat["words"], 1),
    }
    # Korean needs fewer characters and blanks than English to say the same.
    long = stat["chars"] * (1.5 if stat["bytes"] > 1.5 * stat["chars"] else 1)
    if share > 0.5 and stat["words"] >= 2 and long >= 15:
        return Kind.text, "long", seen
    if share > 0.2 and stat["words"] >= 8 and long >= 50:
        return Kind.text, "long", seen
    unique = stat["distinct"] == stat["filled"] == stat["rows"]
    if unique and (stat["rows"] >= _KEYED or (_is_key(name) and stat["rows"] > 2)):
        return Kind.id, "all-unique", seen
    return Kind.nominal, "strings", seen


def _is_key(name: str) -> bool:
    return bool(_ID_NAME.search(name) or _KEY_NAME.search(name))
