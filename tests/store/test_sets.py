"""Tables of an older version are brought to this one, once; the store's tables stay as they are."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from mulle.errors import UsageError
from mulle.store import RunIndex
from mulle.store.sets import Tables, open_tables
from mulle.verbs.watch.alert import Alerts, parse_rules
from mulle.verbs.watch.log import PredictionLog, read_log


def tables(version: int, done: list[int]) -> Tables:
    metadata = sa.MetaData()
    sa.Table("notes", metadata, sa.Column("id", sa.Integer, primary_key=True))

    def step(n: int):
        def run(connection: sa.Connection) -> None:
            connection.exec_driver_sql(f"ALTER TABLE notes ADD COLUMN c{n} TEXT")
            done.append(n)

        return run

    return Tables("notes", version, metadata, {n: step(n) for n in range(2, version + 1)})


def test_each_migration_runs_once_and_in_order(tmp_path: Path) -> None:
    done: list[int] = []
    for version, expected in ((1, []), (1, []), (3, [2, 3]), (3, [2, 3]), (4, [2, 3, 4])):
        open_tables(tmp_path / "a.db", tables(version, done))
        assert done == expected
    with pytest.raises(UsageError, match="A newer mulle wrote the notes: it has version 4"):
        open_tables(tmp_path / "a.db", tables(3, done))
    open_tables(tmp_path / "new.db", tables(4, done))
    assert done == [2, 3, 4], "new tables are made as they are now"


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    done: list[int] = []
    open_tables(tmp_path / "a.db", tables(1, done))

    def fail(connection: sa.Connection) -> None:
        raise ZeroDivisionError

    broken = tables(2, done)
    with pytest.raises(ZeroDivisionError):
        open_tables(tmp_path / "a.db", Tables("notes", 2, broken.metadata, {2: fail}))
    open_tables(tmp_path / "a.db", tables(2, done))
    assert done == [2]


def test_index_log_and_alerts_may_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "mulle.db"
    rules = parse_rules('[[rule]]\nname = "d"\non = "dataset"')
    with PredictionLog(path) as log:
        log.write({"a": 1}, model="m")
    Alerts(rules, path, model="m").check({"alarm": True})
    assert RunIndex(tmp_path).runs() == []
    assert len(read_log(path)) == 1 and len(Alerts(rules, path, model="m").open_alerts()) == 1
    with sqlite3.connect(path) as connection:
        assert dict(connection.execute("SELECT key, value FROM meta"))["schema"]
