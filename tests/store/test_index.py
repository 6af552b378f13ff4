"""The index follows the folders, whatever happens to either."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from mulle.errors import RunError, UnknownName, UsageError
from mulle.store import Difference, RunIndex, RunRecord, Score, database, tables, write_record

IDS = ["20261101-000000-iris-aaaa", "20261102-000000-iris-bbbb", "20261103-000000-wine-cccc"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with three runs, one a day."""
    for day, name in enumerate(IDS, start=1):
        created = f"2026-11-0{day}T00:00:00Z"
        put(tmp_path, RunRecord(name, created, "done", target="y", seed=day, metric="r2"))
    return tmp_path


def put(folder: Path, run: RunRecord) -> None:
    write_record(folder / "runs" / run.id, run)


def ids(index: RunIndex) -> list[str]:
    return [run.id for run in index.runs(limit=None)]


def test_runs_come_newest_first(folder: Path) -> None:
    index = RunIndex(folder)
    assert ids(index) == IDS[::-1]
    assert [run.id for run in index.runs(limit=2)] == IDS[:0:-1]


def test_an_empty_project_has_no_runs(tmp_path: Path) -> None:
    index = RunIndex(tmp_path / ".mulle")
    assert index.runs() == []
    with pytest.raises(UsageError, match="there are no runs yet"):
        index.run("x")


def test_the_index_follows_new_changed_and_removed_folders(folder: Path) -> None:
    index = RunIndex(folder)
    assert index.refresh() == 3
    assert index.refresh() == 0
    put(folder, RunRecord("20261104-new", "2026-11-04T00:00:00Z"))
    put(folder, msgspec.structs.replace(index.run(IDS[0]), score=Score(0.5, 0.25)))
    shutil.rmtree(folder / "runs" / IDS[1])
    assert index.refresh() == 2  # run() above had seen the new one
    assert ids(index) == ["20261104-new", IDS[2], IDS[0]]
    assert index.run(IDS[0]).score == Score(0.5, 0.25)


def test_rebuilding_gives_the_same_index(folder: Path) -> None:
    index = RunIndex(folder)
    before = index.runs(limit=None)
    assert index.rebuild() == 3
    assert index.runs(limit=None) == before


def test_a_prefix_is_enough_if_it_is_unique(folder: Path) -> None:
    index = RunIndex(folder)
    assert index.run("20261103").id == IDS[2]
    with pytest.raises(UsageError) as refusal:
        index.run("202611")
    assert refusal.value.code == "run-ambiguous"
    assert refusal.value.what == "3 runs begin with '202611'."
    assert all(name in refusal.value.fix for name in IDS)


@pytest.mark.parametrize("name", ["20261103-000000-wine-cccd", "", "%"])
def test_an_unknown_run_offers_near_misses(folder: Path, name: str) -> None:
    with pytest.raises(UnknownName) as refusal:
        RunIndex(folder).run(name)
    assert IDS[2] in refusal.value.fix


def test_compare_lists_only_what_differs(folder: Path) -> None:
    index = RunIndex(folder)
    put(folder, msgspec.structs.replace(index.run(IDS[1]), score=Score(0.9), details={"k": 2}))
    assert index.compare(IDS[:2]) == [
        Difference("seed", (1, 2)),
        Difference("score.validation", (None, 0.9)),
        Difference("details.k", (None, 2)),
    ]
    assert index.compare(IDS[:1]) == []


def test_a_damaged_run_is_left_out_with_a_notice_until_it_is_mended(folder: Path) -> None:
    index = RunIndex(folder)
    whole = index.run(IDS[2])
    (folder / "runs" / IDS[2] / "run.json").write_bytes(b'{"id": "cut')
    assert ids(index) == [IDS[1], IDS[0]]
    assert [(n.code, n.where) for n in index.notices] == [("run-left-out", IDS[2])]
    assert index.notices[0].what.startswith(
        f"The run {IDS[2]} is left out, because its run.json cannot be read: "
    )
    put(folder, whole)
    assert ids(index) == IDS[::-1]
    assert index.notices == []


