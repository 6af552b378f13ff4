"""Compare columns by the size of the effect: the one rule of what counts as drift.

Each column has one measure of its distribution, a share of rows (`ks` for numbers and the length
of texts, `total_variation` for categories), and further checks: missing values, unseen categories,
tails, values outside the range, scripts. Every check has an interval of its true effect, wide
where there are few rows:

drifted         the lower bound of a check exceeds 2 % of the rows
no_drift_seen   no lower bound does; a move below X, the largest upper bound, could hide
cannot_tell     no lower bound does, and X exceeds 25 % of the rows
not_judged      fewer than 30 rows on either side; dates, identifiers and images, of which only
                missing values are checked (later rows have later dates, other rows other names)

All checks of all columns of one comparison share its false-alarm rate: rows that are drawn alike
are called drifted in at most one of twenty comparisons (Bonferroni over the checks). p-values
decide nothing, since with rows enough every difference has a small one.

catalogue  watch-train-serve watch-serve-serve watch-alert
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import NamedTuple, TypeVar

from mulle.profile.counts import AnyCounts, CategoryCounts, NumberCounts, TextCounts
from mulle.profile.drift import intervals, measures
from mulle.profile.drift.intervals import Noise, spread
from mulle.profile.drift.picture import make_picture
from mulle.profile.drift.reasons import choose_reason
from mulle.profile.drift.result import Check, ColumnDrift, Status
from mulle.table import Kind

Key = TypeVar("Key", bound=Hashable)
_SLACK = 0.8  # s, by which two samples of one distribution lie apart more than is typical
_ONLY_MISSING = (Kind.datetime, Kind.id, Kind.image)  # kinds whose values are not judged


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
    false_alarms: float = 0.05
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
        if low > self.limits.threshold:
            status = Status.drifted
        elif high > self.limits.cannot_tell:
            status = Status.cannot_tell
        self.checks.append(Check(measure, score, self.limits.threshold, low, high, status))
        return status

    def add_distance(
        self, measure: str, score: float, noise: Noise, rows: tuple[int, int], error: float = 0.0
    ) -> None:
        """Check the distance between the two distributions."""
        n, m = rows
        widest = self.limits.cannot_tell
        if not n or not m or not math.isfinite(score):
            self.add(measure, 0.0, 0.0, 1.0)
            self.needed = noise.rows_needed(widest / (noise.most + _SLACK), n)
            return
        low, high = noise.interval(score, n, m, error)
        if self.add(measure, score, low, high) is Status.cannot_tell:
            real = max(score - noise.typical * spread(n, m), 0.0)
            ways = [
                (score - error - self.limits.threshold) / noise.most,  # enough to see this much
                (widest - error) / (noise.most + _SLACK),  # enough if nothing moved
                (widest - error - real) / noise.most,
            ]
            enough = [noise.rows_needed(s, n) for s in ways]
            self.needed = min((k for k in enough if k is not None and k > m), default=None)

    def add_share(
        self, measure: str, reference: tuple[int, int], current: tuple[int, int],
        *, expected: float = 0.0, doubt: float = 0.0, both: bool = False,
    ) -> None:  # fmt: skip
        """Check a share of rows that should not grow or, with `both`, not change."""
        if not reference[1] or not current[1]:
            if not self.checks:
                self.add(measure, 0.0, 0.0, 1.0)
            return
        low, high = intervals.share_interval(reference, current, self.chance)
        score = current[0] / current[1] - reference[0] / reference[1] - expected
        low, high = low - expected - doubt, high - expected
        if both and score < 0:
            score, low, high = -score, -high, -low
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
    if kind not in _ONLY_MISSING:
        _add_values(case, reference, current)
    missing = (reference.missing, reference.rows), (current.missing, current.rows)
    case.add_share("missing_share", *missing, both=True)
    return _result(case, pair)


def count_checks(pair: Pair) -> int:
    """Count the checks of a column.

    >>> count_checks(Pair(CategoryCounts(), CategoryCounts(), Kind.nominal))
    3
    """
    if pair.kind in _ONLY_MISSING:
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
    rows = reference.present, current.present
    noise = intervals.ks_noise(reference.counts, case.chance)
    score = measures.ks(reference.counts, current.counts)
    case.add_distance("ks", score, noise, rows, reference.error)
    if not reference.error:
        outside = (measures.outside(reference, c) for c in (reference, current))
        case.add_share("tail_share", (next(outside), rows[0]), (next(outside), rows[1]))
    beyond = measures.beyond(reference), measures.beyond(current)
    whole = reference.rows - reference.missing, current.rows - current.missing
    case.add_share("range_share", (beyond[0], whole[0]), (beyond[1], whole[1]))


def _add_categories(case: _Case, reference: CategoryCounts, current: CategoryCounts) -> None:
    rows = reference.present, current.present
    _, p, q = measures.aligned(reference, current)
    noise = intervals.variation_noise(p, case.chance)
    case.add_distance("total_variation", measures.total_variation(p, q), noise, rows)
    if reference.complete and reference.present:
        expected, deviation = measures.to_be_expected(reference)
        doubt = NormalDist().inv_cdf(1 - case.chance) * deviation
        pair = (0, rows[0]), (current.unseen, rows[1])
        case.add_share("unseen_share", *pair, expected=expected, doubt=doubt)


def _add_texts(case: _Case, reference: TextCounts, current: TextCounts) -> None:
    rows = reference.present, current.present
    p, q = reference.characters, current.characters
    noise = intervals.ks_noise(p.counts, case.chance)
    case.add_distance("text_length", measures.ks(p.counts, q.counts), noise, rows)
    if not all(rows):
        return
    names = sorted({*reference.scripts, *current.scripts})
    a, b = ([c.scripts.get(n, 0) for n in names] for c in (reference, current))
    noise, score = intervals.variation_noise(a, case.chance), measures.total_variation(a, b)
    case.add("text_script", score, *noise.interval(score, *rows))


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
    if pair.kind in _ONLY_MISSING:
        return "missing_share"
    if isinstance(pair.reference, NumberCounts):
        return "ks"
    return "text_length" if isinstance(pair.reference, TextCounts) else "total_variation"


def _result(case: _Case, pair: Pair) -> ColumnDrift:
    reference, current, kind = pair
    status, check = _verdict(case, pair)
    judged = status is not Status.not_judged
    both = bool(reference.present and current.present)
    hidden = min(1.0, max(c.high for c in case.checks)) if judged else None
    needed = case.needed if status is Status.cannot_tell else None
    why = choose_reason(check, status, pair.reference, pair.current, kind, needed, hidden)
    described = both and judged and not isinstance(reference, TextCounts)
    return ColumnDrift(
        kind=kind.value,
        status=status,
        drift_detected=status is Status.drifted,
        measure=check.measure,
        score=check.score if both or status is Status.drifted else None,
        threshold=check.threshold,
        low=check.low,
        high=check.high,
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
        chosen = max(drifted, key=lambda c: (c is first, c.low))
        if chosen is first:  # the cause says more than the effect on the distribution
            chosen = max(drifted, key=lambda c: (c.score >= 0.9 * first.score, _PLAIN[c.measure]))
        return Status.drifted, chosen
    if pair.kind in _ONLY_MISSING or not (pair.reference.present or pair.current.present):
        return Status.not_judged, first
    widest = max(case.checks, key=lambda c: c.high)
    return (Status.cannot_tell if widest.high > case.limits.cannot_tell else widest.status), first


#: of several checks of about the same size, the plainest one is shown
_PLAIN = {
    "ks": 0, "total_variation": 0, "text_length": 0, "text_script": 1, "tail_share": 1,
    "range_share": 2, "unseen_share": 3, "missing_share": 4,
}  # fmt: skip
