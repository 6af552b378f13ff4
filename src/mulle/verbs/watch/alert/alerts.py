"""The alerts of a model: compare checks with the rules, keep changes, deliver messages."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import MulleError
from mulle.i18n import Messages
from mulle.times import iso, micros
from mulle.verbs.watch.alert.alert import Alert, render_message
from mulle.verbs.watch.alert.measures import Measurement, measure
from mulle.verbs.watch.alert.rules import Rule, Rules
from mulle.verbs.watch.alert.state import Change, State, step
from mulle.verbs.watch.alert.store import AlertStore, PendingMessage, StoreWriter


class Delivery(msgspec.Struct, frozen=True):
    """One try to send a message: its channel and rule, and the error."""

    channel: str
    rule: str
    alerts: int
    error: str = ""
    again: bool = False

    @property
    def sent(self) -> bool:
        """Whether the message arrived."""
        return not self.error


class Alerts:
    """The alerts of one model.

    Args:
        rules: rules of alerts, see `read_rules`.
        place: a SQLite file, made if absent, or a database URL; the log's will do.
        model: name of the model.
        look: command that looks closer; `{since}` in it becomes the time of the first check
            past the limit, such as `mulle watch titanic.mulle titanic.db --since {since}`.

    Raises:
        UsageError, RunError: the place is none, or does not answer.

    >>> from mulle.verbs.watch.alert.config import parse_rules
    >>> rules = parse_rules('[[rule]]\\nname = "drift"\\non = "drift"\\nabove = 0.2')
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     alerts = Alerts(rules, f"{folder}/watch.db", model="iris")
    ...     [(a.change, a.subject) for a in alerts.check({"columns": {"petal": {"score": 0.4}}})]
    [('opened', 'petal')]
    """

    def __init__(self, rules: Rules, place: str | Path, *, model: str, look: str = "") -> None:
        self.rules, self.model, self.look = rules, model, look
        self._order = itertools.count()
        self._store = AlertStore(place, model)
        self._words = Messages(rules.language)

    def check(
        self, check: Mapping[str, Any], *, at: datetime | None = None, deliver: bool = True
    ) -> list[Alert]:
        """Compare one check with the rules; return the alerts that opened and closed.

        Args:
            check: drift report with the server's figures, see `measures`.
            at: time of the check; now if None, UTC without a zone.
            deliver: whether messages that are due are sent now; else `deliver` sends them.

        Raises:
            RunError: the store cannot be written; then nothing changed. A message that cannot be
                delivered raises nothing: it is tried again, and `deliver` returns the error.
        """
        now = micros(at)
        changed: list[Alert] = []
        with self._store.transaction() as page:
            known = page.states()
            for rule in self.rules.rules:
                bundle = secrets.token_hex(8)
                for found in measure(rule, check):
                    before, opening = known.get((rule.name, found.subject), (State(), ""))
                    after, change = step(before, rule, found.side, now)
                    if change:
                        alert = self._alert(rule, found, change, before, after, now)
                        _write(page, rule, alert, opening, now, f"{bundle}-{change}")
                        changed.append(alert)
                        opening = alert.id if change == "opened" else ""
                    if after != before:
                        page.keep(rule.name, found.subject, after, opening)
        if deliver:
            self.deliver(at=at)
        return changed

    def deliver(self, *, at: datetime | None = None) -> list[Delivery]:
        """Send the messages that are due: new ones, those held back, those to be tried again.

        Raises:
            RunError: the store cannot be written.
        """
        now = micros(at)
        moment = datetime.fromtimestamp(now / 1_000_000, UTC)
        rules = {rule.name: rule for rule in self.rules.rules}
        tried = []
        for bundle, channel, name in self._store.due(now):
            rule = rules.get(name)
            held = rule and rule.quiet and not rule.through_quiet and rule.quiet.holds(moment)
            if channel not in self.rules.channels or held:
                continue
            if pending := self._store.claim(bundle, channel, now):
                tried.append(self._send(pending, now))
        return tried

    def open_alerts(self) -> list[Alert]:
        """Return the alerts that are open, the newest first, each as it opened."""
        return self._store.open_alerts()

    def history(self, limit: int = 100) -> list[Alert]:
        """Return openings and closings, the newest first."""
        return self._store.history(limit)

    def _alert(
        self, rule: Rule, found: Measurement, change: Change, before: State, after: State, now: int
    ) -> Alert:
        since = iso((after if change == "opened" else before).since or now)
        return Alert(
            f"{now:016x}{next(self._order) & 0xFFFF:04x}{secrets.token_hex(6)}",  # in their order
            self.model,
            rule.name,
            rule.on,
            rule.severity,
            found.subject,
            change,
            iso(now),
            since,
            found.value,
            found.limit,
            found.clear,
            found.evidence,
            self.look.replace("{since}", since),
        )

    def _send(self, pending: PendingMessage, now: int) -> Delivery:
        """Send one message; a failure is kept without anything secret."""
        message = render_message(pending.bundle, pending.alerts, self._words)
        done = pending.channel, pending.rule, len(pending.alerts)
        try:
            self.rules.channels[pending.channel].send(message)
        except MulleError as error:
            return Delivery(*done, error.what, self._store.failed(pending, now, error.what))
        except Exception as error:  # a library's own; its text may hold an address with a token
            what = type(error).__name__
            return Delivery(*done, what, self._store.failed(pending, now, what))
        self._store.sent(pending)
        return Delivery(*done)


def _write(
    page: StoreWriter, rule: Rule, alert: Alert, opening: str, now: int, bundle: str
) -> None:
    """Keep a change; a closing goes to the channels that heard the opening, and to no others."""
    heard = rule.channels if alert.change == "opened" else page.heard(opening)
    page.add(alert, now, heard, bundle)
