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
from mulle.evaluate.distances import (
    chebyshev,
    cosine_distance,
    cosine_similarity,
    dot,
    euclidean,
    manhattan,
    minkowski,
    norm,
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
from mulle.evaluate.shift import (
    bonferroni,
    chi_squared,
    jensen_shannon,
    ks,
    missing_rates,
    psi,
    wasserstein,
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
    "bonferroni",
    "calibration",
    "chebyshev",
    "chi_squared",
    "choose_threshold",
    "confusion",
    "cosine_distance",
    "cosine_similarity",
    "default_metric",
    "dot",
    "euclidean",
    "gain",
    "interval",
    "jensen_shannon",
    "ks",
    "manhattan",
    "metric",
    "metrics_for",
    "minkowski",
    "missing_rates",
    "norm",
    "permutation_importance",
    "precision_recall",
    "psi",
    "roc",
    "suspects",
    "wasserstein",
]
