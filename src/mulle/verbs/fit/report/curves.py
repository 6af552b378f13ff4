"""Curves on the test rows: how well classes are told apart, or values met.

catalogue  cur-roc cur-pr thr-oppoint met-confusion
"""

from __future__ import annotations

import numpy as np

from mulle import metrics
from mulle.report import (
    Callout,
    Callouts,
    Column,
    DataTable,
    Figure,
    Figures,
    Heading,
    PageBlock,
    Prose,
    Rationale,
    charts,
)
from mulle.verbs.fit.report.findings import Findings, numbers

MAX_CLASSES = 30  # of a confusion matrix that can still be read
MAX_DOTS = 1_000
_BINS = 30


def curves(f: Findings) -> list[PageBlock]:
    """Render the curves that belong to the task."""
    heading = Heading(f.words("section.curves"))
    if not np.isfinite(f.answers).all():
        return []
    if f.data.target.is_regression:
        return [heading, Figures(_values(f))]
    if f.data.target.task == "binary":
        return [heading, Figures([*_ranking(f), _calibration(f), _confusion(f)]), *_point(f)]
    if len(f.labels) <= MAX_CLASSES:
        return [heading, Figures([_confusion(f), _calibration(f)])]
    return [heading, Figures([_calibration(f)]), *_mistaken(f)]


def _ranking(f: Findings) -> list[Figure]:
    """Draw ROC and precision-recall, where the test rows hold both classes."""
    y, p, words = f.data.test.y, f.answers, f.words
    if len(np.unique(y)) < 2:
        return []
    found, precise = metrics.roc(y, p), metrics.precision_recall(y, p)
    model = words("term.model")
    lines = {model: (numbers(found.false_positive_rate), numbers(found.true_positive_rate))}
    recalls = {model: (numbers(precise.recall), numbers(precise.precision))}
    return [
        Figure(charts.roc(lines, words=words), words("report.roc", value=found.auc),
               Rationale(words("report.roc-why"))),
        Figure(charts.precision_recall(recalls, float((y == 1).mean()), words=words),
               words("report.pr", value=precise.average_precision),
               Rationale(words("report.pr-why"))),
    ]  # fmt: skip


def _calibration(f: Findings) -> Figure:
    found, words = metrics.calibration(f.data.test.y, f.answers), f.words
    drawing = charts.calibration(
        numbers(found.predicted), numbers(found.observed), numbers(found.count), words=words
    )
    why = Rationale(words("report.calibration-why"), formula="Σ_b (n_b / n) |o_b − p_b|")
    return Figure(drawing, words("report.calibration", value=found.error), why)


def _confusion(f: Findings) -> Figure:
    counts, words = metrics.confusion(f.data.test.y, f.packaged.predictions), f.words
    drawing = charts.confusion(f.labels, counts.tolist(), words=words)
    said = words("report.confusion", right=float(np.trace(counts)), rows=len(f.data.test.y))
    return Figure(drawing, said, Rationale(words("report.confusion-why")))


def _mistaken(f: Findings) -> list[PageBlock]:
    """Render the most confused pairs of classes, instead of a huge matrix."""
    counts, words = metrics.confusion(f.data.test.y, f.packaged.predictions), f.words
    np.fill_diagonal(counts, 0)
    worst = [divmod(int(at), len(f.labels)) for at in np.argsort(-counts, axis=None)[:15]]
    rows = [[f.labels[i], f.labels[j], counts[i, j]] for i, j in worst if counts[i, j] > 0]
    titles = [Column(words("chart.actual")), Column(words("chart.predicted")),
              Column(words("term.rows"), "count")]  # fmt: skip
    told = Prose(words("report.too-many-classes", count=len(f.labels)))
    return [told, DataTable(titles, rows)] if rows else [told]


def _values(f: Findings) -> list[Figure]:
    """Draw predicted against actual values, and the residuals."""
    y, words = f.data.test.y, f.words
    chosen = np.unique(np.linspace(0, len(y) - 1, min(len(y), MAX_DOTS)).astype(int))
    dots = charts.predicted_actual(numbers(y[chosen]), numbers(f.answers[chosen]), words=words)
    counts, edges = np.histogram(y - f.answers, bins=_BINS)
    heap = charts.histogram(numbers(edges), numbers(counts), words("chart.residual"), words=words)
    return [
        Figure(dots, words("report.predicted-actual"), Rationale(words("report.predicted-why"))),
        Figure(heap, words("report.residuals"), Rationale(words("report.residuals-why"))),
    ]


def _point(f: Findings) -> list[PageBlock]:
    """Return where the label changes, and what that is worth on the test rows."""
    counts, words = metrics.confusion(f.data.test.y, f.packaged.predictions), f.words
    hits, flagged, positives = counts[1, 1], counts[:, 1].sum(), counts[1].sum()
    said = words(
        "report.point",
        label=f.labels[1],
        threshold=f.packaged.board.threshold,
        precision=hits / flagged if flagged else None,
        recall=hits / positives if positives else None,
    )
    codes = [d.code for d in f.of("threshold-chosen", "threshold-given", "threshold-default")]
    return [Callouts([Callout(said, "note", f.why(codes[-1]) if codes else "")])]
