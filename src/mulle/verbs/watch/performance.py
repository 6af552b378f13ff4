"""The score of a model on new rows, with labels, beside that on the held-out rows.

The metric is the one that the model was chosen by, with a bootstrap interval. A loss is sure where
it is larger than what two samples of the same rows may differ by, with 99 of 100: the distances
from the new score up to the end of its interval and from the old one down to the end of its own,
put together as the root of their squares (MOVER). The new interval counts as no narrower than the
old one makes it for as many rows, since ten rows may agree by chance. The loss counts from the
score out of fold where that is lower: held-out rows may be few and lucky, and would raise a false
alarm in several of a hundred windows.

source  Zou & Donner 2008, Statistics in Medicine 27, 1693-1702 (MOVER); Agresti & Coull 1998 for
        the least deviation of a share
catalogue  watch-covshift
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.bundle import BaselineScore
from mulle.metrics import Metric, Predictions, bootstrap_score, name_positive
from mulle.profile.drift import Limits, Reason
from mulle.table import Label

MIN_ROWS = Limits().min_rows  # rows with labels below which there is no score
LOSS, MARGIN = 0.02, 0.05  # of a share: surely lost, surely kept
Z_95, Z_99 = 1.96, 2.576  # deviations of a normal variable that 95 and 99 of 100 stay within
_WORK = 4_000_000  # rows x resamples of an interval


class ScoreStatus(StrEnum):
    """The verdict on a score."""

    worse = "worse"
    kept = "kept"
    cannot_tell = "cannot_tell"


class Performance(msgspec.Struct, frozen=True):
    """A score on the new rows beside that on the held-out rows, with 95 % intervals.

    Attributes:
        metric: name of the metric.
        score, low, high: score on the new rows and its interval; None without one:
            too few rows, labels of one class, no interval.
        rows: number of new rows that were scored.
        reference, reference_low, reference_high: score on the held-out rows and its interval; None
            where it is not recorded.
        status: `worse` where the score is surely worse, `kept` where it is not worse by more than
            chance, `cannot_tell` where nothing can be compared.
        reason_code, reason_values: why, as the code of a sentence and the values of its blanks.
        estimated: whether the score is an estimate without labels.
    """

    metric: str
    score: float | None
    low: float | None
    high: float | None
    rows: int
    reference: float | None
    reference_low: float | None
    reference_high: float | None
    status: ScoreStatus
    reason_code: str
    reason_values: dict[str, Any]
    estimated: bool = False

    @property
    def reason(self) -> Reason:
        """Code and values of the sentence that says why."""
        return Reason(self.reason_code, self.reason_values)


class Ends(NamedTuple):
    """How far the truth may lie from a score, towards more and towards less gain."""

    up: float
    down: float


def performance(
    metric: Metric,
    y: Array,
    predictions: Predictions,
    before: BaselineScore | None,
    positive: Label | None = None,
    months: Sequence[int] = (),
) -> Performance:
    """Compute the score on rows whose labels are known.

    Args:
        metric: what to compute.
        y: class codes or values [n].
        predictions: of the same rows, with the labels that the model gave.
        before: the score on the held-out rows, if it is recorded.
        positive: the positive one of two labels, to be named with the score.
        months: of the year, 1 to 12, whose held-out rows the score before is of; all without any.

    Raises:
        DataError: a label that the model has no probability for.
    """
    score, low, high, why = _scored(metric, y, predictions)
    old = before if before is not None and np.isfinite(before.score) else None
    status = ScoreStatus.cannot_tell
    if score is not None:
        why = "score-not-recorded"
        if old is not None:
            status, why = _against(metric, (score, low, high, len(y)), old)
    was, least, most = (old.score, old.low, old.high) if old else (None, None, None)
    values = {
        "metric": metric.name, "about": name_positive(metric.name, positive), "now": score,
        "before": was, "rows": len(y), "needed": MIN_ROWS,
        **({"months": [*months]} if months else {}),
    }  # fmt: skip
    return Performance(metric.name, score, low, high, len(y), was, least, most, status, why, values)


def _scored(
    metric: Metric, y: Array, predictions: Predictions
) -> tuple[float | None, float | None, float | None, str]:
    """Return score, ends of its interval, and why there is none."""
    if len(y) < MIN_ROWS:
        return None, None, None, "score-few-rows"
    if metric.needs != "value" and (y == y[0]).all():
        return None, None, None, "score-one-class"
    times = int(np.clip(_WORK // len(y), 40, 200))
    found = bootstrap_score(metric, y, predictions, n_resamples=times)
    if not np.isfinite(found.score):
        return None, None, None, "no-score"
    return float(found.score), _known(found.low), _known(found.high), ""


def _against(
    metric: Metric,
    now: tuple[float, float | None, float | None, int],
    before: BaselineScore,
) -> tuple[ScoreStatus, str]:
    """Decide: surely worse, surely not worse by 5 % of before (of 1 for a share), or neither."""
    score, low, high, rows = now
    if low is None or high is None or before.low is None or before.high is None:
        return ScoreStatus.cannot_tell, "score-no-interval"
    new = _ends(metric, score, (low, high), rows)
    old = _ends(metric, before.score, (before.low, before.high), before.rows)
    if before.rows:
        as_before = math.sqrt(before.rows / rows)
        new = Ends(max(new.up, old.up * as_before), max(new.down, old.down * as_before))
    gain, then = metric.as_gain(score), metric.as_gain(before.score)
    lost, surely_lost = then - gain, _least_gain(metric, before, then - old.down) - gain
    scale = 1.0 if metric.greater_is_better else max(abs(before.score), 1e-12)
    least = surely_lost - math.hypot(new.up, old.down) * Z_99 / Z_95
    most = lost + math.hypot(new.down, old.up)
    if least > 0 and surely_lost / scale > LOSS / 2:
        return ScoreStatus.worse, "score-worse"
    if most / scale < MARGIN:
        return ScoreStatus.kept, "score-kept"
    return ScoreStatus.cannot_tell, "score-unsure"


def _least_gain(metric: Metric, before: BaselineScore, floor: float) -> float:
    """Return the gain on the held-out rows, or that of the validation where it is lower.

    Where a few held-out rows were lucky, every later window would be measured by their luck. The
    validation lowers the gain at most to the end of its own interval.
    """
    gain = metric.as_gain(before.score)
    if before.validation is None:
        return gain
    return max(min(gain, metric.as_gain(before.validation)), min(floor, gain))


def _ends(metric: Metric, score: float, ends: tuple[float, float], rows: int) -> Ends:
    """Return how far the truth may lie from a score; never nothing, however well rows agree."""
    gain, *sides = (metric.as_gain(s) for s in (score, *ends))
    up, down = max(sides) - gain, gain - min(sides)
    if metric.greater_is_better and 0 <= score <= 1 and rows:
        share = (score * rows + 2) / (rows + 4)
        least = Z_95 * math.sqrt(share * (1 - share) / (rows + 4))
        up, down = max(up, least), max(down, least)
    return Ends(max(up, 0.0), max(down, 0.0))


def _known(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
