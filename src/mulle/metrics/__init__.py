"""The quality of predictions: metrics, curves, thresholds, intervals, importance, leakage."""

from mulle.metrics.classes import confusion
from mulle.metrics.curves import (
    Calibration,
    Gain,
    PrecisionRecall,
    Roc,
    calibration,
    gain,
    precision_recall,
    roc,
)
from mulle.metrics.importance import Importance, permutation_importance
from mulle.metrics.intervals import ScoreInterval, bootstrap_score
from mulle.metrics.leakage import Alone, Leak, alone_scores, suspects
from mulle.metrics.metrics import (
    METRICS,
    Metric,
    all_scores,
    default_metric,
    metric,
    metrics_for,
    name_positive,
)
from mulle.metrics.predictions import HALF, Predictions, decide, decided
from mulle.metrics.thresholds import OperatingPoint, best_threshold, choose_threshold

__all__ = [
    "HALF",
    "METRICS",
    "Alone",
    "Calibration",
    "Gain",
    "Importance",
    "Leak",
    "Metric",
    "OperatingPoint",
    "PrecisionRecall",
    "Predictions",
    "Roc",
    "ScoreInterval",
    "all_scores",
    "alone_scores",
    "best_threshold",
    "bootstrap_score",
    "calibration",
    "choose_threshold",
    "confusion",
    "decide",
    "decided",
    "default_metric",
    "gain",
    "metric",
    "metrics_for",
    "name_positive",
    "permutation_importance",
    "precision_recall",
    "roc",
    "suspects",
]
