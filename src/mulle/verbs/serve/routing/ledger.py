"""What routing keeps in SQL: the rules, the counts of each version, and who was rewarded already.

Processes add what they counted and read the sums once a second; a reward is in the database before
it is answered. So a process that is killed loses the requests it counted in its last second, and
never a reward.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa

from mulle.errors import RunError
from mulle.stats.sequential import Moments
from mulle.store.database import Database
from mulle.store.sets import open_tables
from mulle.verbs.serve.routing.ids import tag_of
from mulle.verbs.serve.routing.tables import TABLES, compared, keys, rewarded, rules, tallies
from mulle.verbs.serve.routing.tallies import Tally

_ATTEMPTS = 8
Result = TypeVar("Result")


class Kept(NamedTuple):
    """A rule as it is kept.

    Attributes:
        rule: as JSON; "" once it was taken away.
        written: what the operator's file said of it, as JSON; "" if it came while running.
        slots: who owns which; see `slots.py`.
        round: counts the tests of the model.
        changes: counts the changes of its shares within a round.
        since: when the round began, in seconds since 1970.
    """

    rule: str
    written: str
    slots: str
    round: int
    changes: int
    since: float


class Known(NamedTuple):
    """A tally, with what else is kept of its version."""

    model: str
    round: int
    labels: list[Any]
    tally: Tally


class Reward(NamedTuple):
    """One reward, for the tally with this tag."""

    id: str
    tag: str
    made: int
    value: float


class Ledger:
    """The tables, and all that is done with them; each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def kept_at(cls, path: Path, url: str = "") -> Ledger:
        """That of a database by URL, or of a file.

        Raises:
            UsageError: the URL is not one.
            RunError: the database does not answer.
        """
        for _ in range(_ATTEMPTS):
            try:
                return cls(open_tables(url or path, TABLES))
            except (RunError, sa.exc.DBAPIError):
                time.sleep(0.2)  # PostgreSQL refuses who makes a table at the same moment
        return cls(open_tables(url or path, TABLES))

    def key(self) -> bytes:
        """The 32 bytes that seal ids, made by whoever asks first."""

        def work(connection: sa.Connection) -> bytes:
            found = connection.execute(sa.select(keys.c.value)).scalar()
            if not found:
                found = secrets.token_hex(32)
                connection.execute(sa.insert(keys).values(name="seal", value=found))
            return bytes.fromhex(found)

        return self._write(work)

    def rules(self) -> dict[str, Kept]:
        """All rules, by model."""
        with self._database.reading() as connection:
            return {row.model: Kept(*row[1:]) for row in connection.execute(sa.select(rules))}

    def change(self, model: str, change: Callable[[Kept | None], Kept | None]) -> None:
        """Replace a model's rule by what `change` makes of it; None leaves it."""
        row = rules.c.model == model

        def work(connection: sa.Connection) -> None:
            found = connection.execute(sa.select(rules).where(row).with_for_update()).first()
            kept = change(Kept(*found[1:]) if found else None)
            if kept and found:
                connection.execute(sa.update(rules).where(row).values(**kept._asdict()))
            elif kept:
                connection.execute(sa.insert(rules).values(model=model, **kept._asdict()))

        self._write(work)

    def exchange(
        self, counted: Mapping[tuple[str, int, str], tuple[int, list[Any]]]
    ) -> dict[str, Known]:
        """Add requests that were counted, and read the sums of all processes, by tag.

        Args:
            counted: by model, round and version: the requests and the labels of the version.
        """

        def work(connection: sa.Connection) -> None:
            for (model, number, version), (requests, labels) in sorted(counted.items()):
                _count(connection, model, number, version, requests, labels)

        if counted:
            self._write(work)
        with self._database.reading() as connection:
            return _known(connection)

    def reward(
        self, rewards: Sequence[Reward], now: float, fades: Mapping[str, float]
    ) -> list[bool]:
        """Take rewards, each id's first only; whether each was the first.

        Args:
            rewards: of predictions whose tags are known.
            now: in seconds since 1970.
            fades: the half-life of each tag's rewards in seconds; 0: none.
        """
        return self._write(lambda connection: _reward(connection, rewards, now, fades))

    def forget(self, before: float) -> None:
        """Let go of the ids of predictions made before then; they are refused as too late."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(rewarded).where(rewarded.c.made < before))

    def compare(self, tag: str, against: str, sums: Mapping[str, float]) -> None:
        """Add what a shadow found."""
        row = compared.c.tag == tag, compared.c.against == against

        def work(connection: sa.Connection) -> None:
            query = sa.select(compared.c.sums).where(*row).with_for_update()
            text = connection.execute(query).scalar()
            found = msgspec.json.decode(text) if text else {}
            added = {name: found.get(name, 0) + value for name, value in sums.items()}
            whole = msgspec.json.encode({**found, **added}).decode()
            if text:
                connection.execute(sa.update(compared).where(*row).values(sums=whole))
            else:
                values = {"tag": tag, "against": against, "sums": whole}
                connection.execute(sa.insert(compared).values(**values))

        self._write(work)

    def comparisons(self) -> dict[tuple[str, str], dict[str, float]]:
        """What shadows found, by tag and the version they were compared with."""
        with self._database.reading() as connection:
            found = connection.execute(sa.select(compared))
            return {(row.tag, row.against): msgspec.json.decode(row.sums) for row in found}

    def _write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """One transaction, again where another process was first with the same new row."""
        for _ in range(_ATTEMPTS):
            try:
                with self._database.writing() as connection:
                    return work(connection)
            except sa.exc.IntegrityError:
                continue
        with self._database.writing() as connection:
            return work(connection)


def _count(
    connection: sa.Connection,
    model: str,
    number: int,
    version: str,
    requests: int,
    labels: list[Any],
) -> None:
    tag = tag_of(model, number, version).hex()
    done = connection.execute(
        sa.update(tallies)
        .where(tallies.c.tag == tag)
        .values(requests=tallies.c.requests + requests)
    )
    if not done.rowcount:
        sums = dict.fromkeys(("n", "total", "squares"), 0.0)
        connection.execute(
            sa.insert(tallies).values(
                tag=tag, model=model, round=number, version=version, requests=requests, at=0.0,
                labels=msgspec.json.encode(labels).decode(),
                **sums, **{f"faded_{name}": value for name, value in sums.items()},
            )
        )  # fmt: skip


def _known(connection: sa.Connection) -> dict[str, Known]:
    return {
        row.tag: Known(row.model, row.round, msgspec.json.decode(row.labels), _tally(row))
        for row in connection.execute(sa.select(tallies))
    }


def _tally(row: sa.Row[Any]) -> Tally:
    faded = Moments(row.faded_n, row.faded_total, row.faded_squares)
    rewards = Moments(row.n, row.total, row.squares)
    return Tally(row.version, row.requests, rewards, faded, row.at)


def _reward(
    connection: sa.Connection, rewards: Sequence[Reward], now: float, fades: Mapping[str, float]
) -> list[bool]:
    ids = [reward.id for reward in rewards]
    found = connection.execute(sa.select(rewarded.c.id).where(rewarded.c.id.in_(ids)))
    before = set(found.scalars())
    fresh: dict[str, Reward] = {}
    first = []
    for reward in rewards:
        first.append(reward.id not in before and reward.id not in fresh)
        if first[-1]:
            fresh[reward.id] = reward
    by_tag: dict[str, list[float]] = {}
    for reward in fresh.values():
        by_tag.setdefault(reward.tag, []).append(reward.value)
    for tag in sorted(by_tag):
        _add(connection, tag, by_tag[tag], now, fades.get(tag, 0.0))
    if fresh:
        rows = [{"id": r.id, "made": r.made, "reward": r.value} for r in fresh.values()]
        connection.execute(sa.insert(rewarded), rows)
    return first


def _add(
    connection: sa.Connection, tag: str, values: list[float], now: float, half_life: float
) -> None:
    query = sa.select(tallies).where(tallies.c.tag == tag).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        return
    tally = _tally(row)
    for value in values:
        tally.reward(value, now, half_life)
    sums = {"n": tally.rewards.n, "total": tally.rewards.total, "squares": tally.rewards.squares}
    faded = tally.faded
    connection.execute(
        sa.update(tallies).where(tallies.c.tag == tag).values(
            at=tally.at, faded_n=faded.n, faded_total=faded.total, faded_squares=faded.squares,
            **sums,
        )
    )  # fmt: skip
