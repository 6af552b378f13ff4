"""What routing stores in SQL: policies, counts of each version, and rewards by prediction id.

Processes add what they counted and read the sums once a second; a reward is in the database before
it is answered. So a process that is killed loses the requests it counted in its last second, and
never a reward. The tables are apart from those of the registry, so that both may share a database.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from mulle.errors import RunError
from mulle.stats.sequential import Sums
from mulle.store.database import Database
from mulle.store.sets import Tables, open_tables
from mulle.verbs.serve.routing.arms import ArmStats, Reward, StoredArm
from mulle.verbs.serve.routing.ids import tag_of
from mulle.verbs.serve.routing.policy import StoredPolicy

MAX_ATTEMPTS = 8  # at a transaction that another process was faster with
Result = TypeVar("Result")

metadata = sa.MetaData()

keys = sa.Table(
    "routing_keys", metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.String(128), nullable=False),
)  # fmt: skip
policies = sa.Table(
    "routing_policies", metadata,
    sa.Column("model", sa.String(128), primary_key=True),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("file_policy", sa.Text, nullable=False),
    sa.Column("slots", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("changes", sa.Integer, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)  # fmt: skip
arms = sa.Table(
    "routing_arms", metadata,
    sa.Column("tag", sa.String(12), primary_key=True),
    sa.Column("model", sa.String(128), nullable=False, index=True),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("version", sa.String(128), nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("requests", sa.BigInteger, nullable=False),
    *(sa.Column(c, sa.Float, nullable=False) for c in ("n", "total", "squares")),
    *(sa.Column(f"faded_{c}", sa.Float, nullable=False) for c in ("n", "total", "squares")),
    sa.Column("at", sa.Float, nullable=False),
)  # fmt: skip
rewards = sa.Table(
    "routing_rewards", metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("predicted_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("reward", sa.Float, nullable=False),
)  # fmt: skip
comparisons = sa.Table(
    "routing_comparisons", metadata,
    sa.Column("tag", sa.String(12), primary_key=True),
    sa.Column("against", sa.String(128), primary_key=True),
    sa.Column("sums", sa.Text, nullable=False),
)  # fmt: skip
TABLES = Tables("routing", 1, metadata)


class RoutingStore:
    """The tables of routing and every operation on them; each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def connect(cls, path: Path, url: str = "") -> RoutingStore:
        """Open the store of a database by URL, or of a file.

        Raises:
            UsageError: the URL is not one.
            RunError: the database does not answer.
        """
        for _ in range(MAX_ATTEMPTS):
            try:
                return cls(open_tables(url or path, TABLES))
            except (RunError, sa.exc.DBAPIError):
                time.sleep(0.2)  # PostgreSQL refuses who makes a table at the same moment
        return cls(open_tables(url or path, TABLES))

    def key(self) -> bytes:
        """Return the 32 bytes that seal ids; the first process that asks makes them."""

        def work(connection: sa.Connection) -> bytes:
            found = connection.execute(sa.select(keys.c.value)).scalar()
            if not found:
                found = secrets.token_hex(32)
                connection.execute(sa.insert(keys).values(name="seal", value=found))
            return bytes.fromhex(found)

        return self._write(work)

    def policies(self) -> dict[str, StoredPolicy]:
        """Return all policies, by model."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(policies))
            return {row.model: StoredPolicy(*row[1:]) for row in rows}

    def change(
        self, model: str, change: Callable[[StoredPolicy | None], StoredPolicy | None]
    ) -> None:
        """Replace a model's policy by what `change` returns for it; None leaves it as it is."""
        row = policies.c.model == model

        def work(connection: sa.Connection) -> None:
            found = connection.execute(sa.select(policies).where(row).with_for_update()).first()
            stored = change(StoredPolicy(*found[1:]) if found else None)
            if stored and found:
                connection.execute(sa.update(policies).where(row).values(**stored._asdict()))
            elif stored:
                connection.execute(sa.insert(policies).values(model=model, **stored._asdict()))

        self._write(work)

    def exchange(
        self, counted: Mapping[tuple[str, int, str], tuple[int, list[Any]]]
    ) -> dict[str, StoredArm]:
        """Add requests that were counted, and return the sums of all processes, by tag.

        Args:
            counted: requests and labels of each version, by model, round and version.
        """

        def work(connection: sa.Connection) -> None:
            for (model, number, version), (requests, labels) in sorted(counted.items()):
                _add_requests(connection, model, number, version, requests, labels)

        if counted:
            self._write(work)
        with self._database.reading() as connection:
            return _read_arms(connection)

    def reward(
        self, given: Sequence[Reward], now: float, half_lives: Mapping[str, float]
    ) -> list[bool]:
        """Add rewards, only the first of each id; return for each whether it was the first.

        Args:
            given: rewards of predictions whose tags are known.
            now: seconds since 1970.
            half_lives: half-life of each tag's rewards in seconds; 0: they do not fade.
        """
        return self._write(lambda connection: _add_rewards(connection, given, now, half_lives))

    def forget(self, before: float) -> None:
        """Delete the ids of predictions made before then; they are refused as too late."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(rewards).where(rewards.c.predicted_at < before))

    def compare(self, tag: str, against: str, sums: Mapping[str, float]) -> None:
        """Add the sums that a shadow found."""
        row = comparisons.c.tag == tag, comparisons.c.against == against

        def work(connection: sa.Connection) -> None:
            query = sa.select(comparisons.c.sums).where(*row).with_for_update()
            text = connection.execute(query).scalar()
            found = msgspec.json.decode(text) if text else {}
            added = {name: found.get(name, 0) + value for name, value in sums.items()}
            whole = msgspec.json.encode({**found, **added}).decode()
            if text:
                connection.execute(sa.update(comparisons).where(*row).values(sums=whole))
            else:
                values = {"tag": tag, "against": against, "sums": whole}
                connection.execute(sa.insert(comparisons).values(**values))

        self._write(work)

    def comparisons(self) -> dict[tuple[str, str], dict[str, float]]:
        """Return the sums of shadows, by tag and by the version they were compared with."""
        with self._database.reading() as connection:
            found = connection.execute(sa.select(comparisons))
            return {(row.tag, row.against): msgspec.json.decode(row.sums) for row in found}

    def _write(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run one transaction, again where another process was first with the same new row."""
        for _ in range(MAX_ATTEMPTS):
            try:
                with self._database.writing() as connection:
                    return work(connection)
            except sa.exc.IntegrityError:
                continue
        with self._database.writing() as connection:
            return work(connection)


