"""The picture of a column: shares of both sides over the same axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.profile.counts import FEW, AnyCounts, CategoryCounts, NumberCounts, TextCounts
from mulle.profile.drift import measures
from mulle.profile.drift.result import Picture
from mulle.table import Kind

BINS, CATEGORIES, VALUES = 24, 8, 12  # bars of one picture


def make_picture(reference: AnyCounts, current: AnyCounts, kind: Kind) -> Picture | None:
    """Return the shares to draw; None where there is nothing to draw."""
    if isinstance(reference, TextCounts) and isinstance(current, TextCounts):
        return _ranges(reference.characters, current.characters)
    if isinstance(reference, NumberCounts) and isinstance(current, NumberCounts):
        if kind is Kind.datetime or len(reference.edges) < 2 or not reference.present:
            return None
        if kind is not Kind.continuous and len(reference.edges) <= FEW:
            return _values(reference, current)
        widths = np.diff(reference.edges)
        if len(widths) > BINS and np.allclose(widths, widths[0]):
            return _probabilities(reference, current)
        return _numbers(reference, current)
    if isinstance(reference, CategoryCounts) and isinstance(current, CategoryCounts):
        return _categories(reference, current)
    return None


def _ranges(reference: NumberCounts, current: NumberCounts) -> Picture | None:
    """Draw named bins, those that hold anything."""
    held = [
        k for k, pair in enumerate(zip(reference.counts, current.counts, strict=True)) if any(pair)
    ]
    if not held:
        return None
    ends = ["", *(f"{e:g}" for e in reference.edges), ""]
    span = range(held[0], held[-1] + 1)
    a, b = (np.asarray(c.counts)[span] / max(c.present, 1) for c in (reference, current))
    return Picture(a.tolist(), b.tolist(), labels=[f"{ends[k]} – {ends[k + 1]}" for k in span])


def _values(reference: NumberCounts, current: NumberCounts) -> Picture:
    """Draw whole numbers, each a bar; all others are the last one."""
    a, b = (np.asarray(c.counts, float) / max(c.present, 1) for c in (reference, current))
    some = np.sort(np.argsort(-np.maximum(a[1:-1], b[1:-1]), kind="stable")[:VALUES]) + 1
    labels = [f"{reference.edges[k - 1]:g}" for k in some]
    rest = [max(float(s.sum() - s[some].sum()), 0.0) for s in (a, b)]
    more = any(r > 1e-9 for r in rest)
    return Picture(
        [*a[some].tolist(), *rest[: 1 * more]], [*b[some].tolist(), *rest[1 : 1 + more]],
        labels=labels + ["<other>"] * more,
    )  # fmt: skip


def _probabilities(reference: NumberCounts, current: NumberCounts) -> Picture:
    """Draw bins of equal width, two as one."""
    step = reference.edges[1] - reference.edges[0]
    ends = [reference.edges[0] - step, *reference.edges, reference.edges[-1] + step][::2]
    a, b = (
        np.asarray(c.counts).reshape(-1, 2).sum(1) / max(c.present, 1) for c in (reference, current)
    )
    return Picture(a.tolist(), b.tolist(), np.round(ends, 12).tolist())


def _numbers(reference: NumberCounts, current: NumberCounts) -> Picture | None:
    """Draw equally wide bins between the 1st and 99th percentile of the reference.

    A bin of the frame that two of these share is parted by its width.
    """
    share = np.cumsum(reference.counts) / reference.present
    edges = np.asarray(reference.edges)
    inside = np.flatnonzero((share[:-1] >= 0.01) & (share[:-1] <= 0.99))
    low, high = (edges[inside[0]], edges[inside[-1]]) if len(inside) > 1 else (edges[0], edges[-1])
    if not low < high:
        low, high = edges[0], edges[-1]
    with np.errstate(over="ignore", invalid="ignore"):
        ends = np.linspace(low, high, BINS + 1)
        if not np.isfinite(ends).all() or not (np.diff(ends) > 0).all():
            return None
    a, b = _rebinned(reference, ends), _rebinned(current, ends)
    return Picture(
        a[1:-1].tolist(), b[1:-1].tolist(), ends.tolist(),
        outside=(float(a[0] + b[0]) / 2, float(a[-1] + b[-1]) / 2),
    )  # fmt: skip


def _rebinned(counts: NumberCounts, ends: Any) -> Any:
    below = np.cumsum(counts.counts)[:-1] / max(counts.present, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        at = np.interp(ends, counts.edges, below)
    return np.clip(np.diff(at, prepend=0.0, append=1.0 if counts.present else 0.0), 0, None)


def _categories(reference: CategoryCounts, current: CategoryCounts) -> Picture | None:
    names, p, q = measures.aligned(reference, current)
    if not p.sum() and not q.sum():
        return None
    p, q = p / max(p.sum(), 1), q / max(q.sum(), 1)
    rest = p[CATEGORIES:-1].sum() + p[-1], q[CATEGORIES:-1].sum() + q[-1]
    unseen = current.unseen / max(current.present, 1)
    alone = min(CATEGORIES, len(names))
    labels, a, b = names[:alone], p[:alone], q[:alone]
    found = Picture([*a.tolist()], [*b.tolist()], labels=list(labels))
    if unseen:
        found.labels.append("<unseen>")
        found.reference.append(0.0)
        found.current.append(unseen)
    others = rest[0], max(rest[1] - unseen, 0.0)
    if any(o > 1e-12 for o in others):
        found.labels.append("<other>")
        found.reference.append(float(others[0]))
        found.current.append(float(others[1]))
    return found
