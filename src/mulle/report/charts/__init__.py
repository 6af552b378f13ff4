"""Pictures with one theme, drawn as SVG."""

from mulle.report.charts.bars import (
    category_bars,
    paired_bars,
    share_bars,
    slice_bars,
    stacked_bars,
)
from mulle.report.charts.canvas import Canvas, Drawing, Scale, inks, require_png
from mulle.report.charts.columns import Whiskers, cycle, histogram, spark
from mulle.report.charts.compare import importance, leaderboard, search
from mulle.report.charts.curves import calibration, precision_recall, predicted_actual, roc
from mulle.report.charts.lines import line
from mulle.report.charts.matrix import confusion
from mulle.report.charts.pairs import boxes, counts, matrix, scatter, shade

__all__ = [
    "Canvas",
    "Drawing",
    "Scale",
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
    "require_png",
    "roc",
    "scatter",
    "search",
    "shade",
    "share_bars",
    "slice_bars",
    "spark",
    "stacked_bars",
]
