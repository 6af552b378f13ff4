"""An alert as it is kept and sent: its change, its evidence, and the command to look closer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mulle.i18n import Messages
from mulle.verbs.watch.alert.rules import SCORES, Severity
from mulle.verbs.watch.alert.state import Change

MAX_LINES = 12  # alerts that one message lists


class Alert(msgspec.Struct, frozen=True):
    """One opening or closing.

    Attributes:
        id: id of this change; the same however often it is delivered.
        model, rule, topic, severity: model, and rule with its topic and severity.
        subject: column or figure; "" for the data set.
        change: "opened" or "closed".
        at, since: time of the change, and of first passing the limit; ISO 8601 in UTC.
        value, limit, clear: measured value, and limits of opening and closing.
        evidence: the figures behind the value, with a sentence of `reason` if there is one.
        look: command that looks closer.
    """

    id: str
    model: str
    rule: str
    topic: str
    severity: Severity
    subject: str
    change: Change
    at: str
    since: str
    value: float | None
    limit: float | None
    clear: float | None
    evidence: dict[str, Any] = {}
    look: str = ""


class Message(msgspec.Struct, frozen=True):
    """A message of a channel: the alerts of one rule at one check.

    Attributes:
        id: id that is the same for each try, so that a receiver can tell a repetition.
        title, text: in the language of the rules.
        alerts: the same for machines.
    """

    id: str
    title: str
    text: str
    alerts: tuple[Alert, ...] = ()


def render_message(id: str, alerts: Sequence[Alert], words: Messages) -> Message:
    """Render the alerts of one rule: the finding first, then why, then what to do."""
    first = alerts[0]
    lines = [_render_alert(alert, words) for alert in alerts[:MAX_LINES]]
    if len(alerts) > MAX_LINES:
        lines.append(words("alert.more", count=len(alerts) - MAX_LINES))
    if first.change == "opened":
        lines += ["", words("alert.since", since=first.since)]
    if first.look:
        lines += [words("alert.look", command=first.look)]
    title = words(
        f"alert.title-{first.change}",
        severity=words.name("alert-severity", first.severity),
        model=first.model,
        rule=first.rule,
        count=len(alerts),
    )
    return Message(id, title, "\n".join(lines), tuple(alerts))


def _render_alert(alert: Alert, words: Messages) -> str:
    """Return the sentence of one alert, followed by the reason that the comparison gave."""
    measure = str(alert.evidence.get("measure", ""))
    named = words.name("drift-measure", measure)
    values = {
        **alert.evidence,
        "measure": words.name("distance", measure) if named == measure else named,
        "column": alert.subject,
        "figure": words.name("metric", alert.subject),
        "value": alert.value,
        "limit": alert.limit,
        "clear": alert.clear,
    }
    reason = str(alert.evidence.get("reason", "")) if alert.change == "opened" else ""
    # The comparison gives the reason of the measure that decided, which may be another one.
    if alert.topic in {"missing", "unseen"} and not measure.startswith(alert.topic):
        reason = ""
    return f"- {words(_sentence(alert), **values)} {reason}".rstrip()


def _sentence(alert: Alert) -> str:
    """Return the key of the sentence; without a limit of its own it repeats the comparison."""
    if alert.limit is not None:
        return f"alert.{alert.topic}-{alert.change}"
    if alert.change == "closed":
        return "alert.over"
    if alert.topic in SCORES:
        return "alert.score-judged"
    if alert.topic == "dataset":
        share = alert.value is not None and alert.evidence.get("status") == "drifted"
        return "alert.dataset-judged" if share else "alert.verdict"
    return "alert.detected"
