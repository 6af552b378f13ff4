"""The reference of new rows that cover part of a year: the rows of the same months.

Where the new rows have a month of which the reference has too few rows, or cover more than nine
months, the reference stays as it is and nothing is claimed. Dates, identifiers and texts are
compared with all rows. Predictions are compared with the held-out rows of those months or, where
there are too few, not at all: those of another season would say nothing. A score is compared with
that on the held-out rows of the months of its own rows: of several months with their mean, weighed
as the months are, where the metric is a mean over rows; ranks and ratios of several months with
that on all held-out rows.

catalogue  watch-train-serve
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from mulle.bundle import BaselineScore
from mulle.profile import Answers, AnyCounts, CategoryCounts, Month, NumberCounts, Seasons
from mulle.profile.seasons import MonthScore, mix, mix_rows, weigh
from mulle.verbs.watch.performance import MIN_ROWS
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.window import Window

FEW = 0.02  # share of the new rows that may be of another month: they alone are no drift
MAX_MONTHS = 9  # that are part of a year; rows of more are as good as those of a whole one
#: metrics that are means over rows, of errors to this power
_POWERS = {"rmse": 2, **dict.fromkeys(("mse", "mae", "mape", "log_loss", "brier", "accuracy"), 1)}


class Season(msgspec.Struct, frozen=True):
    """The rows that new ones were compared with, instead of all.

    Attributes:
        column: the dates that tell the month.
        months: 1 to 12, in order.
        rows: how many of the reference count, weighed as the months of the new rows are.
        answers: whether the predictions could be compared: there are held-out rows of the months.
    """

    column: str
    months: list[int]
    rows: int
    answers: bool = True


class _Weighed(NamedTuple):
    """Months with the share of their rows that counts."""

    months: list[Month]
    weights: list[float]


def in_season(reference: Reference, window: Window) -> tuple[Reference, Season | None]:
    """Return the reference of the months that a window covers, and which they are.

    Args:
        reference: with or without counts by month.
        window: the new rows.
    """
    seasons, now = reference.seasons, covered(window.months, window.rows)
    if seasons is None or not now:
        return reference, None
    weights = weigh({month: found.rows for month, found in seasons.months.items()}, now)
    if weights is None:
        return reference, None
    some = _Weighed([seasons.months[m] for m in weights], list(weights.values()))
    rows = round(sum(w * m.rows for m, w in zip(*some, strict=True)))
    answers = None if reference.answers is None else _answers(reference.answers, seasons, now)
    known = answers is not None or reference.answers is None
    of_season = replace(
        reference, columns=_columns(reference, some), target=_target(reference, some),
        answers=answers,
    )  # fmt: skip
    return of_season, Season(seasons.column, list(weights), rows, known)


def covered(months: Sequence[int], rows: int) -> dict[int, int]:
    """Return the rows of each month that rows cover; {} where it is about all, or unknown.

    Args:
        months: rows by month, January first.
        rows: how many there are, with those that have no date.

    >>> covered([0, 0, 0, 0, 1, 900, 99, 0, 0, 0, 0, 0], 1000)
    {6: 900, 7: 99}
    """
    few = FEW * rows
    now = {month: n for month, n in enumerate(months, 1) if n > few}
    whole = rows < MIN_ROWS or len(now) > MAX_MONTHS or sum(now.values()) < rows - few
    return {} if whole else now


def score_in_season(
    reference: Reference, months: Sequence[int], rows: int
) -> tuple[BaselineScore | None, list[int]]:
    """Return the score that rows of some months are compared with, and the months that it is of.

    Args:
        reference: with or without scores by month.
        months: rows that are scored by month, January first.
        rows: how many there are, with those that have no date.

    Returns:
        The score on all held-out rows, and no months, where those of the months are not known.
    """
    whole, seasons, now = reference.score, reference.seasons, covered(months, rows)
    if whole is None or seasons is None or not now:
        return whole, []
    found = [seasons.months[m].score if m in seasons.months else None for m in now]
    known = [score for score in found if score is not None]
    power = 1 if len(now) == 1 else _POWERS.get(whole.metric)
    if power is None or len(known) < len(now):
        return whole, []
    shares = [n / sum(now.values()) for n in now.values()]
    return _mean_score(whole.metric, known, shares, power), list(now)


def _mean_score(
    metric: str, scores: Sequence[MonthScore], shares: Sequence[float], power: int
) -> BaselineScore:
    """Return the score on rows of which these shares are of the months; see `_POWERS`."""
    pairs = list(zip(shares, scores, strict=True))
    mean = math.fsum(share * s.score**power for share, s in pairs) ** (1 / power)
    slopes = [share * (s.score / mean) ** (power - 1) if mean else share for share, s in pairs]
    low, high = (
        math.hypot(*(slope * (end - s.score) for slope, s, end in zip(slopes, scores, ends,
                                                                      strict=True)))
        for ends in ([s.low for s in scores], [s.high for s in scores])
    )  # fmt: skip
    rows = round(1 / math.fsum(share * share / s.rows for share, s in pairs))
    return BaselineScore(metric, mean, mean - low, mean + high, rows)


def _columns(reference: Reference, some: _Weighed) -> dict[str, AnyCounts]:
    columns: dict[str, AnyCounts] = {}
    for name, counts in reference.columns.items():
        parts = [month.columns.get(name) for month in some.months]
        columns[name] = mix(parts, some.weights, counts) or counts
    return columns


def _target(reference: Reference, some: _Weighed) -> CategoryCounts | NumberCounts | None:
    target = reference.target
    if target is None:
        return None
    mixed = mix([month.target for month in some.months], some.weights, target)
    return mixed if isinstance(mixed, NumberCounts | CategoryCounts) else target


def _answers(whole: Answers, seasons: Seasons, now: dict[int, int]) -> Answers | None:
    """Return the predictions on the held-out rows of the months; None where they are too few."""
    found = {m: seasons.months[m] for m in now}
    weights = weigh({m: k.answers.rows for m, k in found.items() if k.answers is not None}, now)
    if weights is None:
        return None
    some = _Weighed([found[m] for m in weights], list(weights.values()))
    values = mix([month.answers for month in some.months], some.weights, whole.values)
    if not isinstance(values, NumberCounts):
        return None
    return Answers(mix_rows([month.chosen for month in some.months], some.weights), values)
