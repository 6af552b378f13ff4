"""Infer what each column is from its values and its name, with a reason and the evidence.

Integers with up to 20 distinct values are `discrete` (counts, grades, codes); with more they are
`continuous`: differences between them are what a model can use, and a category for each would not
be learned. An integer type alone proves neither (catalogue, var-discrete). All-unique integers are
an `id` only under a name that says so, because a small table's prices are unique as well.

catalogue  var-structured var-numeric var-continuous var-discrete var-categorical var-nominal
           var-str-cat var-str-struct var-str-text
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import polars as pl

from mulle.table.types.coerced import Coerced
from mulle.table.types.column import Column
from mulle.table.types.kinds import Kind, Storage
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
_KEY_NAME = re.compile(
    r"(^|[_\W])(id|ids|uid|uuid|guid|key|no|idx|index|rowid|pk)$|[a-z](Id|ID|Key|No)$"
    r"|(번호|아이디|식별자)$|(ID|UUID)$",
)


def infer(coerced: Sequence[Coerced]) -> list[Column]:
    """Infer the kinds of columns; those already decided stay as they are.

    Args:
        coerced: columns in their storage, all of the same height.
    """
    columns = [s.values for s in coerced]
    stats = [stat for part in batched(columns) for stat in _statistics(part)]
    return [_with_kind(s, stat) for s, stat in zip(coerced, stats, strict=True)]


def _statistics(columns: Sequence[pl.Series]) -> list[dict[str, Any]]:
    """Count distinct values, ranges and lengths of all columns in one pass."""
    frame = pl.DataFrame([values.alias(str(i)) for i, values in enumerate(columns)])
    asked = []
    for i, dtype in enumerate(frame.dtypes):
        column = pl.col(str(i))
        facts = {"distinct": column.drop_nulls().n_unique(), "filled": column.count()}
        if dtype == pl.Float64:
            whole = (column == column.floor()).all()
            facts |= {"low": column.min(), "high": column.max(), "whole": whole}
        elif dtype == pl.String:
            facts |= {
                "chars": column.str.len_chars().mean(),
                "bytes": column.str.len_bytes().mean(),
                "words": column.str.count_matches(" ", literal=True).mean() + 1,
            }
        asked += [fact.alias(f"{i} {name}") for name, fact in facts.items()]
    row = frame.select(asked).row(0, named=True) if asked else {}
    out: list[dict[str, Any]] = [{"rows": frame.height} for _ in columns]
    for key, value in row.items():
        place, name = key.split()
        out[int(place)][name] = value
    return out


def _with_kind(coerced: Coerced, stat: dict[str, Any]) -> Column:
    column = coerced.column
    if column.reason == "given":
        return column
    found: tuple[Kind, str, dict[str, Any]]
    if stat["distinct"] <= 1:
        found = Kind.constant, "one-value" if stat["distinct"] else "all-missing", {}
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


def number_kind(name: str, stat: dict[str, Any]) -> tuple[Kind, str, dict[str, Any]]:
    """Infer the kind of a column of numbers, with reason and evidence.

    >>> facts = {"rows": 9, "filled": 9, "distinct": 9, "low": 1.0, "high": 9.0, "whole": True}
    >>> number_kind("rownames", facts)[:2], number_kind("speed", facts)[:2]
    ((<Kind.id: 'id'>, 'row-numbers'), (<Kind.discrete: 'discrete'>, 'few-integers'))
    """
    seen = {"distinct": stat["distinct"]}
    if not stat["whole"]:
        return Kind.continuous, "decimals", seen
    if stat["distinct"] == stat["rows"] > 2:
        span = stat["high"] - stat["low"] + 1
        if name.lower() in _ROW_NAMES and span == stat["rows"]:
            return Kind.id, "row-numbers", seen
        if _KEY_NAME.search(name):
            return Kind.id, "all-unique", seen
    if (stat["low"], stat["high"]) == (0.0, 1.0):
        return Kind.boolean, "zero-one", seen
    if stat["distinct"] <= _FEW:
        return Kind.discrete, "few-integers", seen
    return Kind.continuous, "many-integers", seen


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
    if unique and (stat["rows"] >= _KEYED or (_KEY_NAME.search(name) and stat["rows"] > 2)):
        return Kind.id, "all-unique", seen
    return Kind.nominal, "strings", seen
