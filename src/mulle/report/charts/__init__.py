"""Pictures with one theme: large ones specified in Vega-Lite, many small ones drawn straight."""

from mulle.report.charts.bars import (
    category_bars,
    paired_bars,
    share_bars,
    slice_bars,
    stacked_bars,
)
from mulle.report.charts.canvas import Drawing, inks
from mulle.report.charts.columns import Whiskers, cycle, histogram, spark
from mulle.report.charts.compare import importance, leaderboard, search
from mulle.report.charts.curves import calibration, precision_recall, predicted_actual, roc
from mulle.report.charts.lines import line
from mulle.report.charts.matrix import confusion
from mulle.report.charts.pairs import boxes, counts, matrix, scatter, shade
from mulle.report.charts.svg import svg

__all__ = [
    "Drawing",
    "Whiskers",
    "boxes",
    "calibration",
    "category_bars",
    "confusion",
    "counts",
    "cycle",
    "histogram",
    "importance",
    "inks",
    "leaderboard",
    "line",
    "matrix",
    "paired_bars",
    "precision_recall",
    "predicted_actual",
    "roc",
    "scatter",
    "search",
    "shade",
    "share_bars",
    "slice_bars",
    "spark",
    "stacked_bars",
    "svg",
]
