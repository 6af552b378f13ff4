"""Checks are held against the rules, what changed is kept, and messages are delivered."""

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
from mulle.verbs.watch.alert.alert import Alert, message
from mulle.verbs.watch.alert.book import Book, Page, Parcel
from mulle.verbs.watch.alert.machine import Change, State, step
from mulle.verbs.watch.alert.measures import Measured, measured
from mulle.verbs.watch.alert.rules import Rule, Rules


class Delivery(msgspec.Struct, frozen=True):
    """One message that was tried: by which channel, for which rule, and what went wrong."""

    channel: str
    rule: str
    alerts: int
    error: str = ""
    again: bool = False

    @property
    def sent(self) -> bool:
        """Whether it arrived."""
        return not self.error


class Alerts:
    """The alerts of one model.

    Args:
        rules: see `read_rules`.
        place: a SQLite file, made if absent, or a database URL; the log's will do.
        model: whose alerts they are.
        look: the command that looks closer; `{since}` in it becomes the time of the first check
            past the limit, such as `mulle watch titanic.mulle titanic.db --since {since}`.

    Raises:
        UsageError, RunError: the place is none, or does not answer.

    >>> from mulle.verbs.watch.alert.reading import parse_rules
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
        self._book = Book(place, model)
        self._words = Messages(rules.language)

    def check(
        self, check: Mapping[str, Any], *, at: datetime | None = None, deliver: bool = True
    ) -> list[Alert]:
        """Hold one check against the rules; what opened and what closed.

        Args:
            check: the verdict with the server's figures, see `measures`.
            at: when it was made; now if None. A time without a zone is UTC's.
            deliver: send what is due now; else `deliver` does.

        Raises:
            RunError: the book cannot be written; then nothing changed. What cannot be delivered
                raises nothing: it is tried again, and `deliver` tells.
        """
        now = micros(at)
        changed: list[Alert] = []
        with self._book.turning() as page:
            known = page.states()
            for rule in self.rules.rules:
                bundle = secrets.token_hex(8)
                for found in measured(rule, check):
                    before, opening = known.get((rule.name, found.subject), (State(), ""))
                    after, change = step(before, rule, found.reading, now)
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
        """Send what is due: new messages, those held back by quiet hours, those to be tried again.

        Raises:
            RunError: the book cannot be written.
        """
        now = micros(at)
        moment = datetime.fromtimestamp(now / 1_000_000, UTC)
        rules = {rule.name: rule for rule in self.rules.rules}
        tried = []
        for bundle, channel, name in self._book.due(now):
            rule = rules.get(name)
            held = rule and rule.quiet and not rule.through_quiet and rule.quiet.holds(moment)
            if channel not in self.rules.channels or held:
                continue
            if parcel := self._book.claim(bundle, channel, now):
                tried.append(self._send(parcel, now))
        return tried

    def open_alerts(self) -> list[Alert]:
        """The alerts that are open, the newest first, each as it opened."""
        return self._book.open_alerts()

    def history(self, limit: int = 100) -> list[Alert]:
        """What opened and closed, the newest first."""
        return self._book.history(limit)

    def _alert(
        self, rule: Rule, found: Measured, change: Change, before: State, after: State, now: int
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

    def _send(self, parcel: Parcel, now: int) -> Delivery:
        """Send one message; a failure is written down without anything secret."""
        told = message(parcel.bundle, parcel.alerts, self._words)
        done = parcel.channel, parcel.rule, len(parcel.alerts)
        try:
            self.rules.channels[parcel.channel].send(told)
        except MulleError as error:
            return Delivery(*done, error.what, self._book.failed(parcel, now, error.what))
        except Exception as error:  # a library's own; its text may hold an address with a token
            what = type(error).__name__
            return Delivery(*done, what, self._book.failed(parcel, now, what))
        self._book.sent(parcel)
        return Delivery(*done)


def _write(page: Page, rule: Rule, alert: Alert, opening: str, now: int, bundle: str) -> None:
    """Note a change; a closing is told to those who heard the opening, and to nobody else."""
    heard = rule.channels if alert.change == "opened" else page.heard(opening)
    page.add(alert, now, heard, bundle)
