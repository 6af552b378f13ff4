"""The store of alerts in a database: their states, their changes, and messages to be delivered.

A check writes all three at once, so a kill leaves the store as it was or as it is after the check.
A delivery is claimed before it is sent and marked after: only a kill between the two lets a message
be sent again, with the id it had.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import sqlalchemy as sa

from mulle.store.sets import Tables, open_tables
from mulle.verbs.watch.alert.alert import Alert
from mulle.verbs.watch.alert.state import State

LEASE = 300_000_000  # microseconds in which nobody else takes a claimed delivery
# seconds after each failed try; then the message is given up
RETRY_SECONDS = (10, 60, 300, 900, 3600, 3600, 3600)

metadata = sa.MetaData()

states = sa.Table(
    "alert_states",
    metadata,
    sa.Column("model", sa.String(256), primary_key=True),
    sa.Column("rule", sa.String(256), primary_key=True),
    sa.Column("subject", sa.String(512), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("opening", sa.String(32), nullable=False),  # the id of the alert that is open
)

events = sa.Table(
    "alert_events",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("model", sa.String(256), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("alert", sa.Text, nullable=False),
)

outbox = sa.Table(
    "alert_outbox",
    metadata,
    sa.Column("alert", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(256), primary_key=True),
    sa.Column("model", sa.String(256), nullable=False),
    sa.Column("rule", sa.String(256), nullable=False),
    sa.Column("bundle", sa.String(64), nullable=False),  # what goes into one message
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
)

TABLES = Tables("alerts", 1, metadata)


class PendingMessage(msgspec.Struct, frozen=True):
    """One message to be sent: its alerts, its channel, and the number of tries so far."""

    bundle: str
    channel: str
    rule: str
    alerts: tuple[Alert, ...]
    tries: int = 0


class AlertStore:
    """The stored alerts of one model.

    Raises:
        UsageError, RunError: see `open_tables`.
    """

    def __init__(self, place: str | Path, model: str) -> None:
        self.model = model
        self._database = open_tables(place, TABLES)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[StoreWriter]:
        """Write everything inside the block, or nothing; other programs wait.

        Raises:
            RunError: the store cannot be written.
        """
        with self._database.writing() as connection:
            yield StoreWriter(connection, self.model)

    def open_alerts(self) -> list[Alert]:
        """Return the openings of all alerts that are open, the newest first."""
        joined = states.join(events, states.c.opening == events.c.id)
        query = sa.select(events.c.alert).select_from(joined).where(states.c.model == self.model)
        with self._database.reading() as connection:
            found = connection.scalars(query.order_by(events.c.at.desc(), events.c.id)).all()
        return [msgspec.json.decode(text, type=Alert) for text in found]

    def history(self, limit: int) -> list[Alert]:
        """Return openings and closings, the newest first."""
        query = sa.select(events.c.alert).where(events.c.model == self.model)
        with self._database.reading() as connection:
            found = connection.scalars(query.order_by(events.c.id.desc()).limit(limit)).all()
        return [msgspec.json.decode(text, type=Alert) for text in found]

    def due(self, at: int) -> list[tuple[str, str, str]]:
        """Return bundle, channel and rule of the messages that wait to be sent."""
        columns = outbox.c.bundle, outbox.c.channel, outbox.c.rule
        query = sa.select(*columns).where(*_waiting(self.model, at)).distinct()
        with self._database.reading() as connection:
            return [(r.bundle, r.channel, r.rule) for r in connection.execute(query)]

    def claim(self, bundle: str, channel: str, at: int) -> PendingMessage | None:
        """Claim a message to send it; None if another program has it, or nothing of it is left."""
        mine = outbox.c.bundle == bundle, outbox.c.channel == channel, *_waiting(self.model, at)
        with self._database.writing() as connection:
            claimed = sa.update(outbox).where(*mine).values(
                status="sending", due=at + LEASE, tries=outbox.c.tries + 1
            ).returning(outbox.c.alert, outbox.c.rule, outbox.c.tries)  # fmt: skip
            rows = connection.execute(claimed).all()
            if not rows:
                return None
            ids = [row.alert for row in rows]
            query = sa.select(events.c.alert).where(events.c.id.in_(ids)).order_by(events.c.id)
            texts = connection.scalars(query).all()
        alerts = tuple(msgspec.json.decode(text, type=Alert) for text in texts)
        return PendingMessage(bundle, channel, rows[0].rule, alerts, max(row.tries for row in rows))

    def sent(self, pending: PendingMessage) -> None:
        """Mark a message as sent."""
        self._mark(pending, status="sent", error="")

    def failed(self, pending: PendingMessage, at: int, error: str) -> bool:
        """Mark a message as not sent; return whether it is tried again later."""
        again = pending.tries <= len(RETRY_SECONDS)
        if again:
            due = at + RETRY_SECONDS[pending.tries - 1] * 1_000_000
            self._mark(pending, status="pending", due=due, error=error)
        else:
            self._mark(pending, status="failed", error=error)
        return again

    def _mark(self, pending: PendingMessage, **values: str | int) -> None:
        ids = [alert.id for alert in pending.alerts]
        mine = outbox.c.alert.in_(ids), outbox.c.channel == pending.channel
        with self._database.writing() as connection:
            connection.execute(
                sa.update(outbox).where(*mine, outbox.c.status == "sending").values(**values)
            )


class StoreWriter:
    """The store inside a transaction."""

    def __init__(self, connection: sa.Connection, model: str) -> None:
        self._connection, self._model = connection, model

    def states(self) -> dict[tuple[str, str], tuple[State, str]]:
        """Return the state and the id of the open alert, by rule and subject."""
        rows = self._connection.execute(sa.select(states).where(states.c.model == self._model))
        return {
            (r.rule, r.subject): (msgspec.json.decode(r.state, type=State), r.opening) for r in rows
        }

    def keep(self, rule: str, subject: str, state: State, opening: str) -> None:
        """Replace the state of one alert."""
        key = {"model": self._model, "rule": rule, "subject": subject}
        self._connection.execute(sa.delete(states).filter_by(**key))
        text = msgspec.json.encode(state).decode()
        self._connection.execute(sa.insert(states).values(**key, state=text, opening=opening))

    def add(self, alert: Alert, at: int, channels: Sequence[str], bundle: str) -> None:
        """Keep a change, and that these channels are to send it."""
        text = msgspec.json.encode(alert).decode()
        event = {"id": alert.id, "model": self._model, "at": at, "alert": text}
        self._connection.execute(sa.insert(events).values(**event))
        for channel in dict.fromkeys(channels):
            row = {"alert": alert.id, "channel": channel, "model": self._model, "rule": alert.rule}
            rest = {"bundle": bundle, "status": "pending", "due": at, "tries": 0, "error": ""}
            self._connection.execute(sa.insert(outbox).values(**row, **rest))

    def heard(self, opening: str) -> list[str]:
        """Return the channels that sent an opening; the others need not send it any more."""
        mine = outbox.c.alert == opening
        void = sa.update(outbox).where(mine, outbox.c.status == "pending").values(status="void")
        self._connection.execute(void)
        heard = sa.select(outbox.c.channel).where(mine, outbox.c.status.in_(["sent", "sending"]))
        return list(self._connection.scalars(heard))


def _waiting(model: str, at: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Select messages to be sent now: due, or claimed so long ago that the program is gone."""
    waits = outbox.c.status.in_(["pending", "sending"])
    return outbox.c.model == model, waits, outbox.c.due <= at
