"""The closed loop: what is served is compared with what was learned from; alerts; retraining."""

from mulle.verbs.watch.compare import compare
from mulle.verbs.watch.decide import Limits, judge
from mulle.verbs.watch.performance import estimated, performance
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.verdict import (
    Check,
    ColumnVerdict,
    Performance,
    Reason,
    Status,
    Verdict,
)
from mulle.verbs.watch.watch import counted, watch
from mulle.verbs.watch.window import Window, reference_of

__all__ = [
    "Check",
    "ColumnVerdict",
    "Limits",
    "Performance",
    "Reason",
    "Reference",
    "Status",
    "Verdict",
    "Window",
    "compare",
    "counted",
    "estimated",
    "judge",
    "performance",
    "reference_of",
    "watch",
]
