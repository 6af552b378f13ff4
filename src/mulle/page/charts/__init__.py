"""Chart specifications with one theme, and the pictures drawn from them."""

from mulle.page.charts.columns import boxes, category_bars, histogram, line, scatter
from mulle.page.charts.compare import importance, leaderboard, search
from mulle.page.charts.curves import calibration, precision_recall, predicted_actual, roc
from mulle.page.charts.matrix import confusion
from mulle.page.charts.svg import svg

__all__ = [
    "boxes",
    "calibration",
    "category_bars",
    "confusion",
    "histogram",
    "importance",
    "leaderboard",
    "line",
    "precision_recall",
    "predicted_actual",
    "roc",
    "scatter",
    "search",
    "svg",
]
