"""The closed loop: compare what is served with what was learned from; logs and alerts."""

from mulle.profile.drift import ColumnDrift, Limits, Status
from mulle.verbs.watch.compare import compare
from mulle.verbs.watch.estimate import estimated
from mulle.verbs.watch.logged import KnownLabels, read_labels
from mulle.verbs.watch.performance import Performance, ScoreStatus, performance
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.report import DriftReport
from mulle.verbs.watch.sentences import (
    drift_headline,
    headline,
    render_performance,
    render_season,
    scores,
)
from mulle.verbs.watch.verdict import Cause, Verdict, VerdictStatus, judge
from mulle.verbs.watch.watch import count_rows, watch
from mulle.verbs.watch.window import Window, reference_of

__all__ = [
    "Cause",
    "ColumnDrift",
    "DriftReport",
    "KnownLabels",
    "Limits",
    "Performance",
    "Reference",
    "ScoreStatus",
    "Status",
    "Verdict",
    "VerdictStatus",
    "Window",
    "compare",
    "count_rows",
    "drift_headline",
    "estimated",
    "headline",
    "judge",
    "performance",
    "read_labels",
    "reference_of",
    "render_performance",
    "render_season",
    "scores",
    "watch",
]
