"""Metrics, curves, thresholds, intervals, importance, leakage."""

from mulle.evaluate.metrics import (
    METRICS,
    Metric,
    all_scores,
    default_metric,
    metric,
    metrics_for,
)

__all__ = ["METRICS", "Metric", "all_scores", "default_metric", "metric", "metrics_for"]
