"""What is drawn of a column: shares of the reference and of the new rows over the same axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.profile import AnyCounts, CategoryCounts, NumberCounts, TextCounts
from mulle.profile.counts import FEW
from mulle.table import Kind
from mulle.verbs.watch import measures
from mulle.verbs.watch.verdict import Picture

BINS, SHOWN, VALUES = 24, 8, 12


def picture(here: AnyCounts, there: AnyCounts, kind: Kind) -> Picture | None:
    """Shares to be drawn; None where there is nothing to draw."""
    if isinstance(here, TextCounts) and isinstance(there, TextCounts):
        return _ranges(here.characters, there.characters)
    if isinstance(here, NumberCounts) and isinstance(there, NumberCounts):
        if kind is Kind.datetime or len(here.edges) < 2 or not here.present:
            return None
        if kind is not Kind.continuous and len(here.edges) <= FEW:
            return _values(here, there)
        widths = np.diff(here.edges)
        if len(widths) > BINS and np.allclose(widths, widths[0]):
            return _probabilities(here, there)
        return _numbers(here, there)
    if isinstance(here, CategoryCounts) and isinstance(there, CategoryCounts):
        return _categories(here, there)
    return None


def _ranges(here: NumberCounts, there: NumberCounts) -> Picture | None:
    """Of bins with names: those that hold anything."""
    held = [k for k, pair in enumerate(zip(here.counts, there.counts, strict=True)) if any(pair)]
    if not held:
        return None
    ends = ["", *(f"{e:g}" for e in here.edges), ""]
    span = range(held[0], held[-1] + 1)
    a, b = (np.asarray(c.counts)[span] / max(c.present, 1) for c in (here, there))
    return Picture(a.tolist(), b.tolist(), labels=[f"{ends[k]} – {ends[k + 1]}" for k in span])


def _values(here: NumberCounts, there: NumberCounts) -> Picture:
    """Of whole numbers, each a bar; what is not among them as the last one."""
    a, b = (np.asarray(c.counts, float) / max(c.present, 1) for c in (here, there))
    some = np.sort(np.argsort(-np.maximum(a[1:-1], b[1:-1]), kind="stable")[:VALUES]) + 1
    labels = [f"{here.edges[k - 1]:g}" for k in some]
    rest = [max(float(s.sum() - s[some].sum()), 0.0) for s in (a, b)]
    more = any(r > 1e-9 for r in rest)
    return Picture(
        [*a[some].tolist(), *rest[: 1 * more]], [*b[some].tolist(), *rest[1 : 1 + more]],
        labels=labels + ["<other>"] * more,
    )  # fmt: skip


def _probabilities(here: NumberCounts, there: NumberCounts) -> Picture:
    """Of bins of equal width that reach to both ends: two are drawn as one."""
    step = here.edges[1] - here.edges[0]
    ends = [here.edges[0] - step, *here.edges, here.edges[-1] + step][::2]
    a, b = (np.asarray(c.counts).reshape(-1, 2).sum(1) / max(c.present, 1) for c in (here, there))
    return Picture(a.tolist(), b.tolist(), np.round(ends, 12).tolist())


def _numbers(here: NumberCounts, there: NumberCounts) -> Picture | None:
    """Over equally wide bins between the 1st and 99th hundredth of the reference.

    A bin of the frame that two of these share is parted by its width.
    """
    share = np.cumsum(here.counts) / here.present
    edges = np.asarray(here.edges)
    inside = np.flatnonzero((share[:-1] >= 0.01) & (share[:-1] <= 0.99))
    low, high = (edges[inside[0]], edges[inside[-1]]) if len(inside) > 1 else (edges[0], edges[-1])
    if not low < high:
        low, high = edges[0], edges[-1]
    with np.errstate(over="ignore", invalid="ignore"):
        ends = np.linspace(low, high, BINS + 1)
        if not np.isfinite(ends).all() or not (np.diff(ends) > 0).all():
            return None
    a, b = _rebinned(here, ends), _rebinned(there, ends)
    return Picture(
        a[1:-1].tolist(), b[1:-1].tolist(), ends.tolist(),
        outside=(float(a[0] + b[0]) / 2, float(a[-1] + b[-1]) / 2),
    )  # fmt: skip


def _rebinned(counts: NumberCounts, ends: Any) -> Any:
    below = np.cumsum(counts.counts)[:-1] / max(counts.present, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        at = np.interp(ends, counts.edges, below)
    return np.clip(np.diff(at, prepend=0.0, append=1.0 if counts.present else 0.0), 0, None)


def _categories(here: CategoryCounts, there: CategoryCounts) -> Picture | None:
    names, p, q = measures.aligned(here, there)
    if not p.sum() and not q.sum():
        return None
    p, q = p / max(p.sum(), 1), q / max(q.sum(), 1)
    rest = p[SHOWN:-1].sum() + p[-1], q[SHOWN:-1].sum() + q[-1]
    unseen = there.unseen / max(there.present, 1)
    labels, a, b = names[:SHOWN], p[: min(SHOWN, len(names))], q[: min(SHOWN, len(names))]
    found = Picture([*a.tolist()], [*b.tolist()], labels=list(labels))
    if unseen:
        found.labels.append("<unseen>")
        found.here.append(0.0)
        found.there.append(unseen)
    others = rest[0], max(rest[1] - unseen, 0.0)
    if any(o > 1e-12 for o in others):
        found.labels.append("<other>")
        found.here.append(float(others[0]))
        found.there.append(float(others[1]))
    return found
