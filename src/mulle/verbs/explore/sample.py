"""Some rows of a table for showing: the first ones, and some from all over."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from mulle.verbs.explore.report import Sample
from mulle.verbs.explore.scan import Scan
from mulle.verbs.explore.to_json import MAX_CHARS

FIRST, SOME, MAX_COLUMNS = 8, 8, 200


def sample_rows(scan: Scan) -> Sample:
    """Return the first of the sampled rows, and some of the others in their order."""
    names = [c.name for c in scan.columns][:MAX_COLUMNS]
    if not names or not len(scan.rows):
        return Sample(names)
    places = np.unique(np.linspace(0, len(scan.rows) - 1, SOME + FIRST).astype(int))
    later = places[places >= FIRST][-SOME:]
    columns = [_to_cells(scan.sample[name]) for name in names]
    first = [list(row) for row in zip(*(c.head(FIRST).to_list() for c in columns), strict=True)]
    some = [list(row) for row in zip(*(c.gather(later).to_list() for c in columns), strict=True)]
    return Sample(names, first, some)


def _to_cells(values: pl.Series) -> Any:
    if values.dtype.is_temporal():
        return values.dt.to_string("iso").str.replace(r" 00:00:00(\.0+)?$", "")
    if values.dtype == pl.String:
        long = values.str.len_chars() > MAX_CHARS
        return values.zip_with(~long.fill_null(value=False), values.str.slice(0, MAX_CHARS) + "…")
    return values.cast(pl.Float64)
