"""What a bundle carries for `watch` beside the profile of its training rows: `watch.json`.

Everything is counted when the model is made: the columns of the training rows, what the shipped
file itself predicted on the held-out rows, which it never saw, and what came true of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.bundle.manifest import Manifest, damaged
from mulle.bundle.seasons import Frames, Rows, count_seasons, find_dates
from mulle.errors import BundleError
from mulle.graph import MISSING_STRING
from mulle.metrics import Predictions, ScoreInterval, bootstrap_score, metric
from mulle.profile import (
    Answers,
    CategoryCounts,
    NumberCounts,
    Profile,
    Seasons,
    TextCounts,
    frame_of,
    months_of,
)
from mulle.profile.seasons import MIN_ROWS, MonthScore

VERSION = 1
QUICK_ROWS, QUICK_RESAMPLES = 2_000, 100  # of an interval that no time was left for


class BaselineScore(msgspec.Struct, frozen=True):
    """The score on the held-out rows, by the metric that plans were compared by.

    Attributes:
        low, high: the 95 % interval; None where none can be stated.
        rows: how many held-out rows.
        validation: the score out of fold.
    """

    metric: str
    score: float
    low: float | None = None
    high: float | None = None
    rows: int = 0
    validation: float | None = None


class MonitoringBaseline(msgspec.Struct, frozen=True):
    """What later rows are compared with: the content of `watch.json`.

    Attributes:
        columns: counts of the training rows, of the columns that the profile does not count
            exactly: numbers, dates and texts.
        target: counts of the target on the training rows.
        answers: what the bundle predicted on the held-out rows, with what came true.
        score: how good it was on them.
        importances: by column, the loss of score when it is shuffled: mean and deviation.
        seasons: the same counts by month of the year, where the training rows cover a whole one.
    """

    columns: dict[str, NumberCounts | TextCounts] = {}
    target: CategoryCounts | NumberCounts | None = None
    answers: Answers | None = None
    score: BaselineScore | None = None
    importances: dict[str, tuple[float, float]] = {}
    seasons: Seasons | None = None
    version: int = VERSION

    def to_json(self) -> bytes:
        """Return the bytes as written in a bundle."""
        return msgspec.json.encode(self)


def record_baseline(
    manifest: Manifest,
    train: tuple[Profile, Mapping[str, Array], Array],
    held_out: tuple[Predictions, Mapping[str, Array], Array],
    score: BaselineScore | None,
    importances: Iterable[tuple[str, float, float]] = (),
    time_column: str = "",
) -> MonitoringBaseline:
    """Count what a model was made from and how it did.

    Args:
        manifest: of the model.
        train: profile, columns [N, 1] and target [N] of the training rows.
        held_out: the file's predictions of the held-out rows, their columns and target [M].
        score: on the held-out rows; None where there is none.
        importances: column, mean and standard deviation of the loss of score.
        time_column: the column that orders the rows; "" where none does.
    """
    profile, columns, y = train
    predictions, tested, truth = held_out
    if score is not None and (score.low is None or score.high is None):
        score = with_interval(score, predictions, truth)
    counted, target = count_columns(profile, columns), _count_target(manifest, y)
    answers = Answers.of(*predictions, y=truth)
    frames, seasons = Frames.of(profile, counted, target, answers), None
    date = find_dates(profile, columns, time_column)
    if date is not None:
        seasons = count_seasons(date, frames, Rows(columns, y), Rows(tested, truth), predictions)
        if score is not None:
            _score_months(seasons, score.metric, Rows(tested, truth), predictions)
    return MonitoringBaseline(
        columns=counted,
        target=target,
        answers=answers,
        score=score,
        importances={name: (mean, std) for name, mean, std in importances if np.isfinite(mean)},
        seasons=seasons,
    )


def baseline_score(
    metric: str, test: ScoreInterval, rows: int, validation: float
) -> BaselineScore | None:
    """Return the score to be recorded; None where the held-out rows could not say."""
    if not np.isfinite(test.score):
        return None
    return BaselineScore(
        metric, test.score, _finite(test.low), _finite(test.high), rows, _finite(validation)
    )


def with_interval(score: BaselineScore, predictions: Predictions, y: Array) -> BaselineScore:
    """Return a score with the interval that later scores are judged by, where it has none.

    A run without time to spare states no interval; this one takes a few hundredths of a second: it
    is drawn from at most 2,000 rows, and narrowed as the root of the rows for all of them.

    Args:
        score: on the held-out rows.
        predictions, y: of the held-out rows.
    """
    rows = np.unique(np.linspace(0, len(y) - 1, min(len(y), QUICK_ROWS)).astype(np.int64))
    found = bootstrap_score(
        metric(score.metric), y[rows], predictions.take(rows), n_resamples=QUICK_RESAMPLES
    )
    if not np.isfinite([found.low, found.high]).all():
        return score
    narrower = float(np.sqrt(len(rows) / len(y)))
    low, high = (score.score + (end - found.score) * narrower for end in (found.low, found.high))
    return msgspec.structs.replace(score, low=low, high=high)


def _score_months(seasons: Seasons, name: str, held_out: Rows, predictions: Predictions) -> None:
    """Add to each month the score on its held-out rows, where they are enough."""
    months = months_of(held_out.columns[seasons.column])
    for month, found in seasons.months.items():
        rows = np.flatnonzero(months == month)
        if len(rows) < MIN_ROWS:
            continue
        y, some = held_out.y[rows], predictions.take(rows)
        score = metric(name).score(y, some)
        known = with_interval(BaselineScore(name, score), some, y)
        if np.isfinite(score) and known.low is not None and known.high is not None:
            found.score = MonthScore(float(score), known.low, known.high, len(rows))


def count_columns(
    profile: Profile, columns: Mapping[str, Array]
) -> dict[str, NumberCounts | TextCounts]:
    """Return counts of the columns that the profile does not count exactly."""
    counted: dict[str, NumberCounts | TextCounts] = {}
    for name, column in profile.columns.items():
        frame, values = frame_of(column), columns[name][:, 0]
        if isinstance(frame, NumberCounts):
            frame.add(values)
            counted[name] = frame
        elif isinstance(frame, TextCounts):
            texts = [t for t in values.tolist() if t != MISSING_STRING]
            frame.add(texts, len(values) - len(texts))
            counted[name] = frame
    return counted


def _count_target(manifest: Manifest, y: Array) -> CategoryCounts | NumberCounts:
    if not manifest.labels:
        return Answers.of(y.astype(np.float64)).values
    counts = np.bincount(y, minlength=len(manifest.labels)).tolist()
    labels = [str(label) for label in manifest.labels]
    return CategoryCounts(dict(zip(labels, counts, strict=True)), len(y))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def parse_baseline(data: bytes, where: str = "") -> MonitoringBaseline:
    """Read what `to_json` wrote.

    Raises:
        BundleError: it is damaged, or of a later version.
    """
    try:
        head: Any = msgspec.json.decode(data)
        version = head.get("version", 1) if isinstance(head, Mapping) else None
        if isinstance(version, int) and version > VERSION:
            raise BundleError("watch-newer", where=where, version=version, known=VERSION)
        return msgspec.convert(head, MonitoringBaseline, str_keys=True)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        if isinstance(error, BundleError):
            raise
        raise damaged(where, "unreadable", "watch.json") from error
