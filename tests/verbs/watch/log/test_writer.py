"""The writing end: quick, bounded, never raising; what goes wrong is counted, and mends itself."""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mulle.errors import RunError, UsageError
from mulle.store import database as store
from mulle.verbs.watch.log import LogSettings, PredictionLog, Redaction, read_log

QUICK = LogSettings(batch_seconds=0.02, retry_seconds=(0.02, 0.1))
PLACES = ("log.db", "parts")


def wait_for(condition, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / request.param


def test_rows_in_every_form_come_back_as_they_were(place: Path) -> None:
    with PredictionLog(place, QUICK) as log:
        log.write({"a": 1, "b": "나이"}, {"label": "x"}, model="m", request_id="one")
        log.write([{"a": 2, "b": None}, {"a": 3}], [{"label": "y"}, {"label": "z"}], model="m",
                  request_id="list")  # fmt: skip
        log.write(
            {"a": np.array([4, 5]), "b": ["p", "q"]},
            {"label": np.array(["u", "v"]), "probabilities": np.array([[0.1, 0.9], [0.5, 0.5]])},
            model="m",
            request_id="columns",
        )
        frame = pl.DataFrame({"a": [6], "b": ["r"], "day": [datetime(2026, 1, 2)]})
        log.write(frame, model="m", request_id="frame")
    logged = read_log(place)
    assert logged.rows["a"].to_list() == [1, 2, 3, 4, 5, 6]
    assert logged.rows["b"].to_list() == ["나이", None, None, "p", "q", "r"]
    assert logged.rows["day"][-1] == "2026-01-02T00:00:00"
    assert logged.answers["label"].to_list() == ["x", "y", "z", "u", "v", None]
    assert logged.answers["probabilities"].to_list()[3:5] == [[0.1, 0.9], [0.5, 0.5]]
    assert logged.about["id"].to_list() == [
        "one", "list/0", "list/1", "columns/0", "columns/1", "frame",
    ]  # fmt: skip


def test_numbers_json_has_no_word_for_are_missing(place: Path) -> None:
    with PredictionLog(place, QUICK) as log:
        log.write({"a": np.array([np.nan, np.inf, 1.5])}, model="m")
    assert read_log(place).rows["a"].to_list() == [None, None, 1.5]


def test_time_model_and_request_are_kept(place: Path) -> None:
    at = datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
    with PredictionLog(place, QUICK) as log:
        made_up = {log.write({"a": 1}, model="m", version="7", at=at) for _ in range(3)}
    about = read_log(place).about
    assert set(about["request"]) == made_up and len(made_up) == 3
    assert about["at"].to_list() == [at] * 3
    assert set(about["model"]) == {"m"} and set(about["version"]) == {"7"}


def test_the_same_prediction_written_twice_is_kept_once(tmp_path: Path) -> None:
    with PredictionLog(tmp_path / "log.db", QUICK) as log:
        for version in ("1", "1", "2"):
            log.write({"a": 1}, model="m", version=version, request_id="r")
            log.flush()
    assert len(read_log(tmp_path / "log.db")) == 2


def test_sampling_is_stable_and_about_the_share(place: Path) -> None:
    ids = [f"request-{n}" for n in range(2000)]
    settings = LogSettings(share=0.3, batch_seconds=0.02)
    kept = []
    for single in (True, False):
        where = place.with_name(f"{single}-{place.name}")
        with PredictionLog(where, settings) as log:
            if single:
                for id in ids:
                    log.write({"a": 1}, model="m", request_id=id)
            else:
                log.write({"a": [1] * 2000}, model="m", ids=ids)
        kept.append(set(read_log(where).about["id"]))
        assert log.state.sampled_out == 2000 - len(kept[-1]) and not log.state.dropped
    assert kept[0] == kept[1]
    assert abs(len(kept[0]) / 2000 - 0.3) < 4 * (0.3 * 0.7 / 2000) ** 0.5


def test_what_is_redacted_never_touches_the_disk(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SALT", "a long secret")
    redaction = Redaction(drop=("name",), hash=("phone", "nobody"), salt_env="MY_SALT")
    with PredictionLog(place, LogSettings(redaction=redaction, batch_seconds=0.01)) as log:
        for phone in ("010-1234-5678", "010-1234-5678", "010-0000-0000", None):
            log.write({"name": "HongGildong", "phone": phone, "age": 31}, model="m")
        log.flush()
        written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
        assert b"HongGildong" not in written and b"010-1234" not in written
        assert b"a long secret" not in written
    rows = read_log(place).rows
    assert set(rows.columns) == {"phone", "age"}
    first, second, third, fourth = rows["phone"]
    assert first == second != third and fourth is None and len(first) == 24


def test_hashing_without_a_salt_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MULLE_LOG_SALT", raising=False)
    settings = LogSettings(redaction=Redaction(hash=("phone",)))
    with pytest.raises(UsageError, match="MULLE_LOG_SALT is empty"):
        PredictionLog(tmp_path / "log.db", settings)


def test_another_salt_gives_another_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    redaction = Redaction(hash=("a",))
    hashes = []
    for salt in ("one", "two"):
        monkeypatch.setenv("MULLE_LOG_SALT", salt)
        hashes.append(redaction.apply({"a": "x"}, redaction.salt())["a"])
    assert hashes[0] != hashes[1]


def test_a_full_queue_drops_and_counts(place: Path) -> None:
    settings = LogSettings(queue_rows=10, batch_rows=100, batch_seconds=60)
    log = PredictionLog(place, settings)
    for _ in range(25):
        log.write({"a": 1}, model="m")
    log.write({"a": [1] * 11}, model="m")  # more than it ever holds
    assert (log.state.waiting, log.state.dropped) == (10, 26)
    assert log.close().written == 10
    log.write({"a": 1}, model="m")
    assert log.state.dropped == 27, "closed: dropped and counted, nothing raised"
    assert len(read_log(place)) == 10


class Unreadable:
    def __len__(self) -> int:
        return 1

    def __iter__(self):
        raise RecursionError("a row that cannot be read")


@pytest.mark.parametrize("rows", [Unreadable(), [3], 3, None, {"a": [1, 2], "b": [1]}])
def test_what_is_no_row_is_dropped_alone(place: Path, rows: object) -> None:
    with PredictionLog(place, QUICK) as log:
        log.write({"a": 1}, model="m", request_id="before")
        log.write(rows, model="m")
        log.write({"a": 2}, model="m", request_id="after")
    state = log.state
    assert state.dropped >= 1 and state.last_error
    assert read_log(place).about["id"].to_list() == ["before", "after"]


def test_fewer_answers_than_rows_are_counted(place: Path) -> None:
    with PredictionLog(place, QUICK) as log:
        log.write({"a": [1, 2, 3]}, {"label": ["x"]}, model="m")
    assert (log.state.written, log.state.dropped) == (1, 2)


def test_a_locked_database_pauses_logging_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "WAIT_S", 0)
    path = tmp_path / "log.db"
    log = PredictionLog(path, QUICK)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    begin = time.perf_counter()
    for n in range(50):
        log.write({"a": n}, model="m")
    assert time.perf_counter() - begin < 5, "nobody waits for the lock"
    wait_for(lambda: log.state.paused)
    assert "writing" in log.state.last_error and not log.state.written
    other.execute("ROLLBACK")
    other.close()
    assert log.flush(10)
    assert not log.state.paused and log.close().written == 50
    assert read_log(path).rows["a"].to_list() == list(range(50))


def test_a_lock_that_stays_drops_what_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "WAIT_S", 0)
    path = tmp_path / "log.db"
    log = PredictionLog(path, LogSettings(queue_rows=20, batch_rows=5, retry_seconds=(9, 9)))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for n in range(50):
        log.write({"a": n}, model="m")
    assert log.state.dropped == 30
    begin = time.perf_counter()
    assert log.close(timeout=0.2).dropped == 50
    assert time.perf_counter() - begin < 5
    other.close()
    assert len(read_log(path)) == 0


