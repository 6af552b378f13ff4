"""Metrics, curves, thresholds, intervals, importance, leakage."""

from mulle.evaluate.curves import (
    Calibration,
    Gain,
    PrecisionRecall,
    Roc,
    calibration,
    gain,
    precision_recall,
    roc,
)
from mulle.evaluate.importance import Importance, permutation_importance
from mulle.evaluate.intervals import Interval, interval
from mulle.evaluate.labels import confusion
from mulle.evaluate.leakage import Leak, suspects
from mulle.evaluate.metrics import (
    METRICS,
    Metric,
    all_scores,
    default_metric,
    metric,
    metrics_for,
)
from mulle.evaluate.thresholds import OperatingPoint, choose_threshold

__all__ = [
    "METRICS",
    "Calibration",
    "Gain",
    "Importance",
    "Interval",
    "Leak",
    "Metric",
    "OperatingPoint",
    "PrecisionRecall",
    "Roc",
    "all_scores",
    "calibration",
    "choose_threshold",
    "confusion",
    "default_metric",
    "gain",
    "interval",
    "metric",
    "metrics_for",
    "permutation_importance",
    "precision_recall",
    "roc",
    "suspects",
]
