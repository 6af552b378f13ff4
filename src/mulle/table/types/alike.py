"""Columns of many cells that differ in nothing but their digits: a few stand for all.

    1,234원 987,650원      grouped by commas
    49.7% 0.3%             with a decimal point
    12345 번지             whole

What `number_evidence` asks of the cells of a column is the same for all cells of such a form, or is
decided by the few: those are looked at, and the form is checked for all.
"""

from __future__ import annotations

import re

import polars as pl

from mulle.table.types.number_forms import CORE

MANY = 10_000  # cells from which on it pays
_HEAD = 200  # cells that stand first
_SAMPLE = 800  # others, evenly spread
_WHOLE = "(?:0|[1-9][0-9]*)"
_GROUP = "[1-9][0-9]{0,2}(?:,[0-9]{3})+"
_SHORT = "(?:0|[1-9][0-9]{0,2})"


def few_alike(cells: pl.Series) -> pl.Series | None:
    """Return some distinct cells that stand for all, in their order; None where cells differ more.

    Args:
        cells: n clean cells, none missing.
    """
    if len(cells) < MANY:
        return None
    spread = cells.gather_every(max(1, len(cells) // _SAMPLE))
    some = pl.concat([cells.head(_HEAD), spread]).unique(maintain_order=True)
    first = some.head(1).str.extract_groups(CORE).struct.unnest()
    before, behind = first["before"][0], first["behind"][0]
    if before is None or not (before or behind or "," in first["core"][0]):
        return None
    ends = re.escape(before), re.escape(behind)
    cores = some.str.extract(f"^{ends[0]}([0-9.,]+){ends[1]}$")
    form = _form(cores) if not cores.null_count() else None
    if form is None or not cells.str.contains(f"^{ends[0]}{form}{ends[1]}$").all():
        return None
    return some


def _form(cores: pl.Series) -> str | None:
    """Return the form of digits that leaves nothing open but what these decide."""
    if cores.str.contains(f"^{_WHOLE}$").all():
        return _WHOLE
    if cores.str.contains(rf"^{_WHOLE}(?:\.[0-9]+)?$").all():
        points = cores.str.contains(r"\.[0-9]{1,2}$").sum() > 1
        return rf"{_WHOLE}(?:\.[0-9]+)?" if points else None
    grouped = cores.str.contains(f"^{_GROUP}$")
    if cores.filter(grouped).str.ends_with("0").all():
        return None
    if grouped.all():
        return _GROUP
    if not cores.filter(~grouped).str.contains(f"^{_SHORT}$").all():
        return None
    decided = cores.str.count_matches(",").gt(1).sum() > 1 or cores.str.contains("^[0-9]{3}$").any()
    return f"(?:{_SHORT}|{_GROUP})" if decided else None
