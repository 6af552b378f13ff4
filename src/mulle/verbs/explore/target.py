"""What each column alone tells about the column to be predicted, and which tell too much.

Of the sampled rows that have a target; the classes and their counts are of all rows. A share of 1
of the information says that a column settles the target; it does not say that it causes it.

catalogue  eda-bivariate stat-conditional stat-infogain
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mulle.arrays import Array
from mulle.metrics import suspects
from mulle.table import Column, task_of
from mulle.table.target import rarer
from mulle.verbs.explore.columns.category import entropy_of
from mulle.verbs.explore.relations import categories as cat
from mulle.verbs.explore.relations.encoded import (
    CATEGORIES,
    NUMBERS,
    EncodedColumn,
    counts,
    encode,
    joint,
)
from mulle.verbs.explore.relations.numbers import pearson, ranks
from mulle.verbs.explore.report import Leak, NotComputed, Slice, Target, Tells
from mulle.verbs.explore.scan import Scan
from mulle.verbs.explore.summaries import (
    AnySummary,
    BooleanSummary,
    CategorySummary,
    Level,
    NumberSummary,
)
from mulle.verbs.explore.to_json import number

MAX_COLUMNS = 1_000  # looked at, in the order of the table
MAX_CLASSES, MAX_SLICES = 20, 10


def explore_target(
    scan: Scan, name: str, known: Mapping[str, EncodedColumn], seed: int = 0
) -> tuple[Target | None, list[NotComputed]]:
    """Explore a target; return its section, and what was left out.

    Args:
        scan: of the table.
        name: of the target, a column of it.
        known: columns that were coded already.
        seed: of the folds that leaks are looked for with.
    """
    summary = next((c for c in scan.summaries if c.name == name), None)
    column = next((c for c in scan.columns if c.name == name), None)
    if summary is None or column is None or summary.distinct < 2:
        return None, [NotComputed("target", "nothing-to-predict", {"column": name})]
    if column.kind not in NUMBERS | CATEGORIES:
        return None, [NotComputed("target", "kind", {"column": name, "kind": column.kind.value})]
    task = task_of(column, summary.distinct, least=_least(summary))
    target = known.get(name) or encode(column, scan.sample[name])
    others = [c for c in scan.columns if c.name != name]
    some = [c for c in others if c.kind in NUMBERS | CATEGORIES][:MAX_COLUMNS]
    look = _Looking(target, task, summary)
    tells = [look.at(known.get(c.name) or encode(c, scan.sample[c.name])) for c in some]
    tells.sort(key=lambda t: -(t.share if t.share is not None else -1))
    leaks, left = _leaks(scan, others, target, task, seed)
    classes = _classes(summary) if task != "regression" else []
    return Target(
        name, task, summary.missing, look.positive, classes,
        _balance(summary) if classes else None, tells, leaks,
    ), left  # fmt: skip


def check_target(scan: Scan, name: str, source: str) -> None:
    """Check that a column can be a target at all, by the rule that `fit` has.

    Args:
        scan: of the table.
        name: of the target.
        source: of the table, for the refusal.

    Raises:
        DataError: the target is a date.
    """
    for column in scan.columns:
        if column.name == name:
            summary = scan.summary_of(name)
            task_of(column, summary.distinct, where=source, least=_least(summary))


class _Looking:
    """The target of the sampled rows, looked at over one column after another."""

    def __init__(self, target: EncodedColumn, task: str, summary: AnySummary) -> None:
        self.target, self.task = target, task
        self.labels = _labels(target)
        self.positive = _positive(summary) if task == "binary" else ""
        self.place = self.labels.index(self.positive) + 1 if self.positive in self.labels else 0
        named = {text: k + 1 for k, text in enumerate(self.labels)}
        shown = [str(_label(c.value)) for c in _classes(summary)]
        self.classes = [named[text] for text in shown if text in named]
        self.rank = ranks(target.x[:, None])[:, 0] if target.x is not None else None

    def at(self, column: EncodedColumn) -> Tells:
        """Return what one column tells about the target."""
        table = joint(column, self.target)
        measure, value = self._measure(column, table)
        whole = entropy_of(table.sum(0))
        information = cat.mutual_information(table)
        share = min(1.0, information / whole) if whole > 0 else None
        return Tells(column.name, measure, number(value), number(information), share,
                     self._slices(column))  # fmt: skip

    def _measure(self, column: EncodedColumn, table: Array) -> tuple[str, float]:
        classes = self.task != "regression"
        if column.is_number and not classes and column.x is not None and self.rank is not None:
            both = np.stack([ranks(column.x[:, None])[:, 0], self.rank], axis=1)
            return "spearman", float(pearson(both)[0][0, 1])
        if column.is_number and column.x is not None:
            codes = self.target.codes
            return "correlation_ratio", cat.correlation_ratio(codes, self.target.k, column.x)
        if classes:
            return "cramers_v", cat.cramers_v(table)
        x = self.target.x
        ratio = cat.correlation_ratio(column.codes, column.k, x) if x is not None else np.nan
        return "correlation_ratio", ratio

    def _slices(self, column: EncodedColumn) -> list[Slice]:
        codes, k = _grouped(column)
        rows = np.bincount(codes, minlength=k + 1)
        present = self.target.codes > 0
        if self.task == "regression":
            return [
                self._slice(column, c, k, int(rows[c]), self._mean((codes == c) & present), [])
                for c in (*range(1, k + 1), 0)
                if rows[c]
            ]
        table = counts(codes + 1, self.target.codes, k + 1, self.target.k)
        whole = np.maximum(table.sum(1), 1)
        out = []
        for c in (*range(1, k + 1), 0):
            if rows[c]:
                shares = [float(table[c, j - 1] / whole[c]) for j in self.classes]
                mean = float(table[c, self.place - 1] / whole[c]) if self.place else None
                out.append(self._slice(column, c, k, int(rows[c]), mean, shares))
        return out

    def _mean(self, mask: Array) -> float | None:
        if self.target.x is None:
            return None
        x = self.target.x[mask]
        with np.errstate(over="ignore"):
            return number(x.mean()) if len(x) else None

    def _slice(
        self,
        column: EncodedColumn,
        c: int,
        k: int,
        rows: int,
        mean: float | None,
        shares: list[float],
    ) -> Slice:
        if c == 0:
            return Slice("missing", rows, mean=mean, shares=shares)
        if not column.is_number:
            others = c == k and column.k > k - 1 and (column.k > k or column.lumped)
            sort = "others" if others else "value"
            label = "" if others else column.labels[c - 1]
            return Slice(sort, rows, label, mean=mean, shares=shares)
        low, high = _merged(column)[c - 1 : c + 1]
        only = _only_value(column, low, high, last=c == k)
        if only is not None:
            return Slice("value", rows, str(_label(only)), mean=mean, shares=shares)
        return Slice("range", rows, "", low, high, mean, shares)


def _grouped(column: EncodedColumn) -> tuple[Array, int]:
    """Return codes of at most `MAX_SLICES` groups: frequent categories and the rest, or bins."""
    if not column.is_number:
        if column.k <= MAX_SLICES:
            return column.codes, column.k
        return np.minimum(column.codes, MAX_SLICES), MAX_SLICES
    step = -(-column.k // MAX_SLICES) if column.k else 1
    codes = np.where(column.codes > 0, (column.codes - 1) // step + 1, 0)
    return codes, -(-column.k // step)


def _merged(column: EncodedColumn) -> list[float]:
    """Return the ends of the ranges that `_grouped` makes of bins."""
    step = -(-column.k // MAX_SLICES) if column.k else 1
    return [*column.edges[:-1:step], column.edges[-1]]


def _only_value(column: EncodedColumn, low: float, high: float, *, last: bool) -> float | None:
    """Return the value of a column from low up to high, if there is only one."""
    if column.x is None:
        return None
    inside = column.x[(column.x >= low) & ((column.x <= high) if last else (column.x < high))]
    return float(inside[0]) if len(inside) and inside.min() == inside.max() else None


def _labels(target: EncodedColumn) -> list[str]:
    if target.labels:
        return target.labels
    return [str(_label(e)) for e in target.edges[:-1]]


def _positive(summary: AnySummary) -> str:
    classes = sorted(_classes(summary), key=lambda level: level.value)
    return str(_label(classes[rarer([level.count for level in classes])].value))


def _least(summary: AnySummary) -> int:
    """Return the rows of the rarest value that is listed."""
    return min((level.count for level in _classes(summary)), default=0)


def _label(value: str | float) -> str | int | float:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _classes(summary: AnySummary) -> list[Level]:
    """Return the classes with their rows, from the most frequent down."""
    if isinstance(summary, BooleanSummary):
        n = max(1, summary.present)
        both = [
            Level("1", summary.true, summary.true / n),
            Level("0", summary.false, summary.false / n),
        ]
        return sorted(both, key=lambda level: -level.count)
    if isinstance(summary, CategorySummary):
        return summary.top[:MAX_CLASSES]
    if isinstance(summary, NumberSummary):
        return [Level(str(_label(t.value)), t.count, t.share) for t in summary.top[:MAX_CLASSES]]
    return []


def _balance(summary: AnySummary) -> float | None:
    """Return entropy of the classes as a share of the largest possible."""
    if isinstance(summary, CategorySummary):
        return summary.evenness
    times = np.array([c.count for c in _classes(summary)])
    return entropy_of(times) / float(np.log2(len(times))) if len(times) > 1 else None


def _leaks(
    scan: Scan, others: list[Column], target: EncodedColumn, task: str, seed: int
) -> tuple[list[Leak], list[NotComputed]]:
    """Return columns that predict the target too well alone, by the check that `fit` uses."""
    rows = np.flatnonzero(target.codes > 0)
    y = target.x[rows] if task == "regression" and target.x is not None else target.codes[rows] - 1
    some = others[:MAX_COLUMNS]
    columns = {c.name: scan.sample[c.name].gather(rows).to_numpy() for c in some}
    found = suspects(columns, y, task, seed)
    left = []
    if len(some) < len(others):
        values = {"limit": MAX_COLUMNS, "count": len(others) - len(some)}
        left.append(NotComputed("leaks", "too-many-columns", values))
    leaks = [Leak(x.column, x.score, x.baseline, x.threshold, x.reason) for x in found]
    return leaks, left
