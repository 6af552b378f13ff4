"""Compare columns by the size of the effect: the one rule of what counts as drift.

Each column has one measure of its distribution, a share of rows (`ks` for numbers and the length
of texts, `total_variation` for categories), and further checks: missing values, unseen categories,
rows that moved outwards or inwards, values outside the range, scripts. Every check has an interval
of its true effect, wide where there are few rows:

drifted         the lower bound of a check exceeds 2 % of the rows
no_drift_seen   no lower bound does; a move below X, the largest upper bound, could hide
cannot_tell     no lower bound does, and X exceeds 25 % of the rows
not_judged      fewer than 30 rows on either side; dates, identifiers and images, of which only
                missing values are checked (later rows have later dates, other rows other names)

All checks of all columns of one comparison share its false-alarm rate: rows that are drawn alike
are called drifted in at most one of a hundred comparisons (Bonferroni over the checks). p-values
decide nothing, since with rows enough every difference has a small one. An upper bound is that of
its check alone: a larger move of a column hides with a chance of 5 %, whatever its neighbours do.

catalogue  watch-train-serve watch-serve-serve watch-alert
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np

from mulle.arrays import Array
from mulle.profile.counts import AnyCounts, CategoryCounts, NumberCounts, TextCounts
from mulle.profile.drift import intervals, measures
from mulle.profile.drift.intervals import HIDING, Noise
from mulle.profile.drift.picture import make_picture
from mulle.profile.drift.reasons import choose_reason
from mulle.profile.drift.result import Check, ColumnDrift, Status
from mulle.table import Kind

Key = TypeVar("Key", bound=Hashable)
ONLY_MISSING = (Kind.datetime, Kind.id, Kind.image)  # kinds whose values are not judged


@dataclass(frozen=True)
class Limits:
    """The numbers of the rule.

    Attributes:
        threshold: share of the rows that the lower bound of an effect must exceed.
        cannot_tell: share of the rows; where a larger move could hide there is no verdict.
        false_alarms: chance of any false alarm in one comparison of all columns.
        min_rows: rows that either side must have.
    """

    threshold: float = 0.02
    cannot_tell: float = 0.25
    false_alarms: float = 0.01
    min_rows: int = 30


class Pair(NamedTuple):
    """Counts of the reference and of the current rows over one frame, and the column's kind."""

    reference: AnyCounts
    current: AnyCounts
    kind: Kind


@dataclass
class _Case:
    """One column while it is compared; `needed` rows would allow a verdict."""

    chance: float
    limits: Limits
    checks: list[Check] = field(default_factory=list)
    needed: int | None = None

    def add(self, measure: str, score: float, low: float, high: float) -> Status:
        """Keep a check with its status."""
        status = Status.no_drift_seen
        low, high = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
        if low > self.limits.threshold:
            status = Status.drifted
        elif high > self.limits.cannot_tell:
            status = Status.cannot_tell
        self.checks.append(Check(measure, score, self.limits.threshold, low, high, status))
        return status

    def add_nothing(self, measure: str) -> None:
        """Keep a check without a number: a side has no values."""
        status, limit = Status.cannot_tell, self.limits.threshold
        self.checks.append(Check(measure, None, limit, None, None, status))

    def add_distance(
        self, measure: str, score: float, noise: Noise, rows: tuple[int, int],
        bounds: tuple[float, float], error: float = 0.0,
    ) -> None:  # fmt: skip
        """Check the distance between the two distributions.

        Args:
            noise: of the distance, at half the chance of this check.
            rows: with a value, of both sides.
            bounds: of its single shares, at the other half: see `intervals.move_bounds`.
            error: of the counts themselves.
        """
        n, m = rows
        widest = self.limits.cannot_tell - error
        low, high = noise.interval(score, n, m, error)
        found = self.add(measure, score, max(low, bounds[0] - error), high)
        if found is Status.cannot_tell:
            seen = (score - error - self.limits.threshold) / noise.most if noise.most else 0.0
            left = seen * seen - 1 / n if seen > 0 else 0.0
            ways = [noise.rows_needed(widest, n), math.ceil(1 / left) if left > 1e-9 else None]
            self.needed = min((k for k in ways if k is not None and k > m), default=None)

    def add_share(
        self, measure: str, reference: tuple[int, int], current: tuple[int, int],
        *, expected: float = 0.0, doubt: float = 0.0, both: bool = False,
    ) -> None:  # fmt: skip
        """Check a share of rows that should not grow or, with `both`, not change."""
        if not reference[1] or not current[1]:
            return
        low, _ = intervals.share_interval(reference, current, self.chance)
        _, high = intervals.share_interval(reference, current, 2 * HIDING)
        score = current[0] / current[1] - reference[0] / reference[1] - expected
        low, high = low - expected - doubt, high - expected
        if both and score < 0:
            _, least = intervals.share_interval(reference, current, self.chance)
            most, _ = intervals.share_interval(reference, current, 2 * HIDING)
            score, low, high = -score, -least, -most
        self.add(measure, score, low, high)


