"""The closed loop: compare what is served with what was learned from; logs and alerts."""

from mulle.profile.drift import ColumnDrift, Limits, Status
from mulle.verbs.watch.compare import compare
from mulle.verbs.watch.logged import KnownLabels, read_labels
from mulle.verbs.watch.performance import estimated, performance
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.report import DriftReport
from mulle.verbs.watch.result import Performance, ScoreStatus
from mulle.verbs.watch.sentences import headline, render_performance
from mulle.verbs.watch.watch import count_rows, watch
from mulle.verbs.watch.window import Window, reference_of

__all__ = [
    "ColumnDrift",
    "DriftReport",
    "KnownLabels",
    "Limits",
    "Performance",
    "Reference",
    "ScoreStatus",
    "Status",
    "Window",
    "compare",
    "count_rows",
    "estimated",
    "headline",
    "performance",
    "read_labels",
    "reference_of",
    "render_performance",
    "watch",
]
