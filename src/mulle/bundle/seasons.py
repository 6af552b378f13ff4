"""The training rows by month of the year, where they cover a whole one.

Counting costs at most what `MAX_CELLS` cells take; of larger tables some rows are drawn. What would
be larger than `MAX_BYTES` is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.metrics import Predictions
from mulle.profile import (
    Answers,
    AnyCounts,
    Bins,
    CategoryCounts,
    Month,
    NumberCounts,
    Profile,
    Seasons,
    TextCounts,
    counts_of,
    months_of,
    without_frame,
)
from mulle.profile.counting import add_values, known_categories
from mulle.profile.drift import ONLY_MISSING
from mulle.profile.seasons import MIN_ROWS, MONTHS, count_months
from mulle.table import Kind

MAX_CELLS = 2_000_000  # about half a second
MAX_BYTES = 1_000_000  # as JSON


class Rows(NamedTuple):
    """Rows of one part of the data, as they enter the model.

    Attributes:
        columns: by name [n, 1].
        y: class codes or values (n,).
    """

    columns: Mapping[str, Array]
    y: Array


class Frames(NamedTuple):
    """The counts of all training rows, whose frames those of the months lie over."""

    columns: Mapping[str, AnyCounts]
    target: CategoryCounts | NumberCounts
    answers: Answers

    @classmethod
    def of(
        cls,
        profile: Profile,
        numbers: Mapping[str, NumberCounts | TextCounts],
        target: CategoryCounts | NumberCounts,
        answers: Answers,
    ) -> Frames:
        """Return the frames of the columns whose values are judged; texts have none."""
        found = {
            name: numbers.get(name) or counts_of(column)
            for name, column in profile.columns.items()
            if column.kind not in ONLY_MISSING
        }
        kept = {n: c for n, c in found.items() if isinstance(c, NumberCounts | CategoryCounts)}
        return cls(kept, target, answers)


def find_dates(profile: Profile, columns: Mapping[str, Array], first: str = "") -> str | None:
    """Return the column of dates that covers all months of the year; None without one.

    Args:
        profile, columns: of the training rows.
        first: name of the column that is asked first, such as that of time.
    """
    dates = [n for n, c in profile.columns.items() if c.kind is Kind.datetime and n in columns]
    for name in sorted(dates, key=lambda n: n != first):
        if all(count_months(months_of(columns[name]))):
            return name
    return None


def count_seasons(
    date: str, frames: Frames, train: Rows, held_out: Rows, predictions: Predictions
) -> Seasons:
    """Count rows by month of the year; none where months have too few rows, or take too much room.

    Args:
        date: the column of dates.
        frames: of all training rows.
        train, held_out: the training rows and the held-out ones.
        predictions: of the held-out rows.
    """
    months, later = months_of(train.columns[date]), months_of(held_out.columns[date])
    some = _draw(months, len(frames.columns) + 1)
    found = Seasons(date)
    for month in range(1, MONTHS + 1):
        rows, tested = some[months[some] == month], np.flatnonzero(later == month)
        if len(rows) < MIN_ROWS:
            continue
        counted = _count_month(frames, train, rows)
        if len(tested):
            answers = frames.answers.empty()
            answers.add(*predictions.take(tested))
            counted.answers, counted.chosen = Bins.of(answers.values), answers.chosen
        found.months[month] = counted
    if len(found.months) < 2 or len(msgspec.json.encode(found)) > MAX_BYTES:
        return Seasons(date)
    return found


def _draw(months: Array, columns: int) -> Array:
    """Return numbers of rows: all of them, or as many as may be counted, drawn at random."""
    most = max(MAX_CELLS // columns, 1)
    if len(months) <= most:
        return np.arange(len(months))
    return np.sort(np.random.default_rng(0).choice(len(months), most, replace=False))


def _count_month(frames: Frames, train: Rows, rows: Array) -> Month:
    counted: dict[str, Bins | CategoryCounts] = {}
    for name, frame in frames.columns.items():
        counts = frame.empty()
        add_values(counts, train.columns[name][rows], known_categories(frame))
        part = without_frame(counts)
        if part is not None:
            counted[name] = part
    return Month(len(rows), counted, _count_target(frames.target, train.y[rows]))


def _count_target(frame: CategoryCounts | NumberCounts, y: Array) -> Bins | CategoryCounts:
    if isinstance(frame, NumberCounts):
        counts = frame.empty()
        counts.add(y.astype(np.float64))
        return Bins.of(counts)
    found = np.bincount(y, minlength=len(frame.counts)).tolist()
    return CategoryCounts(dict(zip(frame.counts, found, strict=True)), len(y))