def test_a_deleted_file_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with PredictionLog(path, QUICK) as log:
        log.write({"a": 1}, model="m")
        assert log.flush()
        for file in tmp_path.glob("log.db*"):
            file.unlink()
        log.write({"a": 2}, model="m")
        assert log.flush()
    assert read_log(path).rows["a"].to_list() == [2] and not log.state.dropped


def test_a_deleted_folder_is_made_again(tmp_path: Path) -> None:
    with PredictionLog(tmp_path / "parts", QUICK) as log:
        log.write({"a": 1}, model="m")
        assert log.flush()
        while (tmp_path / "parts").exists():  # the writer may put a file there meanwhile
            with suppress(OSError):
                shutil.rmtree(tmp_path / "parts")
        log.write({"a": 2}, model="m")
        assert log.flush()
    assert read_log(tmp_path / "parts").rows["a"].to_list() == [2]


@pytest.mark.parametrize("when", ["before", "while"])
def test_a_damaged_file_is_put_aside(tmp_path: Path, when: str) -> None:
    path = tmp_path / "log.db"
    rubbish = b"no database at all" * 1000
    if when == "before":
        path.write_bytes(rubbish)
    with PredictionLog(path, QUICK) as log:
        if when == "while":
            path.write_bytes(rubbish)
        log.write({"a": 1}, model="m")
        assert log.flush(10), log.state
    assert read_log(path).rows["a"].to_list() == [1]
    assert [p.read_bytes() for p in tmp_path.glob("log.db.damaged-*")] == [rubbish]


def test_tables_of_a_newer_mulle_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    PredictionLog(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'log-schema'")
    with pytest.raises(UsageError, match=r"it has version 99, .* up to 1\."):
        PredictionLog(path)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "log.json").write_text('{"format":2}', encoding="utf-8")
    with pytest.raises(UsageError, match="newer mulle"):
        PredictionLog(tmp_path / "parts")


@pytest.mark.parametrize(
    ("name", "what"),
    [("log.csv", "cannot be kept"), ("what?.db", "may not contain '[?]'"), ("nonsense://x", "not")],
)
def test_a_wrong_place_is_told_at_once(tmp_path: Path, name: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        PredictionLog(name if "://" in name else tmp_path / name)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_bytes(b"mine")
    with pytest.raises(UsageError, match="holds other files and no log"):
        PredictionLog(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_place_that_cannot_be_written_is_told_at_once_or_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("file/log.db", "file/parts"):
        with pytest.raises((RunError, OSError)):
            PredictionLog(tmp_path / name)
        log = PredictionLog(tmp_path / name, QUICK, check=False)
        log.write({"a": 1}, model="m")
        wait_for(lambda log=log: log.state.paused)
        assert log.close(timeout=0.05).dropped == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": 1.5},
        {"share": -0.1},
        {"queue_rows": 0},
        {"batch_seconds": 0},
        {"compact_seconds": 0},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(wrong))}.* must be .*was given"):
        LogSettings(**wrong)


AT_EXIT = """
import sys
from mulle.verbs.watch.log import PredictionLog
log = PredictionLog(sys.argv[1])
for n in range(100):
    log.write({"a": n}, model="m")
"""


def test_a_program_that_ends_writes_what_waits(place: Path) -> None:
    subprocess.run([sys.executable, "-c", AT_EXIT, str(place)], check=True, timeout=60)
    assert len(read_log(place)) == 100