def _add_requests(
    connection: sa.Connection,
    model: str,
    number: int,
    version: str,
    requests: int,
    labels: list[Any],
) -> None:
    tag = tag_of(model, number, version).hex()
    done = connection.execute(
        sa.update(arms).where(arms.c.tag == tag).values(requests=arms.c.requests + requests)
    )
    if not done.rowcount:
        sums = dict.fromkeys(("n", "total", "squares"), 0.0)
        connection.execute(
            sa.insert(arms).values(
                tag=tag, model=model, round=number, version=version, requests=requests, at=0.0,
                labels=msgspec.json.encode(labels).decode(),
                **sums, **{f"faded_{name}": value for name, value in sums.items()},
            )
        )  # fmt: skip


def _read_arms(connection: sa.Connection) -> dict[str, StoredArm]:
    return {
        row.tag: StoredArm(row.model, row.round, msgspec.json.decode(row.labels), _stats_of(row))
        for row in connection.execute(sa.select(arms))
    }


def _stats_of(row: sa.Row[Any]) -> ArmStats:
    faded = Sums(row.faded_n, row.faded_total, row.faded_squares)
    whole = Sums(row.n, row.total, row.squares)
    return ArmStats(row.version, row.requests, whole, faded, row.at)


def _add_rewards(
    connection: sa.Connection,
    given: Sequence[Reward],
    now: float,
    half_lives: Mapping[str, float],
) -> list[bool]:
    ids = [reward.id for reward in given]
    found = connection.execute(sa.select(rewards.c.id).where(rewards.c.id.in_(ids)))
    before = set(found.scalars())
    fresh: dict[str, Reward] = {}
    first = []
    for reward in given:
        first.append(reward.id not in before and reward.id not in fresh)
        if first[-1]:
            fresh[reward.id] = reward
    by_tag: dict[str, list[float]] = {}
    for reward in fresh.values():
        by_tag.setdefault(reward.tag, []).append(reward.value)
    for tag in sorted(by_tag):
        _add_to_arm(connection, tag, by_tag[tag], now, half_lives.get(tag, 0.0))
    if fresh:
        rows = [
            {"id": r.id, "predicted_at": r.predicted_at, "reward": r.value} for r in fresh.values()
        ]
        connection.execute(sa.insert(rewards), rows)
    return first


def _add_to_arm(
    connection: sa.Connection, tag: str, values: list[float], now: float, half_life: float
) -> None:
    query = sa.select(arms).where(arms.c.tag == tag).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        return
    stats = _stats_of(row)
    for value in values:
        stats.add_reward(value, now, half_life)
    sums = {"n": stats.rewards.n, "total": stats.rewards.total, "squares": stats.rewards.squares}
    faded = stats.faded
    connection.execute(
        sa.update(arms).where(arms.c.tag == tag).values(
            at=stats.at, faded_n=faded.n, faded_total=faded.total, faded_squares=faded.squares,
            **sums,
        )
    )  # fmt: skip
