"""Why a column is said to be so: the code of a sentence, and the values that stand in it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.profile import AnyCounts, CategoryCounts, NumberCounts, TextCounts
from mulle.verbs.watch import measures
from mulle.verbs.watch.verdict import Check, Reason, Status


def reason(
    check: Check, status: Status, here: AnyCounts, there: AnyCounts, needed: int | None,
    margin: float,
) -> Reason:  # fmt: skip
    """Why a column is said to be so."""
    values: dict[str, Any] = {"score": check.score, "low": max(check.low, 0.0), "high": check.high}
    if status is Status.not_judged:
        return Reason("date", values)
    if status is Status.unknown:
        if not there.present:
            return Reason("no-values", values)
        values |= {"rows": there.rows, "needed": needed, "reference": here.rows}
        return Reason("too-few-rows" if needed else "small-reference", values)
    if status is Status.stable:
        return Reason("stable", values | {"margin": margin})
    return _moved(check, here, there, values)


def _moved(check: Check, here: AnyCounts, there: AnyCounts, values: dict[str, Any]) -> Reason:
    if check.measure == "missing_share":
        shares = [c.missing / c.rows for c in (here, there)]
        return Reason("missing", values | {"before": shares[0], "now": shares[1]})
    if isinstance(here, NumberCounts) and isinstance(there, NumberCounts):
        if check.measure == "ks":
            return _numbers_moved(here, there, values)
        first, last = measures.tails(here)
        ends = {"low": here.edges[0], "high": here.moments.max}
        if check.measure == "tail_share":
            shares = [measures.outside(here, c) / c.present for c in (here, there)]
            ends = {
                "low": here.edges[max(first - 1, 0)],
                "high": here.edges[min(last, len(here.edges)) - 1],
            }
            return Reason("tail", values | {"before": shares[0], "now": shares[1]} | ends)
        share = measures.beyond(there) / max(there.rows - there.missing, 1)
        return Reason("range", values | {"now": share} | ends)
    if isinstance(here, CategoryCounts) and isinstance(there, CategoryCounts):
        return _categories_moved(check, here, there, values)
    if isinstance(here, TextCounts) and isinstance(there, TextCounts):
        if check.measure == "text_script":
            return _most_moved("script", here.scripts, there.scripts, values)
        means = {"before": here.characters.moments.mean, "now": there.characters.moments.mean}
        return Reason("text-length", values | means)
    return Reason("moved", values)


def _numbers_moved(here: NumberCounts, there: NumberCounts, values: dict[str, Any]) -> Reason:
    """By the mean where it explains the distance, else by the spread, else by the shape."""
    a, b = here.moments, there.moments
    far = (b.mean - a.mean) / a.std if a.std > 0 else 0.0
    ratio = b.std / a.std if a.std > 0 else 1.0
    values |= {"before": a.mean, "now": b.mean, "stds": abs(far), "ratio": ratio}
    if math.isfinite(far) and abs(far) >= max(0.05, abs(math.log(max(ratio, 1e-9))) / 3):
        return Reason("mean-up" if far > 0 else "mean-down", values)
    if math.isfinite(ratio) and abs(ratio - 1) > 0.05:
        values |= {"before": a.std, "now": b.std}
        return Reason("spread-up" if ratio > 1 else "spread-down", values)
    return Reason("shape", values)


def _categories_moved(
    check: Check, here: CategoryCounts, there: CategoryCounts, values: dict[str, Any]
) -> Reason:
    if check.measure == "unseen_share":
        some = sorted(there.examples, key=lambda v: (-there.examples[v], v))[:3]
        now = there.unseen / max(there.present, 1)
        return Reason("unseen", values | {"now": now, "labels": some})
    return _most_moved("category", here.counts, there.counts, values)


def _most_moved(
    code: str, here: dict[str, int], there: dict[str, int], values: dict[str, Any]
) -> Reason:
    """The category whose share changed most."""
    n, m = max(sum(here.values()), 1), max(sum(there.values()), 1)
    names = sorted({*here, *there})
    moves = [abs(there.get(v, 0) / m - here.get(v, 0) / n) for v in names]
    most = names[int(np.argmax(moves))] if names else ""
    shares = {"before": here.get(most, 0) / n, "now": there.get(most, 0) / m}
    return Reason(code, values | {"label": most} | shares)
