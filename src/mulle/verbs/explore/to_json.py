"""Numbers, dates and values as the plain data that a report holds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.verbs.explore.summaries import Level, Number

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
MAX_CHARS = 120  # of a value that is shown


def number(x: Any) -> Number:
    """Convert a number to a finite float, or None.

    >>> number(1), number(float("nan")), number(None)
    (1.0, None, None)
    """
    if x is None:
        return None
    found = float(x)
    return found if math.isfinite(found) else None


def rounded(values: Array, digits: int = 4) -> list[list[Number]]:
    """Round a matrix (n, m) to lists, with None for what is not finite."""
    return [[number(v) for v in row] for row in np.round(values, digits).tolist()]


def iso(microseconds: float) -> str:
    """Write microseconds since 1970 as ISO 8601, also in years that Python does not know.

    >>> iso(0), iso(1.5e6)
    ('1970-01-01', '1970-01-01T00:00:01.500000')
    """
    try:
        moment = _EPOCH + timedelta(microseconds=int(microseconds))
    except OverflowError:
        return str(np.datetime64(int(microseconds), "us"))
    text = moment.isoformat()
    return text.removesuffix("T00:00:00")


def short(value: Any) -> str | float:
    """Return a value for display: numbers unchanged, long text cut."""
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value)
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…"


def levels(values: Iterable[Any], counts: Iterable[int], whole: int) -> list[Level]:
    """Return values with their counts, as shares of `whole`."""
    return [
        Level(short(v), int(c), int(c) / whole if whole else 0.0)
        for v, c in zip(values, counts, strict=True)
    ]
