"""Pictures with one theme: large ones specified in Vega-Lite, many small ones drawn straight."""

from mulle.page.charts.bars import category_bars, paired_bars, share_bars, slice_bars, stacked_bars
from mulle.page.charts.canvas import Drawing, inks
from mulle.page.charts.columns import Whiskers, cycle, histogram, spark
from mulle.page.charts.compare import importance, leaderboard, search
from mulle.page.charts.curves import calibration, precision_recall, predicted_actual, roc
from mulle.page.charts.lines import line
from mulle.page.charts.matrix import confusion
from mulle.page.charts.pairs import boxes, counts, matrix, scatter, shade
from mulle.page.charts.svg import svg

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
