"""The closed loop: what is served is compared with what was learned from; alerts; retraining."""

from mulle.rooms import make_verb
from mulle.watch.compare import compare
from mulle.watch.decide import Limits, judge
from mulle.watch.performance import estimated, performance
from mulle.watch.reference import Reference
from mulle.watch.verdict import (
    Check,
    ColumnVerdict,
    Performance,
    Reason,
    Status,
    Verdict,
)
from mulle.watch.watch import counted, watch
from mulle.watch.window import Window, reference_of

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

make_verb(__name__)
