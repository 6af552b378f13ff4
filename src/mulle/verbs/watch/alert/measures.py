"""The values that a rule looks at in a check: one for each subject, with the figures behind it.

A check is a drift report as JSON (`DriftReport.to_dict()`) with what the server counted beside it:

    {"status": "drifted", "alarm": true, "share_of_drifted_columns": 0.3, "reason": "...",
     "columns": {"price": {"measure": "psi", "score": 0.4, "threshold": 0.2, "status": "drifted",
                           "drift_detected": true, "n_ref": 900, "n_cur": 300, "reason": "...",
                           "checks": [{"measure": "missing_share", "score": 0.1}]}},
     "prediction": {"measure": "psi", "score": 0.1}, "target": null,
     "performance": [{"metric": "roc_auc", "score": 0.91, "status": "kept"}],
     "server": {"error_share": 0.01, "latency_p99_ms": 80.0, "log_dropped": 0}}

What is absent, null or of a status that cannot tell neither opens nor closes anything. Without a
limit of its own a rule repeats the verdict: of the whole (`dataset`), or of the part it is about.
"""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from mulle.verbs.watch.alert.rules import JUDGED, SCORES, TOPICS, Rule

Side = Literal["over", "between", "under", "unknown"]
_CANNOT_TELL = ("cannot_tell", "not_judged")  # statuses of a comparison


class Measurement(msgspec.Struct, frozen=True):
    """A value for one subject: a column, a metric, a figure of the server; "" for the data set.

    Attributes:
        value: measured value; None where there is none.
        limit, clear: limits of opening and closing.
        side: side of the limits on which the value lies.
        evidence: figures beside the value.
    """

    subject: str
    value: float | None
    limit: float | None
    clear: float | None
    side: Side
    evidence: dict[str, Any] = {}


def measure(rule: Rule, check: Mapping[str, Any]) -> Iterator[Measurement]:
    """Yield the values that a rule looks at.

    >>> rule = Rule("drift", "drift", above=0.2, clear=0.1)
    >>> check = {"columns": {"price": {"score": 0.4}, "area": {"score": 0.15}}}
    >>> [(m.subject, m.side) for m in measure(rule, check)]
    [('price', 'over'), ('area', 'between')]
    """
    group, usual = TOPICS[rule.on]
    figure = rule.metric or usual
    if group == "columns":
        for name, figures in (check.get("columns") or {}).items():
            if fnmatch.fnmatchcase(name, rule.column):
                yield _measured(rule, name, figure, _with_checks(figures))
    elif group == "dataset":
        figures = {key: check.get(key) for key in ("alarm", figure, "status", "reason")}
        yield _measured(rule, "", figure, {**figures, "drift_detected": figures["alarm"]})
    elif group in {"prediction", "target"}:
        yield _measured(rule, "", figure, _with_checks(check.get(group) or {}))
    elif group == "server":
        yield _measured(rule, figure, figure, {figure: (check.get(group) or {}).get(figure)})
    else:
        figures = _scored(check.get(group) or (), figure)
        subject = figure or str(figures.get("metric", ""))
        yield _measured(rule, subject, "score", _with_detection(figures))


def _with_checks(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a column, with the score of each check under its name."""
    scores = {
        check["measure"]: check.get("score")
        for check in figures.get("checks") or ()
        if check.get("status") not in _CANNOT_TELL
    }
    return scores | dict(figures)


def _scored(scores: Any, metric: str) -> dict[str, Any]:
    """Return a score, from {"roc_auc": 0.9} or [{"metric": "roc_auc", "score": 0.9}].

    Without a metric it is the one that is worse, or else the first.
    """
    if isinstance(scores, Mapping):
        return {"score": scores.get(metric)}
    some = [dict(s) for s in scores if s.get("metric") == metric or not metric]
    return next((s for s in some if s.get("status") == "worse"), some[0] if some else {})


def _with_detection(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a score with whether it is surely worse, where that is known."""
    known = {"worse": True, "kept": False}
    return {"drift_detected": known.get(str(figures.get("status")))} | figures


def _measured(rule: Rule, subject: str, figure: str, figures: dict[str, Any]) -> Measurement:
    """Measure one value; long figures, such as pictures, are not kept as evidence."""
    number = _number(figures.get(figure))
    limit = rule.above if rule.above is not None else rule.below
    side: Side
    if limit is None:
        limit = clear = _number(figures.get("threshold"))
        detected = figures.get("drift_detected")
        side = "unknown" if detected is None else "over" if detected else "under"
    else:
        clear = limit if rule.clear is None else rule.clear
        side = _side(number, limit, clear, 1 if rule.above is not None else -1)
    if rule.on in JUDGED and rule.on not in SCORES and figures.get("status") in _CANNOT_TELL:
        side = "unknown"
    short = (str, int, float, bool)
    evidence = {key: value for key, value in figures.items() if isinstance(value, short)}
    return Measurement(subject, number, limit, clear, side, evidence)


def _side(value: float | None, limit: float, clear: float, sign: int) -> Side:
    if value is None:
        return "unknown"
    if sign * value > sign * limit:
        return "over"
    return "under" if sign * value <= sign * clear else "between"


def _number(value: Any) -> float | None:
    """Return a finite number; None for everything else."""
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return None
