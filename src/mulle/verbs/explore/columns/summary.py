"""Summarize one column: find its kind from exact counts, then measure what belongs to the kind.

An error in one column becomes a `FailedSummary`; the other columns are not affected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.errors import MulleError
from mulle.profile import AnyCounts
from mulle.table import Column, Kind, Storage
from mulle.table.images import IMAGE_SUFFIXES
from mulle.table.types.coerced import Coerced
from mulle.table.types.infer import number_kind, one_value, text_kind
from mulle.verbs.explore.columns.category import Counted, category_summary
from mulle.verbs.explore.columns.date import date_summary
from mulle.verbs.explore.columns.image import image_summary
from mulle.verbs.explore.columns.number import Ordered, boolean_summary, number_summary
from mulle.verbs.explore.columns.text import Tokenize, text_summary
from mulle.verbs.explore.summaries import AnySummary, FailedSummary

#: what a column may fail with: a panic of Polars is no ordinary Exception
FAILURES = (Exception, pl.exceptions.PanicException)


@dataclass(frozen=True)
class Look:
    """How to look at columns.

    Attributes:
        rows: positions of the sampled rows, ascending.
        tokenizer: its name, and what counts tokens; None for words and marks.
        base: the folder that relative paths of images start from.
        edges: histogram edges by column, where they are to be laid over another table's.
        kinds: kinds by column that were found in another table.
        frames: frames by column to count the values over, each its own where it has none here;
            None where nothing is counted.
    """

    rows: Array
    tokenizer: tuple[str, Tokenize] | None = None
    base: Path | None = None
    edges: Mapping[str, list[float]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    frames: Mapping[str, AnyCounts] | None = None


def summarize(coerced: Coerced, look: Look) -> tuple[Column, AnySummary]:
    """Return the column with its kind, and its summary."""
    column = coerced.column
    try:
        return _SUMMARIES[column.storage](coerced, look)
    except FAILURES as error:
        return column, failed(column, error)


def failed(column: Column, error: BaseException) -> FailedSummary:
    """Return the summary of a column that could not be analysed."""
    return FailedSummary(
        name=column.name,
        kind=column.kind.value,
        storage=column.storage.value,
        reason=column.reason,
        code=error.code if isinstance(error, MulleError) else "failed",
        what=error.what if isinstance(error, MulleError) else f"{type(error).__name__}: {error}",
        fix=error.fix if isinstance(error, MulleError) else "",
    )


def _with_kind(
    column: Column,
    rows: int,
    present: int,
    distinct: int,
    infer: Callable[[], tuple[Kind, str, dict[str, Any]]],
) -> Column:
    """Return the column with the kind that `mulle.read` would infer from all its values."""
    if column.reason == "given":
        return column
    if distinct <= 1:
        kind, reason = one_value(
            column.storage, {"rows": rows, "filled": present, "distinct": distinct}
        )
        return msgspec.structs.replace(column, kind=kind, reason=reason)
    if column.reason:
        return column
    kind, reason, values = infer()
    return msgspec.structs.replace(column, kind=kind, reason=reason, values=values)


def _common(column: Column, values: pl.Series, present: int, distinct: int) -> dict[str, Any]:
    return {
        "name": column.name,
        "kind": column.kind.value,
        "storage": column.storage.value,
        "reason": column.reason,
        "count": len(values),
        "missing": len(values) - present,
        "distinct": distinct,
    }


def _number(coerced: Coerced, look: Look) -> tuple[Column, AnySummary]:
    values = coerced.values
    ordered = Ordered.of(values)
    x, distinct = ordered.x, len(ordered.starts)

    def infer() -> tuple[Kind, str, dict[str, Any]]:
        whole = bool((x == np.floor(x)).all())
        seen = {"rows": len(values), "filled": len(x), "distinct": distinct, "whole": whole}
        return number_kind(coerced.column.name, {**seen, "low": x[0], "high": x[-1]})

    column = _with_kind(coerced.column, len(values), len(x), distinct, infer)
    common = _common(column, values, len(x), distinct)
    if column.kind is Kind.boolean and bool(np.isin(x[ordered.starts], (0, 1)).all()):
        return column, boolean_summary(common, ordered)
    return column, number_summary(common, values, ordered, look.edges.get(column.name))


def _date(coerced: Coerced, look: Look) -> tuple[Column, AnySummary]:
    values = coerced.values
    distinct = values.drop_nulls().n_unique()
    present = len(values) - values.null_count()
    column = _with_kind(
        coerced.column, len(values), present, distinct, lambda: (Kind.datetime, "dates", {})
    )
    common = _common(column, values, present, distinct)
    return column, date_summary(common, values, look.edges.get(column.name))


def _string(coerced: Coerced, look: Look) -> tuple[Column, AnySummary]:
    """Summarize text; long varied text is recognised before its values are counted."""
    values, counted = coerced.values, None
    present = len(values) - values.null_count()
    head = values.head(20_000).drop_nulls()
    if coerced.column.kind is Kind.text or head.n_unique() > 0.3 * max(len(head), 100):
        distinct = int(values.drop_nulls().hash(0).n_unique())
    else:
        counted = Counted.of(values)
        distinct = len(counted.times)
    column = _with_kind(
        coerced.column,
        len(values),
        present,
        distinct,
        lambda: _text_kind(coerced.column, values, present, distinct),
    )
    common = _common(column, values, present, distinct)
    sample = values.gather(look.rows)
    if column.kind is Kind.image or _are_images(sample, look.base):
        return column, image_summary({**common, "kind": "image"}, values, look.base)
    if column.kind is Kind.text:
        return column, text_summary(common, values, sample, look.tokenizer)
    return column, category_summary(common, counted or Counted.of(values), column.categories)


def _text_kind(
    column: Column, values: pl.Series, present: int, distinct: int
) -> tuple[Kind, str, dict[str, Any]]:
    some = values if len(values) < 100_000 else values.gather_every(len(values) // 50_000)
    facts = {
        "rows": len(values), "filled": present, "distinct": distinct,
        "chars": some.str.len_chars().mean() or 0.0, "bytes": some.str.len_bytes().mean() or 0.0,
        "words": (some.str.count_matches(" ", literal=True).mean() or 0.0) + 1,  # type: ignore[operator]
    }  # fmt: skip
    return text_kind(column.name, facts)


def _are_images(sample: pl.Series, base: Path | None) -> bool:
    """Return whether most of a column names image files, and one of the first is there."""
    paths = sample.drop_nulls().head(200)
    if not len(paths):
        return False
    ends = paths.str.to_lowercase().str.extract(r"(\.[a-z]+)$")
    if not ends.is_in(sorted(IMAGE_SUFFIXES)).fill_null(value=False).mean() >= 0.8:  # type: ignore[operator]
        return False
    return any(((base or Path()) / p).is_file() for p in paths.head(5))


_SUMMARIES = {Storage.number: _number, Storage.date: _date, Storage.string: _string}
