"""The reference of new rows that cover part of a year: the rows of the same months.

Where the new rows have a month of which the reference has too few rows, or cover a whole year, the
reference stays as it is and nothing is claimed. Dates, identifiers and texts are compared with all
rows. Predictions are compared with the held-out rows of those months or, where there are too few,
not at all: those of another season would say nothing.

catalogue  watch-train-serve
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import msgspec

from mulle.profile import Answers, AnyCounts, CategoryCounts, Month, NumberCounts, Seasons
from mulle.profile.seasons import MONTHS, mix, mix_rows, weigh
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.window import Window

FEW = 0.02  # share of the new rows that may be of another month: they alone are no drift


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
    seasons, few = reference.seasons, FEW * window.rows
    now = {k: n for k, n in enumerate(window.months, 1) if n > few}
    if seasons is None or len(now) == MONTHS or sum(now.values()) < window.rows - few:
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
