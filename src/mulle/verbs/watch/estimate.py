"""The score of a model on new rows without labels: what its own probabilities let expect.

From calibrated probabilities c(p), the share of held-out rows given p that came true:

accuracy   mean of c(p) or 1 - c(p), whichever the answer claims (of two classes: from the bin on
           from which the held-out rows were answered with the positive one)
roc_auc    of rows that count as positive with weight c(p), as negative with 1 - c(p)

The estimate sees what a change of the rows does to the score. It cannot see a change of what the
rows mean: it supposes that rows like these still have the labels they used to have (no concept
drift), and that what was calibrated on held-out rows still is.

Its interval is that of the score which the labels of these very rows would give: the held-out rows
are drawn again with the calibration that they teach, the new rows too, and labels for them. It is
called worse where the loss of what is to be expected, less 2.58 of its deviations (labels drawn for
neither side), is more than 2 %: at most 1 of 200 times for rows like the held-out ones.

source  Garg et al. 2022, arXiv:2201.04234, section 2 (average confidence), with calibration by
        isotonic regression (Zadrozny & Elkan 2002)
catalogue  watch-covshift
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.metrics.ranking import auc_of_counts
from mulle.profile import Answers
from mulle.verbs.watch.performance import (
    LOSS,
    MARGIN,
    MIN_ROWS,
    Z_95,
    Z_99,
    Performance,
    ScoreStatus,
)

DRAWS = 200
DOUBT = 0.15  # rows that came true, and that did not, added to each bin as held-out rows are drawn
# again: without them a bin of one row never doubts; this many cover 95 to 98 % from 60 rows on
MIN_HELD_OUT = 50  # held-out rows below which there is no calibration to speak of
_UNDEFINED = 0.05  # share of draws without a score, above which there is no estimate


def estimated(
    reference: Answers | None, now: Answers | None, usual: Answers | None = None
) -> list[Performance]:
    """Estimate accuracy, and roc_auc of two classes, without labels.

    Nothing where the model predicts values, or nothing was recorded; without a number where the
    rows of either side are too few. No roc_auc of rows that the model finds all alike.

    Args:
        reference: predictions of all held-out rows, with what came true: the calibration.
        now: predictions of the new rows.
        usual: predictions of the held-out rows whose score is to be expected, such as those of the
            same months; all of them if None.
    """
    if reference is None or now is None or not reference.true or not now.rows:
        return []
    counts, true = tuple(reference.values.counts), tuple(reference.true)
    new, held_out = np.asarray(now.values.counts, np.float64), sum(counts)
    if new.sum() < MIN_ROWS:
        return [_nothing("estimate-few-rows", int(new.sum()), MIN_ROWS)]
    if held_out < MIN_HELD_OUT:
        return [_nothing("estimate-few-held-out", held_out, MIN_HELD_OUT)]
    binary, first = len(reference.chosen) == 2, first_positive(reference)
    ranked = binary and 0 < sum(true) < held_out and np.count_nonzero(new) > 1
    names = ["accuracy", "roc_auc"] if ranked else ["accuracy"]
    draws = _drawn(counts, true, new, None if usual is None else tuple(usual.values.counts))
    found = [_estimate(name, draws, new, first) for name in names]
    return [one for one in found if one is not None]


class _Draws(NamedTuple):
    """What the scores of one window are estimated from, drawn DRAWS times (DRAWS, k).

    Attributes:
        usual: held-out rows by bin whose score is to be expected (k,).
        curve: the calibration of all held-out rows (k,).
        seen, curves: usual rows drawn again, and the calibrations that held-out rows teach.
        new, right: new rows drawn again, and how many of them come true.
        alike: as many rows like the usual ones.
    """

    usual: Array
    curve: Array
    seen: Array
    curves: Array
    new: Array
    right: Array
    alike: Array


def _drawn(
    counts: tuple[int, ...], true: tuple[int, ...], new: Array, some: tuple[int, ...] | None
) -> _Draws:
    rows, rng = int(new.sum()), np.random.default_rng(1)
    seen, curves = _held_out_draws(counts, true)
    usual = np.asarray(counts if some is None else some, np.float64)
    shares = usual / usual.sum()
    drawn = rng.multinomial(rows, (new + shares) / (rows + 1), DRAWS)
    right = rng.binomial(drawn, np.clip(curves, 0, 1))
    alike = rng.multinomial(rows, shares, DRAWS)
    if some is not None:
        seen = rng.multinomial(int(usual.sum()), shares, DRAWS)
    curve = calibrated(np.array(counts), np.array(true))
    return _Draws(usual, curve, seen, curves, drawn, right, alike)


def _estimate(name: str, draws: _Draws, new: Array, first: int) -> Performance | None:
    """Return one score with its interval; None where it is undefined for rows like these."""
    rows = int(new.sum())
    score, old = (float(expected(name, draws.curve, r, first)) for r in (new, draws.usual))
    realized = _realized(name, draws.new, draws.right, first)
    if not np.isfinite(score) or np.isnan(realized).mean() > _UNDEFINED:
        return None
    before = expected(name, draws.curves, draws.seen, first)
    losses = [before - expected(name, draws.curves, r, first) for r in (draws.new, draws.alike)]
    deviation = max(float(np.nanstd(loss)) for loss in losses)
    status, why = ScoreStatus.cannot_tell, "estimate-unsure"
    if old - score - Z_99 * deviation > LOSS:
        status, why = ScoreStatus.worse, "estimate-worse"
    elif old - score + Z_95 * deviation < MARGIN:
        status, why = ScoreStatus.kept, "estimate-kept"
    (low, high), (least, most) = (
        np.nanquantile(some, [0.025, 0.975]).tolist() for some in (realized, before)
    )
    values = {"metric": name, "about": "", "now": score, "before": old, "rows": rows}
    return Performance(name, score, low, high, rows, old, least, most, status, why, values,
                       estimated=True)  # fmt: skip


def _nothing(why: str, rows: int, needed: int) -> Performance:
    """Return a result without a number: there are too few rows."""
    values = {"metric": "accuracy", "about": "", "rows": rows, "needed": needed}
    status = ScoreStatus.cannot_tell
    return Performance("accuracy", None, None, None, rows, None, None, None, status, why, values,
                       estimated=True)  # fmt: skip


@lru_cache(maxsize=16)
def _held_out_draws(counts: tuple[int, ...], true: tuple[int, ...]) -> tuple[Array, Array]:
    """Draw the held-out rows again; return rows by bin and their calibration (DRAWS, k)."""
    rng = np.random.default_rng(0)
    rows, came = np.asarray(counts, np.float64), np.asarray(true, np.float64)
    rate = (calibrated(rows, came) * rows + DOUBT) / (rows + 2 * DOUBT)
    seen = rng.multinomial(int(rows.sum()), rows / rows.sum(), DRAWS)
    curves = [calibrated(some, rng.binomial(some, rate)) for some in seen]
    return seen, np.array(curves)


def _realized(name: str, rows: Array, right: Array, first: int) -> Array:
    """Return the scores that drawn labels give; rows and what came true by bin (draws, k)."""
    if name == "accuracy":
        claimed = np.where(np.arange(rows.shape[1]) < first, rows - right, right)
        found: Array = claimed.sum(1) / rows.sum(1)
        return found
    return auc_of_counts(right, rows - right)


def expected(name: str, c: Array, new: Array, first: int = 0) -> Array:
    """Return the accuracy or roc_auc to expect of new rows; nan where it is undefined.

    Args:
        name: one of the two.
        c: by bin of probability, the share that comes true (..., k); see `calibrated`.
        new: by bin, new rows (..., k).
        first: bin from which on the answer claims what c is the share of; before, the contrary.

    >>> rows = np.array([10.0, 10.0])
    >>> float(expected("accuracy", np.array([0.1, 0.9]), rows, first=1))
    0.9
    """
    if name == "accuracy":
        right = np.where(np.arange(c.shape[-1]) < first, 1 - c, c)
        found: Array = (new * right).sum(-1) / new.sum(-1)
        return found
    return auc_of_counts(new * c, new * (1 - c))


def first_positive(reference: Answers) -> int:
    """Return the bin from which on rows are answered with the positive of two classes; else 0.

    >>> sure = np.array([0.1, 0.3, 0.5, 0.9])
    >>> first_positive(Answers.of(np.stack([1 - sure, sure], 1), np.array([0, 1, 1, 1])))
    6
    """
    if len(reference.chosen) != 2:
        return 0
    negative = np.concatenate(([0], np.cumsum(reference.values.counts)))
    return int(np.searchsorted(negative, reference.chosen[0], side="left"))


def calibrated(counts: Array, true: Array) -> Array:
    """Return the share that came true by bin, made to rise with the probability (isotonic, (k,)).

    Bins without rows take what lies between their neighbours.

    >>> calibrated(np.array([8.0, 8.0, 0.0, 16.0]), np.array([3.0, 1.0, 0.0, 12.0])).tolist()
    [0.25, 0.25, 0.5, 0.75]
    """
    blocks: list[list[float]] = []  # true, rows, bins
    some = np.flatnonzero(counts > 0)
    for happened, rows in zip(true[some].tolist(), counts[some].tolist(), strict=True):
        blocks.append([happened, rows, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    values = np.repeat([b[0] / b[1] for b in blocks], [int(b[2]) for b in blocks])
    found: Array = np.interp(np.arange(len(counts)), some, values)
    return found
