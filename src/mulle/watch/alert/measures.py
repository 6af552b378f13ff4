"""What a rule looks at in a check: a value for each subject, with the figures behind it.

A check is the verdict of a comparison, as JSON, with what the server counted beside it:

    {"dataset_drift": true, "share_of_drifted_columns": 0.3,
     "columns": {"price": {"measure": "psi", "score": 0.4, "threshold": 0.2,
                           "drift_detected": true, "n_ref": 900, "n_cur": 300, "reason": "...",
                           "missing": 0.1, "unseen": 0.0}},
     "performance": {"roc_auc": 0.91},
     "server": {"error_share": 0.01, "latency_p99_ms": 80.0, "log_dropped": 0}}

Whatever is absent or null is "cannot tell": it neither opens nor closes anything.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from mulle.watch.alert.rules import TOPICS, Rule

Reading = Literal["over", "between", "under", "unknown"]


class Measured(msgspec.Struct, frozen=True):
    """A value for one subject: a column, a metric, a figure of the server; "" for the data set.

    Attributes:
        value: None if it cannot be told.
        limit, clear: where an alert opens and closes.
        reading: on which side of them the value is.
        evidence: the figures it came with.
    """

    subject: str
    value: float | None
    limit: float | None
    clear: float | None
    reading: Reading
    evidence: dict[str, Any] = {}


def measured(rule: Rule, check: Mapping[str, Any]) -> Iterator[Measured]:
    """The values that a rule looks at.

    >>> rule = Rule("drift", "drift", above=0.2, clear=0.1)
    >>> check = {"columns": {"price": {"score": 0.4}, "area": {"score": 0.15}}}
    >>> [(m.subject, m.reading) for m in measured(rule, check)]
    [('price', 'over'), ('area', 'between')]
    """
    group, usual = TOPICS[rule.on]
    figure = rule.metric or usual
    if group == "columns":
        columns = check.get("columns") or {}
        for name, figures in columns.items():
            if fnmatch.fnmatchcase(name, rule.column):
                yield _measured(rule, name, figures.get(figure), dict(figures))
    elif group == "dataset":
        kept = ("dataset_drift", "share_of_drifted_columns")
        figures = {key: check[key] for key in kept if key in check}
        figures["drift_detected"] = check.get("dataset_drift")
        yield _measured(rule, "", check.get(figure), figures)
    else:
        figures = check.get(group) or {}
        yield _measured(rule, figure, figures.get(figure), {})


def _measured(rule: Rule, subject: str, value: Any, evidence: dict[str, Any]) -> Measured:
    number = _number(value)
    limit = rule.above if rule.above is not None else rule.below
    reading: Reading
    if limit is None:
        limit = clear = _number(evidence.get("threshold"))
        detected = evidence.get("drift_detected")
        reading = "unknown" if detected is None else "over" if detected else "under"
    else:
        clear = limit if rule.clear is None else rule.clear
        reading = _reading(number, limit, clear, 1 if rule.above is not None else -1)
    return Measured(subject, number, limit, clear, reading, evidence)


def _reading(value: float | None, limit: float, clear: float, sign: int) -> Reading:
    if value is None:
        return "unknown"
    if sign * value > sign * limit:
        return "over"
    return "under" if sign * value <= sign * clear else "between"


def _number(value: Any) -> float | None:
    """A finite number; None for everything else."""
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None
