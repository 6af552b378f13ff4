"""From two sets of counts to a verdict on a column: the size of the effect decides, no p-value.

Each column has one measure that is asked first, a share of rows (`ks` for numbers, the length of
texts, `total_variation` for categories), and further checks: missing values, unseen categories,
tails, values never seen before, scripts. A check says `drifted` where the effect is surely above
its threshold, given how many rows there are; `stable` where it is surely below the margin; else
`unknown`. All the checks of all columns together say `drifted` wrongly in at most one of twenty
comparisons of rows that are drawn alike.

The margin is 5 points of the rows; for a reference of so few rows that it cannot tell those, what
as many new rows could tell, and at most 15.
Dates are not judged by where they lie: later rows are later.

catalogue  watch-train-serve watch-serve-serve watch-alert
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist

from mulle.profile import AnyCounts, CategoryCounts, NumberCounts, TextCounts
from mulle.table import Kind
from mulle.verbs.watch import bands, measures
from mulle.verbs.watch.bands import Noise, spread
from mulle.verbs.watch.pictures import picture
from mulle.verbs.watch.reasons import reason
from mulle.verbs.watch.verdict import Check, ColumnVerdict, Status

_SLACK = 0.8  # s, by which two samples of one distribution lie apart more than is typical
_CHECKS = 5  # that a column may have: they share the chance of a false alarm


@dataclass(frozen=True)
class Limits:
    """What counts as drift.

    Attributes:
        share: of the rows that must have moved, for `ks`, `total_variation` and `missing_share`.
        rare: the same for what is rare by nature: tails, ranges, unseen categories.
        margin: what must be ruled out to say `stable`; for a small reference up to `widest`.
        chance: of any false alarm in a comparison of all columns.
    """

    share: float = 0.02
    rare: float = 0.01
    margin: float = 0.05
    widest: float = 0.15
    chance: float = 0.05


@dataclass
class _Case:
    """One column while it is judged.

    `needed` is how many new rows would tell: that nothing moved if nothing did, or that as much
    did as is seen now, where something surely did.
    """

    chance: float
    limits: Limits
    checks: list[Check] = field(default_factory=list)
    margin: float = 0.0
    needed: int | None = None

    def distance(
        self, measure: str, score: float, noise: Noise, rows: tuple[int, int], error: float = 0.0
    ) -> None:
        """The measure that is asked first."""
        n, m = rows
        limit, reach = self.limits.share, noise.most + _SLACK
        most = max(self.limits.margin, self.limits.widest)
        self.margin = min(max(self.limits.margin, reach * spread(n, n) + error), most)
        if not n or not m or not math.isfinite(score):
            self.checks.append(Check(measure, 0.0, limit, 0.0, 1.0, Status.unknown))
            self.needed = noise.rows_needed(self.margin / reach, n)
            return
        low, high = noise.band(score, n, m, error)
        status = _status(low, high, limit, self.margin)
        self.checks.append(Check(measure, score, limit, low, high, status))
        if status is Status.unknown:
            real = max(score - noise.typical * spread(n, m), 0.0)
            ways = [self.margin / reach, (self.margin - error - real) / noise.most]
            ways.insert(0 if low > 0 else 2, (score - error - limit) / noise.most)
            enough = [noise.rows_needed(s, n) for s in ways]
            self.needed = next((k for k in enough if k is not None and k > m), None)

    def share(
        self, measure: str, here: tuple[int, int], there: tuple[int, int], limit: float,
        *, expected: float = 0.0, doubt: float = 0.0,
        both: bool = False,
    ) -> None:  # fmt: skip
        """A share of rows that should not have grown, or with `both` not have changed."""
        if not here[1] or not there[1]:
            if not self.checks:
                self.checks.append(Check(measure, 0.0, limit, 0.0, 1.0, Status.unknown))
            return
        low, high = bands.share_band(here, there, self.chance)
        score, low, high = (
            there[0] / there[1] - here[0] / here[1] - expected,
            low - expected - doubt,
            high,
        )
        if both and score < 0:
            score, low, high = -score, -high, -low
        status = _status(low, high, limit, max(self.limits.margin, self.margin))
        self.checks.append(Check(measure, score, limit, low, high, status))


def judge(
    here: AnyCounts,
    there: AnyCounts,
    kind: Kind,
    *,
    columns: int = 1,
    importance: float | None = None,
    limits: Limits | None = None,
) -> ColumnVerdict:
    """What is said of one column.

    Args:
        here, there: counts of the reference and of the new rows, over one frame.
        kind: what the column is.
        columns: how many are judged together: the chance of a false alarm is that of all of them.
        importance: for the record.
        limits: what counts as drift.

    >>> frame = CategoryCounts({"a": 5000, "b": 5000}, 10_000)
    >>> moved = CategoryCounts({"a": 4000, "b": 6000}, 10_000)
    >>> found = judge(frame, moved, Kind.nominal)
    >>> found.status.value, found.measure, found.score
    ('drifted', 'total_variation', 0.1)
    """
    limits = limits or Limits()
    case = _Case(limits.chance / max(columns, 1) / _CHECKS, limits)
    if isinstance(here, NumberCounts) and isinstance(there, NumberCounts):
        _numbers(case, here, there, kind)
    elif isinstance(here, CategoryCounts) and isinstance(there, CategoryCounts):
        _categories(case, here, there)
    elif isinstance(here, TextCounts) and isinstance(there, TextCounts):
        _texts(case, here, there)
    pair = (here.missing, here.rows), (there.missing, there.rows)
    case.share("missing_share", *pair, limits.share, both=True)
    also = {} if isinstance(here, TextCounts) or kind is Kind.datetime else _also(here, there)
    return _verdict(case, here, there, kind, also, importance)


def _numbers(case: _Case, here: NumberCounts, there: NumberCounts, kind: Kind) -> None:
    rows = here.present, there.present
    if kind is not Kind.datetime:
        noise = bands.ks_noise(here.counts, case.chance)
        case.distance("ks", measures.ks(here.counts, there.counts), noise, rows, here.error)
        if not here.error:
            pair = (measures.outside(here, here), rows[0]), (measures.outside(here, there), rows[1])
            case.share("tail_share", *pair, case.limits.rare)
        new = measures.beyond(here), measures.beyond(there)
        whole = here.rows - here.missing, there.rows - there.missing
        case.share("range_share", (new[0], whole[0]), (new[1], whole[1]), case.limits.rare / 2)


def _categories(case: _Case, here: CategoryCounts, there: CategoryCounts) -> None:
    rows = here.present, there.present
    _, p, q = measures.aligned(here, there)
    noise = bands.variation_noise(p, case.chance)
    case.distance("total_variation", measures.total_variation(p, q), noise, rows)
    if here.complete and here.present:
        expected, deviation = measures.to_be_expected(here)
        z = NormalDist().inv_cdf(1 - case.chance)
        pair = (0, rows[0]), (there.unseen, rows[1])
        case.share("unseen_share", *pair, case.limits.rare, expected=expected, doubt=z * deviation)


def _texts(case: _Case, here: TextCounts, there: TextCounts) -> None:
    rows = here.present, there.present
    p, q = here.characters, there.characters
    noise = bands.ks_noise(p.counts, case.chance)
    case.distance("text_length", measures.ks(p.counts, q.counts), noise, rows)
    if not all(rows):
        return
    names = sorted({*here.scripts, *there.scripts})
    a, b = ([c.scripts.get(n, 0) for n in names] for c in (here, there))
    noise = bands.variation_noise(a, case.chance)
    score = measures.total_variation(a, b)
    low, high = noise.band(score, *rows)
    status = _status(low, high, case.limits.share, case.margin)
    case.checks.append(Check("text_script", score, case.limits.share, low, high, status))


def _status(low: float, high: float, limit: float, margin: float) -> Status:
    if low > limit:
        return Status.drifted
    return Status.stable if high < margin else Status.unknown


def _also(here: AnyCounts, there: AnyCounts) -> dict[str, float]:
    return measures.described(here, there) if here.present and there.present else {}


def _verdict(
    case: _Case, here: AnyCounts, there: AnyCounts, kind: Kind, also: dict[str, float],
    importance: float | None,
) -> ColumnVerdict:  # fmt: skip
    drifted = [c for c in case.checks if c.status is Status.drifted]
    first = case.checks[0]
    if drifted:
        chosen = max(drifted, key=lambda c: (c is first, c.low / c.threshold))
        if chosen is first:  # what makes it so says more than that it is so
            chosen = max(drifted, key=lambda c: (c.score >= 0.9 * first.score, _PLAIN[c.measure]))
        status = Status.drifted
    else:
        chosen = first
        status = Status.not_judged if kind is Kind.datetime else first.status
    told = chosen.score if (here.present and there.present) or drifted else None
    needed = case.needed if status is Status.unknown else None
    return ColumnVerdict(
        kind=kind.value,
        measure=chosen.measure,
        score=told,
        threshold=chosen.threshold,
        drift_detected=bool(drifted),
        status=status,
        n_ref=here.rows,
        n_cur=there.rows,
        reason=reason(chosen, status, here, there, needed, case.margin),
        low=chosen.low,
        high=chosen.high,
        margin=case.margin or None,
        rows_needed=needed,
        importance=importance,
        checks=case.checks,
        also=also,
        picture=picture(here, there, kind),
    )


#: which of several checks of about the same size is said: the plainest one
_PLAIN = {
    "ks": 0, "total_variation": 0, "text_length": 0, "text_script": 1, "tail_share": 1,
    "range_share": 2, "unseen_share": 3, "missing_share": 4,
}  # fmt: skip