def compare_columns(
    pairs: Mapping[Key, Pair], limits: Limits | None = None
) -> dict[Key, ColumnDrift]:
    """Compare all columns of one comparison; they share its false-alarm rate.

    Args:
        pairs: counts of the two sides by column.
        limits: numbers of the rule.

    Returns:
        The result of each column, under the same keys and in the same order.

    >>> before = CategoryCounts({"a": 5000, "b": 5000}, 10_000)
    >>> now = CategoryCounts({"a": 4000, "b": 6000}, 10_000)
    >>> found = compare_columns({"x": Pair(before, now, Kind.nominal)})["x"]
    >>> found.status.value, found.measure, found.score
    ('drifted', 'total_variation', 0.1)
    """
    limits = limits or Limits()
    checks = sum(count_checks(p) for p in pairs.values() if _has_rows(p, limits))
    return {key: compare_column(pair, max(checks, 1), limits) for key, pair in pairs.items()}


def compare_column(
    pair: Pair, checks: int | None = None, limits: Limits | None = None
) -> ColumnDrift:
    """Compare one column.

    Args:
        pair: counts of the two sides.
        checks: number of checks of the whole comparison; those of this column if None.
        limits: numbers of the rule.
    """
    limits = limits or Limits()
    reference, current, kind = pair
    if not _has_rows(pair, limits):
        return _not_judged(pair, limits)
    case = _Case(limits.false_alarms / (checks or count_checks(pair)), limits)
    if kind not in ONLY_MISSING:
        _add_values(case, reference, current)
    missing = (reference.missing, reference.rows), (current.missing, current.rows)
    case.add_share("missing_share", *missing, both=True)
    return _result(case, pair)


def count_checks(pair: Pair) -> int:
    """Count the checks of a column.

    >>> count_checks(Pair(CategoryCounts(), CategoryCounts(), Kind.nominal))
    3
    """
    if pair.kind in ONLY_MISSING:
        return 1
    if isinstance(pair.reference, NumberCounts):
        return 3 if pair.reference.error else 4
    return 3


def _has_rows(pair: Pair, limits: Limits) -> bool:
    return min(pair.reference.rows, pair.current.rows) >= limits.min_rows


def _add_values(case: _Case, reference: AnyCounts, current: AnyCounts) -> None:
    if isinstance(reference, NumberCounts) and isinstance(current, NumberCounts):
        _add_numbers(case, reference, current)
    elif isinstance(reference, CategoryCounts) and isinstance(current, CategoryCounts):
        _add_categories(case, reference, current)
    elif isinstance(reference, TextCounts) and isinstance(current, TextCounts):
        _add_texts(case, reference, current)


def _add_numbers(case: _Case, reference: NumberCounts, current: NumberCounts) -> None:
    rows, half = (reference.present, current.present), case.chance / 2
    if not all(rows):
        case.add_nothing("ks")
        return
    below = [np.cumsum(c.counts)[:-1] for c in (reference, current)]
    noise = intervals.ks_noise(reference.counts, half)
    bounds = intervals.move_bounds(below[0], rows[0], below[1], rows[1], half)
    score = measures.ks(reference.counts, current.counts)
    case.add_distance("ks", score, noise, rows, bounds, reference.error)
    if not reference.error:
        before, now = (measures.outside(reference, c) for c in (reference, current))
        bounds = intervals.move_bounds(before, rows[0], now, rows[1], half)
        moved = np.abs(now / rows[1] - before / rows[0]).max(initial=0.0)
        case.add_distance("tail_share", float(moved), noise, rows, bounds)
    beyond = measures.beyond(reference), measures.beyond(current)
    whole = reference.rows - reference.missing, current.rows - current.missing
    case.add_share("range_share", (beyond[0], whole[0]), (beyond[1], whole[1]))


def _add_categories(case: _Case, reference: CategoryCounts, current: CategoryCounts) -> None:
    rows = reference.present, current.present
    if not all(rows):
        case.add_nothing("total_variation")
        return
    _, p, q = measures.aligned(reference, current)
    _add_variation(case, "total_variation", (p, q), rows)
    if reference.complete:
        expected, deviation = measures.to_be_expected(reference)
        doubt = intervals.exceeded(case.chance) * deviation
        pair = (0, rows[0]), (current.unseen, rows[1])
        case.add_share("unseen_share", *pair, expected=expected, doubt=doubt)