@pytest.mark.parametrize("damage", ["garbage", "cut", "pages", "last", "foreign"])
def test_a_damaged_database_is_made_again(folder: Path, damage: str) -> None:
    bundle = folder / "b.mulle"
    bundle.write_bytes(b"bundle")
    index = RunIndex(folder)
    index.register("iris", bundle, IDS[0], {"r2": 0.5})
    assert ids(index) == IDS[::-1]
    path = folder / "mulle.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    whole = path.read_bytes()
    if damage == "foreign":  # a whole database, whose tables are not ours
        path.unlink()
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE runs (id TEXT)")
        connection.close()
    else:
        broken = {
            "garbage": b"not a database" * 400,
            "cut": whole[: len(whole) // 2],
            "pages": whole[:4096] + b"\xa5" * (len(whole) - 4096),
            "last": whole[:-4096] + bytes(4096),  # SQLite reports this one without an exception
        }
        path.write_bytes(broken[damage])
    again = RunIndex(folder)
    assert ids(again) == IDS[::-1]
    assert [v.run_id for v in again.versions("iris")] == [IDS[0]]
    assert [n.code for n in again.notices] == ["store-rebuilt"]
    assert again.notices[0].what == (
        "mulle.db was damaged. It is kept as mulle.db.damaged, "
        "and a new one was made from the runs."
    )
    assert again.notices[0].render("ko").startswith("mulle.db 파일이 손상되어")
    assert (folder / "mulle.db.damaged").exists()


def test_a_removed_database_is_made_again_while_the_index_is_open(folder: Path) -> None:
    index = RunIndex(folder)
    assert len(index.runs()) == 3
    for path in folder.glob("mulle.db*"):
        path.unlink()
    assert ids(index) == IDS[::-1]


def test_a_database_that_cannot_be_written_is_kept_in_memory(folder: Path) -> None:
    (folder / "mulle.db").mkdir()  # refused for every user, unlike a read-only file
    index = RunIndex(folder)
    assert ids(index) == IDS[::-1]
    assert [n.code for n in index.notices] == ["store-in-memory"]


def test_a_newer_database_is_refused(folder: Path) -> None:
    RunIndex(folder)
    with sqlite3.connect(folder / "mulle.db") as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    connection.close()
    with pytest.raises(UsageError) as refusal:
        RunIndex(folder)
    assert refusal.value.code == "store-newer"


def test_an_older_database_is_migrated_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RunIndex(folder)
    steps: list[int] = []
    monkeypatch.setattr(tables, "SCHEMA", 3)
    monkeypatch.setitem(tables.MIGRATIONS, 2, lambda _: steps.append(2))
    monkeypatch.setitem(tables.MIGRATIONS, 3, lambda _: steps.append(3))
    RunIndex(folder)
    RunIndex(folder)
    assert steps == [2, 3]


def test_a_shared_database_tells_projects_apart(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    other = tmp_path / "other"
    put(other, RunRecord("20261109-other", "2026-11-09T00:00:00Z"))
    assert len(RunIndex(url, folder=folder).runs()) == 3
    both = RunIndex(url, folder=other)
    assert ids(both) == ["20261109-other", *IDS[::-1]]
    shutil.rmtree(other)
    assert ids(both) == IDS[::-1]


@pytest.mark.parametrize(
    ("url", "code"),
    [("nonsense://x", "store-url"), ("://", "store-url")],
)
def test_an_address_that_is_none_is_refused(url: str, code: str) -> None:
    with pytest.raises(UsageError) as refusal:
        RunIndex(url)
    assert refusal.value.code == code


def test_a_database_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError) as refusal:
        RunIndex(f"sqlite:///{tmp_path / 'absent' / 'x.db'}")
    assert refusal.value.code == "store-unreachable"


def test_a_writer_that_waits_too_long_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "WAIT_S", 0)
    index = RunIndex(folder)
    holder = sqlite3.connect(folder / "mulle.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    for attempt in (index.refresh, lambda: RunIndex(folder)):
        with pytest.raises(RunError) as refusal:
            attempt()
        assert refusal.value.code == "store-busy"
    holder.close()
    assert ids(index) == IDS[::-1]
    assert index.notices == []


def test_a_change_that_fails_says_so(folder: Path) -> None:
    index = RunIndex(folder)
    listen = sa.event.listens_for(index._database.engine, "connect")
    listen(lambda connection, _: connection.execute("PRAGMA query_only = 1"))
    with pytest.raises(RunError) as refusal:
        index.refresh()
    assert refusal.value.code == "store-failed"
    assert ids(RunIndex(folder)) == IDS[::-1]


WRITER = """
import sys
from pathlib import Path
from mulle.store import RunIndex, RunRecord, write_record
folder, who = Path(sys.argv[1]), sys.argv[2]
index = RunIndex(folder)
for turn in range(5):
    run = RunRecord(f"{who}-{turn}", f"2026-12-0{turn + 1}")
    write_record(folder / "runs" / run.id, run)
    index.refresh()
    index.register("shared", folder / "b.mulle", run.id, {"r2": turn})
"""


def test_many_programs_write_at_once(tmp_path: Path) -> None:
    (tmp_path / "b.mulle").write_bytes(b"bundle")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), who],
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONUTF8": "1"},
        )
        for who in ("ann", "bo", "cho")
    ]
    said = [writer.communicate(timeout=120)[1].decode() for writer in writers]
    assert [w.returncode for w in writers] == [0, 0, 0], said
    index = RunIndex(tmp_path)
    assert len(index.runs(limit=None)) == 15
    found = index.versions("shared")
    assert [v.version for v in found] == list(range(1, 16))
    assert len({v.run_id for v in found}) == 15
    assert index.notices == []


def test_a_killed_program_leaves_a_whole_registry(tmp_path: Path) -> None:
    (tmp_path / "b.mulle").write_bytes(b"bundle")
    endless = WRITER.replace("range(5)", "range(10**6)").replace("2026-12-0{turn + 1}", "2026")
    for who in ("ann", "bo"):
        writer = subprocess.Popen([sys.executable, "-c", endless, str(tmp_path), who])
        while not (tmp_path / "models.json").exists():
            time.sleep(0.01)
        time.sleep(0.6)
        writer.kill()
        writer.wait()
    index = RunIndex(tmp_path)
    found = index.versions("shared")
    assert [v.version for v in found] == list(range(1, len(found) + 1))
    assert all(index.bundle_of(v).read_bytes() == b"bundle" for v in found)
    assert {v.run_id for v in found} <= set(ids(index))
    assert index.notices == []
