"""The reason of a status: the code of a sentence, and the values of its blanks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.profile.counts import AnyCounts, CategoryCounts, NumberCounts, TextCounts
from mulle.profile.drift import measures
from mulle.profile.drift.result import Check, Reason, Status
from mulle.table import Kind


def choose_reason(
    check: Check, status: Status, reference: AnyCounts, current: AnyCounts, kind: Kind,
    needed: int | None, could_hide: float | None,
) -> Reason:  # fmt: skip
    """Return the reason of a status, given the check that decided."""
    values: dict[str, Any] = {"score": check.score, "low": check.low, "high": check.high}
    if status is Status.drifted:
        return _drifted(check, reference, current, values)
    if status is Status.not_judged:
        return Reason(_NOT_JUDGED.get(kind, "no-values-at-all"), {})
    values = {"hidden": could_hide, "rows": current.rows}
    if status is Status.no_drift_seen:
        return Reason("no-drift-seen", values)
    if not current.present or not reference.present:
        return Reason("no-values" if reference.present else "no-values-before", {})
    values |= {"needed": needed, "reference": reference.rows}
    return Reason("too-few-rows" if needed else "small-reference", values)


_NOT_JUDGED = {Kind.datetime: "date", Kind.id: "identifier", Kind.image: "image"}


def _drifted(
    check: Check, reference: AnyCounts, current: AnyCounts, values: dict[str, Any]
) -> Reason:
    if check.measure == "missing_share":
        shares = [c.missing / c.rows for c in (reference, current)]
        return Reason("missing", values | {"before": shares[0], "now": shares[1]})
    if isinstance(reference, NumberCounts) and isinstance(current, NumberCounts):
        if check.measure == "ks":
            return _numbers_drifted(reference, current, values)
        if check.measure == "tail_share":
            return _tail_drifted(reference, current, values)
        last = math.nextafter(reference.edges[-1], -math.inf)  # edges end just above the largest
        ends = {"low": reference.edges[0], "high": last}
        share = measures.beyond(current) / max(current.rows - current.missing, 1)
        return Reason("range", values | {"now": share} | ends)
    if isinstance(reference, CategoryCounts) and isinstance(current, CategoryCounts):
        return _categories_drifted(check, reference, current, values)
    if isinstance(reference, TextCounts) and isinstance(current, TextCounts):
        if check.measure == "text_script":
            return _most_moved("script", reference.scripts, current.scripts, values)
        means = {
            "before": reference.characters.moments.mean,
            "now": current.characters.moments.mean,
        }
        return Reason("text-length", values | means)
    return Reason("moved", values)


def _tail_drifted(reference: NumberCounts, current: NumberCounts, values: dict[str, Any]) -> Reason:
    """Name the middle outside which the share of rows changed most."""
    place, change = measures.tail(reference, current)
    first, last = measures.middles(reference)
    edges, shares = reference.edges, [
        float(measures.outside(reference, c)[place]) / c.present for c in (reference, current)
    ]  # fmt: skip
    ends = {
        "low": edges[max(int(first[place]) - 1, 0)],
        "high": edges[min(int(last[place]), len(edges)) - 1],
    }
    values |= {"before": shares[0], "now": shares[1]} | ends
    return Reason("tail" if change > 0 else "tail-less", values)


def _numbers_drifted(
    reference: NumberCounts, current: NumberCounts, values: dict[str, Any]
) -> Reason:
    """Name the mean where it explains the distance, else the spread, else the shape."""
    a, b = reference.moments, current.moments
    far = (b.mean - a.mean) / a.std if a.std > 0 else 0.0
    ratio = b.std / a.std if a.std > 0 else 1.0
    values |= {"before": a.mean, "now": b.mean, "stds": abs(far), "ratio": ratio}
    if math.isfinite(far) and abs(far) >= max(0.05, abs(math.log(max(ratio, 1e-9))) / 3):
        return Reason("mean-up" if far > 0 else "mean-down", values)
    if math.isfinite(ratio) and abs(ratio - 1) > 0.05:
        values |= {"before": a.std, "now": b.std}
        return Reason("spread-up" if ratio > 1 else "spread-down", values)
    return Reason("shape", values)


def _categories_drifted(
    check: Check, reference: CategoryCounts, current: CategoryCounts, values: dict[str, Any]
) -> Reason:
    if check.measure == "unseen_share":
        some = sorted(current.examples, key=lambda v: (-current.examples[v], v))[:3]
        now = current.unseen / max(current.present, 1)
        return Reason("unseen", values | {"now": now, "labels": some})
    return _most_moved("category", reference.counts, current.counts, values)


def _most_moved(
    code: str, reference: dict[str, int], current: dict[str, int], values: dict[str, Any]
) -> Reason:
    """Name the category whose share changed most."""
    n, m = max(sum(reference.values()), 1), max(sum(current.values()), 1)
    names = sorted({*reference, *current})
    moves = [abs(current.get(v, 0) / m - reference.get(v, 0) / n) for v in names]
    most = names[int(np.argmax(moves))] if names else ""
    shares = {"before": reference.get(most, 0) / n, "now": current.get(most, 0) / m}
    return Reason(code, values | {"label": most} | shares)