def _add_variation(
    case: _Case, measure: str, shares: tuple[Array, Array], rows: tuple[int, int]
) -> None:
    p, q = shares
    noise = intervals.variation_noise(p, case.chance / 2)
    bounds = intervals.move_bounds(p, rows[0], q, rows[1], case.chance / 2)
    case.add_distance(measure, measures.total_variation(p, q), noise, rows, bounds)


def _add_texts(case: _Case, reference: TextCounts, current: TextCounts) -> None:
    rows, half = (reference.present, current.present), case.chance / 2
    if not all(rows):
        case.add_nothing("text_length")
        return
    p, q = reference.characters, current.characters
    below = [np.cumsum(c.counts)[:-1] for c in (p, q)]
    bounds = intervals.move_bounds(below[0], rows[0], below[1], rows[1], half)
    noise = intervals.ks_noise(p.counts, half)
    case.add_distance("text_length", measures.ks(p.counts, q.counts), noise, rows, bounds)
    names = sorted({*reference.scripts, *current.scripts})
    a, b = (np.array([c.scripts.get(n, 0) for n in names], float) for c in (reference, current))
    _add_variation(case, "text_script", (a, b), rows)


def _not_judged(pair: Pair, limits: Limits) -> ColumnDrift:
    reference, current, kind = pair
    rows = min(reference.rows, current.rows)
    return ColumnDrift(
        kind=kind.value, status=Status.not_judged, drift_detected=False,
        measure=_first_measure(pair), score=None, threshold=limits.threshold,
        n_ref=reference.rows, n_cur=current.rows, reason_code="few-rows",
        reason_values={"rows": rows, "needed": limits.min_rows},
        rows_needed=limits.min_rows if reference.rows >= limits.min_rows else None,
        picture=make_picture(reference, current, kind),
    )  # fmt: skip


def _first_measure(pair: Pair) -> str:
    if pair.kind in ONLY_MISSING:
        return "missing_share"
    if isinstance(pair.reference, NumberCounts):
        return "ks"
    return "text_length" if isinstance(pair.reference, TextCounts) else "total_variation"


def _result(case: _Case, pair: Pair) -> ColumnDrift:
    reference, current, kind = pair
    status, check = _verdict(case, pair)
    judged = status is not Status.not_judged
    both = bool(reference.present and current.present)
    known = [c.high for c in case.checks if c.high is not None]
    hidden = max(known, default=None) if judged and both else None
    needed = case.needed if status is Status.cannot_tell else None
    if needed and current.present:  # the rows without a value count as well
        needed = math.ceil(needed * current.rows / current.present)
    why = choose_reason(check, status, pair.reference, pair.current, kind, needed, hidden)
    described = both and judged and not isinstance(reference, TextCounts)
    return ColumnDrift(
        kind=kind.value,
        status=status,
        drift_detected=status is Status.drifted,
        measure=check.measure,
        score=check.score if judged else None,
        threshold=check.threshold,
        low=check.low if judged else None,
        high=check.high if judged else None,
        could_hide=hidden,
        n_ref=reference.rows,
        n_cur=current.rows,
        reason_code=why.code,
        reason_values=why.values,
        rows_needed=needed,
        checks=case.checks,
        other_measures=measures.other_measures(reference, current) if described else {},
        picture=make_picture(reference, current, kind),
    )


def _verdict(case: _Case, pair: Pair) -> tuple[Status, Check]:
    """The status of a column, and the check that decided."""
    first, drifted = case.checks[0], [c for c in case.checks if c.status is Status.drifted]
    if drifted:
        chosen = max(drifted, key=lambda c: (c is first, c.low or 0.0))
        if chosen is first:  # the cause says more than the effect on the distribution
            size = first.score or 0.0
            says_more = [c for c in drifted if (c.score or 0.0) >= _SAYS_MORE[c.measure] * size]
            chosen = max(says_more, key=lambda c: _PLAIN[c.measure])
        return Status.drifted, chosen
    if pair.kind in ONLY_MISSING or not (pair.reference.present or pair.current.present):
        return Status.not_judged, first
    undecided = any(c.status is Status.cannot_tell for c in case.checks)
    return (Status.cannot_tell if undecided else Status.no_drift_seen), first


#: of several checks of about the same size, the plainest one is shown
_PLAIN = {
    "ks": 0, "total_variation": 0, "text_length": 0, "text_script": 1, "tail_share": 1,
    "range_share": 2, "unseen_share": 3, "missing_share": 4,
}  # fmt: skip

#: share of the effect on the distribution that a check must have to be shown in its place
_SAYS_MORE = {**dict.fromkeys(_PLAIN, 0.9), "tail_share": 1.5}
