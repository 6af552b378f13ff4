"""Drawings of the strongest pairs: dots of two numbers, boxes over categories, counts of both.

catalogue  plot-scatter plot-pair plot-box
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from mulle.arrays import Array
from mulle.table import Kind
from mulle.verbs.explore.columns.number import box_of
from mulle.verbs.explore.relation_data import PairPlot, Twins
from mulle.verbs.explore.relations.encoded import EncodedColumn, joint
from mulle.verbs.explore.relations.pairs import Measured
from mulle.verbs.explore.to_json import number

PLOTS, DOTS, GROUPS, TWICE = 6, 500, 10, 3
MIN_STRENGTH = 0.1  # a weaker pair is not worth a drawing


def plots(measured: Measured, twins: Sequence[Twins], seed: int = 0) -> list[PairPlot]:
    """Choose the strongest pairs to draw, without copies, no column more than 3 times."""
    gone = {frozenset((t.a, t.b)) for t in twins}
    times: Counter[str] = Counter()
    out: list[PairPlot] = []
    for i, j in measured.strongest():
        a, b = measured.columns[i], measured.columns[j]
        weak = abs(measured.value[i, j]) < MIN_STRENGTH
        often = max(times[a.name], times[b.name]) >= TWICE
        if len(out) == PLOTS or weak:
            break
        if often or frozenset((a.name, b.name)) in gone:
            continue
        out.append(_plot(a, b, measured.names[i][j], number(measured.value[i, j]), seed))
        times.update((a.name, b.name))
    return out


def _plot(
    a: EncodedColumn, b: EncodedColumn, measure: str, value: float | None, seed: int
) -> PairPlot:
    if a.is_number and b.is_number and a.x is not None and b.x is not None:
        rows = np.flatnonzero(~np.isnan(a.x) & ~np.isnan(b.x))
        if len(rows) > DOTS:
            rows = np.sort(np.random.default_rng(seed).choice(rows, DOTS, replace=False))
        x, y = a.x[rows].tolist(), b.x[rows].tolist()
        return PairPlot(a.name, b.name, "scatter", measure, value, x=x, y=y, dates=_dates(a, b))
    if not a.is_number and not b.is_number:
        table = joint(a, b)[:GROUPS, :GROUPS].astype(np.int64).tolist()
        return PairPlot(
            a.name, b.name, "counts", measure, value,
            groups=a.labels[:GROUPS], others=b.labels[:GROUPS], counts=table,
        )  # fmt: skip
    group, x_of = (b, a) if a.is_number else (a, b)
    named, boxes = _boxes(group, x_of.x if x_of.x is not None else np.empty(0))
    return PairPlot(
        group.name, x_of.name, "boxes", measure, value,
        groups=named, boxes=boxes, dates=_dates(group, x_of),
    )  # fmt: skip


def _boxes(group: EncodedColumn, x: Array) -> tuple[list[str], list[list[float]]]:
    named, boxes = [], []
    for code in range(1, min(group.k, GROUPS) + 1):
        inside = x[(group.codes == code) & ~np.isnan(x)]
        box = box_of(np.sort(inside))
        if box is not None:
            named.append(group.labels[code - 1])
            boxes.append([box.low_whisker, box.first, box.median, box.third, box.high_whisker])
    return named, boxes


def _dates(a: EncodedColumn, b: EncodedColumn) -> list[str]:
    return [c.name for c in (a, b) if c.column.kind is Kind.datetime]
