"""The score of a model on new rows: computed with labels, estimated without them.

real        the metric that the model was chosen by, with a bootstrap interval, beside that on the
            held-out rows
estimated   from calibrated probabilities c(p), the share of held-out rows given p that came true:
            accuracy   mean of c(p) or 1 - c(p), whichever the answer claims
            roc_auc    of rows that count as positive with weight c(p), as negative with 1 - c(p)

The estimate sees what a change of the rows does to the score. It cannot see a change of what the
rows mean: it supposes that rows like these still have the labels they used to have (no concept
drift), and that what was calibrated on held-out rows still is.

source  the estimate: Garg et al. 2022, arXiv:2201.04234, section 2 (average confidence), with
        calibration by isotonic regression (Zadrozny & Elkan 2002)
catalogue  watch-covshift
"""

from __future__ import annotations

import numpy as np

from mulle.arrays import Array
from mulle.bundle import BaselineScore
from mulle.metrics import Metric, Predictions, bootstrap_score, name_positive
from mulle.profile import Answers
from mulle.table import Label
from mulle.verbs.watch.result import Performance, ScoreStatus

DRAWS = 100
LOSS, MARGIN = 0.02, 0.05  # of a share: surely lost, surely kept
_FEWEST_BINS_ROWS = 50  # held-out rows below which there is no calibration to speak of
_WORK = 4_000_000  # rows x resamples of an interval


def performance(
    metric: Metric,
    y: Array,
    predictions: Predictions,
    before: BaselineScore | None,
    positive: Label | None = None,
) -> Performance:
    """Compute the score on rows whose labels are known.

    Args:
        metric: what to compute.
        y: class codes or values [n].
        predictions: of the same rows, with the labels that the model gave.
        before: the score on the held-out rows, if it is recorded.
        positive: the positive one of two labels, to be named with the score.

    Raises:
        DataError: a label that the model has no probability for.
    """
    times = int(np.clip(_WORK // max(len(y), 1), 40, 200))
    found = bootstrap_score(metric, y, predictions, n_resamples=times)
    if not np.isfinite(found.score):
        status, why = ScoreStatus.cannot_tell, "no-score"
    elif before is None or not np.isfinite(before.score):
        status, why = ScoreStatus.cannot_tell, "score-not-recorded"
    else:
        status, why = _against(metric, found.score, (found.low, found.high), before)
    old = before or BaselineScore(metric.name, float("nan"))
    about = name_positive(metric.name, positive)
    values = {
        "metric": metric.name,
        "about": about,
        "now": _known(found.score),
        "before": _known(old.score),
        "rows": len(y),
    }
    return Performance(
        metric.name, found.score if np.isfinite(found.score) else 0.0, _known(found.low),
        _known(found.high), len(y), _known(old.score), old.low, old.high, status, why, values,
    )  # fmt: skip


def _against(
    metric: Metric, score: float, ends: tuple[float, float], before: BaselineScore
) -> tuple[ScoreStatus, str]:
    """Decide: surely worse, surely not worse by 5 % of before (of 1 for a share), or neither."""
    lost = metric.as_gain(before.score) - metric.as_gain(score)
    scale = 1.0 if metric.greater_is_better else max(abs(before.score), 1e-12)
    known = [e for e in (*ends, before.low, before.high) if e is not None and np.isfinite(e)]
    if len(known) < 4:
        return ScoreStatus.cannot_tell, "score-no-interval"
    half = float(np.hypot((known[1] - known[0]) / 2, (known[3] - known[2]) / 2))
    if (lost - half) / scale > 0 and lost / scale > LOSS / 2:
        return ScoreStatus.worse, "score-worse"
    if (lost + half) / scale < MARGIN:
        return ScoreStatus.kept, "score-kept"
    return ScoreStatus.cannot_tell, "score-unsure"


def estimated(reference: Answers | None, now: Answers | None) -> list[Performance]:
    """Estimate accuracy, and roc_auc of two classes, without labels.

    None where the model predicts values, where nothing was recorded, or too few rows were.
    """
    if reference is None or now is None or not reference.true or not now.rows:
        return []
    counts = np.asarray(reference.values.counts, np.float64)
    if counts.sum() < _FEWEST_BINS_ROWS:
        return []
    true, new = np.asarray(reference.true, np.float64), np.asarray(now.values.counts, np.float64)
    binary = len(reference.chosen) == 2
    names = ["accuracy", "roc_auc"] if binary and 0 < true.sum() < counts.sum() else ["accuracy"]
    drawn, c = _drawn(names, counts, true, new, binary=binary), calibrated(counts, true)
    made = []
    for k, name in enumerate(names):
        now_then = [expected(name, c, rows, binary=binary) for rows in (new, counts)]
        made.append(_estimate(name, now_then[0], now_then[1], drawn[:, k], int(new.sum())))
    return made


def _drawn(names: list[str], counts: Array, true: Array, new: Array, *, binary: bool) -> Array:
    """Resample both sets; return the estimates of new and held-out rows by draw and name."""
    rng = np.random.default_rng(0)
    rate = np.divide(true, counts, out=np.full(len(true), 0.5), where=counts > 0)
    seen = rng.multinomial(int(counts.sum()), counts / counts.sum(), DRAWS)
    rows = rng.multinomial(int(new.sum()), new / new.sum(), DRAWS)
    found = []
    for some, came, more in zip(seen, rng.binomial(seen, rate), rows, strict=True):
        c = calibrated(some, came)
        found.append([[expected(name, c, r, binary=binary) for r in (more, some)]
                      for name in names])  # fmt: skip
    return np.array(found)


def _estimate(name: str, score: float, old: float, drawn: Array, rows: int) -> Performance:
    """Return one score, with its interval from the draws (n, 2) of now and before."""
    ends = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    lost = np.nanquantile(drawn[:, 1] - drawn[:, 0], [0.025, 0.975])
    if lost[0] > LOSS:
        status, why = ScoreStatus.worse, "estimate-worse"
    elif lost[1] < MARGIN:
        status, why = ScoreStatus.kept, "estimate-kept"
    else:
        status, why = ScoreStatus.cannot_tell, "estimate-unsure"
    values = {"metric": name, "about": "", "now": score, "before": old, "rows": rows}
    return Performance(
        name, score, float(ends[0, 0]), float(ends[1, 0]), rows, old, float(ends[0, 1]),
        float(ends[1, 1]), status, why, values, estimated=True,
    )  # fmt: skip


def expected(name: str, c: Array, new: Array, *, binary: bool) -> float:
    """Return the accuracy or roc_auc to expect of new rows; nan where it is undefined.

    Args:
        name: one of the two.
        c: by bin of probability, the share that comes true (k,); see `calibrated`.
        new: by bin, new rows (k,).
        binary: whether the probability is that of the positive of two classes.

    >>> rows = np.array([10.0, 10.0])
    >>> expected("accuracy", np.array([0.1, 0.9]), rows, binary=True)
    0.9
    """
    if name == "accuracy":
        right = np.where(np.arange(len(c)) < len(c) // 2, 1 - c, c) if binary else c
        return float((new * right).sum() / new.sum())
    positive, negative = new * c, new * (1 - c)
    below = np.cumsum(negative) - negative / 2
    pairs = positive.sum() * negative.sum()
    return float((positive * below).sum() / pairs) if pairs > 0 else float("nan")


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


def _known(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
