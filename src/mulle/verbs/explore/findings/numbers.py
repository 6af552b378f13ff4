"""Findings about how numbers lie: skew with what would mend it, and values far from all others.

catalogue  stat-log-use eda-outlier-iqr
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mulle.arrays import Array
from mulle.profile import Moments
from mulle.verbs.explore.findings.base import ENOUGH, Facts, Found, Rule, has_numbers
from mulle.verbs.explore.summaries import Box, NumberSummary

SKEWED, VERY, MENDED = 1.5, 5.0, 0.5
TRIMMED = 1.0  # skew that must be left without the outermost 0.1 % at both ends
FAR, VERY_FAR, GAP = 5.0, 20.0, 2.0  # box lengths: beyond the quartiles, and of nothing between


def _skewed(facts: Facts) -> Iterable[Found]:
    """Find long tails, and the transform that would shorten them most, on the sampled rows.

    A column that has one value in most of its rows is left out: no transform parts equal values.
    """
    for column in facts.numbers:
        skew = column.spread.skew
        plain = column.kind == "continuous" and column.present >= ENOUGH and column.distinct > 20
        if not plain or skew is None or abs(skew) < SKEWED or _mostly_one(column):
            continue
        x = _sampled(facts, column)
        if abs(_skew(_trimmed(x))) < TRIMMED:
            continue  # a few values make it: they are outliers
        transform, after = best_transform(x)
        mends = abs(after) <= MENDED * abs(skew)
        if mends or abs(skew) >= VERY:
            values = {"transform": transform, "after": after} if mends else {}
            yield Found([column.name], {"skew": skew, "transform": "", "after": None, **values})


def _mostly_one(column: NumberSummary) -> bool:
    return bool(column.top) and column.top[0].share > 0.5


def best_transform(x: Array) -> tuple[str, float]:
    """Return the transform of finite values (n,) that leaves the least skew, and that skew.

    `log1p`, `sqrt` where nothing is negative, else `arcsinh`, `cbrt`; for a tail to the left
    `square`, or `log1p-reflected`: log(1 + max - x).

    >>> name, after = best_transform(np.exp(np.linspace(1, 5, 99)))
    >>> name, abs(after) < 0.1
    ('log1p', True)
    """
    if len(x) < 3:
        return "", 0.0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        tried: dict[str, Array] = {}
        if _skew(x) < 0:
            tried["log1p-reflected"] = np.log1p(x.max() - x)
            if x.min() >= 0:
                tried["square"] = x * x
        elif x.min() >= 0:
            tried |= {"log1p": np.log1p(x), "sqrt": np.sqrt(x)}
        else:
            tried |= {"arcsinh": np.arcsinh(x), "cbrt": np.cbrt(x)}
        after = {name: _skew(values) for name, values in tried.items()}
    known = {name: skew for name, skew in after.items() if np.isfinite(skew)}
    if not known:
        return "", float(_skew(x))
    name = min(known, key=lambda n: abs(known[n]))
    return name, float(known[name])


def _skew(x: Array) -> float:
    return Moments.of(x).skew


def _trimmed(x: Array) -> Array:
    few = max(1, len(x) // 1000) if len(x) >= 100 else 0
    return np.sort(x)[few : len(x) - few]


def _sampled(facts: Facts, column: NumberSummary) -> Array:
    x: Array = facts.scan.sample[column.name].drop_nulls().to_numpy()
    return x[np.isfinite(x)]


def _outliers(facts: Facts) -> Iterable[Found]:
    """Find values more than 5 box lengths from the box, behind a gap of at least 2.

    So on the scale of the numbers and, where none is negative, on that of their logarithms: a long
    but unbroken tail is not an outlier.
    """
    for column in facts.numbers:
        box = column.box
        if box is None or column.distinct <= 10 or column.present < ENOUGH:
            continue
        far = [v for v in _beyond_gap(box) if _is_far(v, box, column)]
        if not far:
            continue
        values = {"count": len(far), "farthest": far[0], "median": box.median,
                  "lengths": _lengths(far[0], box), "outside": box.below + box.above}  # fmt: skip
        severe = "warning" if _lengths(far[0], box) >= VERY_FAR else "note"
        yield Found([column.name], values, {"values": far}, severe)


def _beyond_gap(box: Box) -> list[float]:
    """Return the shown values that the widest gap separates from the others, farthest first."""
    size = box.third - box.first
    out: list[float] = []
    for side, edge in ((1, box.high_whisker), (-1, box.low_whisker)):
        beyond = sorted((v for v in box.shown if side * (v - edge) > 0), key=lambda v: side * v)
        known = len(beyond) == (box.above if side > 0 else box.below)
        steps = np.diff([edge, *beyond] if known else beyond) * side
        wide = np.flatnonzero(steps >= GAP * size)
        if size > 0 and len(wide):
            out += beyond[int(wide[0]) + (0 if known else 1) :]
    return sorted(out, key=lambda v: -abs(v - box.median))


def _is_far(value: float, box: Box, column: NumberSummary) -> bool:
    if box.third <= box.first or _lengths(value, box) < FAR:
        return False
    if column.negative or value <= 0:
        return column.negative > 0
    low = box.first if box.first > 0 else column.above_zero or box.third
    reach = np.log(box.third) - np.log(low)
    if reach <= 0:
        return False
    logs = np.log(value)
    beyond = max(logs - np.log(box.third), np.log(low) - logs)
    return bool(beyond / reach >= FAR)


def _lengths(value: float, box: Box) -> float:
    """Return the distance of a value from the box, in box lengths."""
    size = box.third - box.first
    return max(value - box.third, box.first - value) / size if size > 0 else 0.0


RULES = (
    Rule("M012", "skewed", "Skewed", "values", "note", has_numbers, _skewed),
    Rule(
        "M013", "outliers", "Values far from all others", "values", "note", has_numbers, _outliers
    ),
)
