"""What a rule looks at in a check: a value for each subject, with the figures behind it.

A check is a drift report as JSON (`DriftReport.to_dict()`) with what the server counted beside it:

    {"dataset_drift": true, "share_of_drifted_columns": 0.3,
     "columns": {"price": {"measure": "psi", "score": 0.4, "threshold": 0.2, "status": "drifted",
                           "drift_detected": true, "n_ref": 900, "n_cur": 300, "reason": "...",
                           "checks": [{"measure": "missing_share", "score": 0.1}]}},
     "prediction": {"measure": "psi", "score": 0.1}, "target": null,
     "performance": [{"metric": "roc_auc", "score": 0.91}],
     "server": {"error_share": 0.01, "latency_p99_ms": 80.0, "log_dropped": 0}}

What is absent, null or of a status that cannot tell neither opens nor closes anything.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from mulle.verbs.watch.alert.rules import JUDGED, TOPICS, Rule

Reading = Literal["over", "between", "under", "unknown"]
_CANNOT_TELL = ("cannot_tell", "not_judged")  # statuses of a comparison


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
        for name, figures in (check.get("columns") or {}).items():
            if fnmatch.fnmatchcase(name, rule.column):
                yield _measured(rule, name, figure, _with_checks(figures))
    elif group == "dataset":
        figures = {key: check.get(key) for key in ("dataset_drift", figure, "status", "reason")}
        yield _measured(rule, "", figure, {**figures, "drift_detected": figures["dataset_drift"]})
    elif group in {"prediction", "target"}:
        yield _measured(rule, "", figure, _with_checks(check.get(group) or {}))
    elif group == "server":
        yield _measured(rule, figure, figure, {figure: (check.get(group) or {}).get(figure)})
    else:
        yield _measured(rule, figure, "score", _scored(check.get(group) or (), figure))


def _with_checks(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a column, with the score of each of its checks under the check's name."""
    told = {
        check["measure"]: check.get("score")
        for check in figures.get("checks") or ()
        if check.get("status") not in _CANNOT_TELL
    }
    return told | dict(figures)


def _scored(scores: Any, metric: str) -> dict[str, Any]:
    """The score of a metric, from {"roc_auc": 0.9} or [{"metric": "roc_auc", "score": 0.9}]."""
    if isinstance(scores, Mapping):
        return {"score": scores.get(metric)}
    return next((dict(s) for s in scores if s.get("metric") == metric), {})


def _measured(rule: Rule, subject: str, figure: str, figures: dict[str, Any]) -> Measured:
    """One value; long figures, such as pictures, are not kept as evidence."""
    number = _number(figures.get(figure))
    limit = rule.above if rule.above is not None else rule.below
    reading: Reading
    if limit is None:
        limit = clear = _number(figures.get("threshold"))
        detected = figures.get("drift_detected")
        reading = "unknown" if detected is None else "over" if detected else "under"
    else:
        clear = limit if rule.clear is None else rule.clear
        reading = _reading(number, limit, clear, 1 if rule.above is not None else -1)
    if rule.on in JUDGED and figures.get("status") in _CANNOT_TELL:
        reading = "unknown"
    short = (str, int, float, bool)
    evidence = {key: value for key, value in figures.items() if isinstance(value, short)}
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
