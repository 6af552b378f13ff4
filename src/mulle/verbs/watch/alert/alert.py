"""An alert as it is kept and sent: what changed, its evidence, and the command to look closer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from mulle.i18n import Messages
from mulle.verbs.watch.alert.machine import Change
from mulle.verbs.watch.alert.rules import Severity

_SHOWN = 12  # alerts that are told one by one in a message


class Alert(msgspec.Struct, frozen=True):
    """One opening or closing.

    Attributes:
        id: of this change; the same however often it is delivered.
        model, rule, topic, severity: whose it is.
        subject: the column or figure; "" for the data set.
        change: "opened" or "closed".
        at, since: now, and when the limit was first passed; ISO 8601 in UTC.
        value, limit, clear: what was measured, and where it opens and closes.
        evidence: the figures behind the value, with a sentence of `reason` if there is one.
        look: the command that looks closer.
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
    """What a channel sends: the alerts of one rule at one check.

    Attributes:
        id: the same for each try, so that a receiver can tell a repetition.
        title, text: in the language of the rules.
        alerts: the same for machines.
    """

    id: str
    title: str
    text: str
    alerts: tuple[Alert, ...] = ()


def message(id: str, alerts: Sequence[Alert], words: Messages) -> Message:
    """Alerts of one rule in sentences: the finding first, then why, then what to do."""
    first = alerts[0]
    lines = [_told(alert, words) for alert in alerts[:_SHOWN]]
    if len(alerts) > _SHOWN:
        lines.append(words("alert.more", count=len(alerts) - _SHOWN))
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


def _told(alert: Alert, words: Messages) -> str:
    """The sentence of one alert, followed by the reason that the verdict gave."""
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
    # The verdict gives the reason of the measure that decided, which may be another one.
    if alert.topic in {"missing", "unseen"} and not measure.startswith(alert.topic):
        reason = ""
    return f"- {words(_sentence(alert), **values)} {reason}".rstrip()


def _sentence(alert: Alert) -> str:
    """The words for an alert; without a limit of its own it says what the verdict said."""
    if alert.limit is not None:
        return f"alert.{alert.topic}-{alert.change}"
    if alert.change == "closed":
        return "alert.over"
    judged = alert.topic == "dataset" and alert.value is not None
    return "alert.dataset-judged" if judged else "alert.detected"
