"""Logs of any size: large requests, disks that are given back, folders that stay short."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mulle.times import DAY, micros
from mulle.verbs.watch.log import (
    LogSettings,
    PredictionLog,
    Retention,
    attach_labels,
    prune_log,
    read_log,
)
from mulle.verbs.watch.log.compact import MAX_ROWS, groups_to_merge
from mulle.verbs.watch.log.entry import Record
from mulle.verbs.watch.log.parquet import ParquetSink
from mulle.verbs.watch.log.parts import Part, changing, list_parts, sweep, write_part
from mulle.verbs.watch.log.places import open_sink
from mulle.verbs.watch.log.sql import SqlSink

PLACES = ("log.db", "parts")
ROW = '{"n":%d,"text":"some text of a row that takes a little room"}'


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / request.param


def records(first: int, count: int, *, at: int = 0) -> list[Record]:
    return [
        Record(f"r{n}", f"r{n}", at + n, "m", "1", ROW % n, f'{{"value":{n}}}')
        for n in range(first, first + count)
    ]


def size(place: Path) -> int:
    files = place.rglob("*") if place.is_dir() else place.parent.glob(place.name + "*")
    return sum(file.stat().st_size for file in files if file.is_file())


def numbers(place: Path) -> list[int]:
    return read_log(place).rows["n"].to_list()


# --- a request of any size ----------------------------------------------------------------------


def test_a_request_larger_than_the_queue_is_logged_whole(place: Path) -> None:
    settings = LogSettings(queue_rows=20_000, batch_seconds=0.02)
    with PredictionLog(place, settings) as log:
        log.write([{"n": n} for n in range(25_000)], [{"label": "x"}] * 25_000, model="m")
        assert log.flush(60)
    assert (log.state.written, log.state.dropped, log.state.last_error) == (25_000, 0, "")
    assert numbers(place) == list(range(25_000))


def test_what_does_not_fit_is_counted_by_its_reason(place: Path) -> None:
    log = PredictionLog(place, LogSettings(queue_rows=10, batch_rows=100, batch_seconds=60))
    log.write({"n": [1] * 7}, model="m")
    log.write({"n": [1] * 7}, model="m")  # goes over the limit, and is taken
    log.write({"n": [1] * 3}, model="m")
    assert (log.state.waiting, log.state.reasons) == (14, {"queue-full": 3})
    assert "queue" in log.state.last_error
    log.write(3, model="m")
    log.close()
    log.write({"n": 1}, model="m")
    assert log.state.reasons == {"queue-full": 3, "unreadable": 1, "closed": 1}
    assert log.state.dropped == 5 and log.state.written == 14


def test_rows_of_much_text_fill_the_queue_by_their_bytes(place: Path) -> None:
    log = PredictionLog(place, LogSettings(queue_bytes=100_000, batch_rows=100, batch_seconds=60))
    for _ in range(20):
        log.write({"text": "x" * 10_000}, model="m")
    assert log.state.waiting == 10 and log.state.reasons == {"queue-full": 10}
    assert log.close().written == 10


# --- the disk is given back ---------------------------------------------------------------------


def test_pruning_gives_the_disk_back(place: Path) -> None:
    sink = open_sink(place)
    for first in range(0, 20_000, 1_000):
        sink.append(records(first, 1_000))
    before = size(place)
    assert prune_log(place, Retention(rows=1_000)) == 19_000
    assert numbers(place) == list(range(19_000, 20_000))
    assert size(place) < before / 5


def test_bytes_are_the_bytes_of_the_files(place: Path) -> None:
    chance, sink = random.Random(0), open_sink(place)
    for first in range(0, 10_000, 1_000):
        rows = [r._replace(row=f'{{"n":{chance.random()}}}') for r in records(first, 1_000)]
        sink.append(rows)
    limit = size(place) // 3
    prune_log(place, Retention(bytes=limit))
    assert limit / 2 < size(place) < limit * 1.2


def test_others_write_while_much_is_removed(tmp_path: Path) -> None:
    sink, other = SqlSink(tmp_path / "log.db"), SqlSink(tmp_path / "log.db")
    for first in range(0, 20_000, 1_000):
        sink.append(records(first, 1_000))
    removed, next_one = 0, 20_000
    for step in sink.prune(Retention(rows=2_000), micros()):
        removed += step
        other.append(records(next_one, 1))
        next_one += 1
    assert removed == 18_000 and numbers(tmp_path / "log.db") == list(range(18_000, next_one))


def without_shrinking(path: Path) -> None:
    """A log as earlier versions made it."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE first (x)")
        connection.execute("DROP TABLE first")
    assert connection.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    connection.close()


def test_an_older_file_says_that_it_stays_large_and_shrinks_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    without_shrinking(path)
    sink = open_sink(path)
    for first in range(0, 5_000, 1_000):
        sink.append(records(first, 1_000))
    before = size(path)
    retention = Retention(rows=100)
    with PredictionLog(path, LogSettings(retention=retention, batch_seconds=0.01)) as log:
        log.write({"n": 5_000}, model="m")
        end = time.monotonic() + 20
        while not log.state.last_error and time.monotonic() < end:
            time.sleep(0.02)
    assert "stays as large" in log.state.last_error and log.state.dropped == 0
    assert size(path) >= before
    prune_log(path, Retention(rows=50))
    assert size(path) < before / 5 and len(read_log(path)) == 50


def test_a_row_that_is_too_old_leaves_a_part_that_others_stay_in(tmp_path: Path) -> None:
    now = micros()
    sink = ParquetSink(tmp_path / "parts")
    sink.append(records(0, 10, at=now - 2 * DAY) + records(10, 10, at=now - 1_000_000))
    assert prune_log(tmp_path / "parts", Retention(days=1)) == 10
    assert numbers(tmp_path / "parts") == list(range(10, 20))
    assert len(list((tmp_path / "parts").glob("records-*"))) == 1, "the old rows are off the disk"


# --- parts are put together ---------------------------------------------------------------------


def test_a_day_becomes_one_part(tmp_path: Path) -> None:
    sink, yesterday = ParquetSink(tmp_path / "parts"), micros() - DAY
    for n in range(60):
        sink.append(records(n, 1, at=yesterday - yesterday % DAY))
        attach_labels(tmp_path / "parts", [f"r{n}"], [n])
    list(sink.compact(micros()))
    sink.release()
    assert len(list((tmp_path / "parts").glob("records-*"))) == 1
    assert len(list((tmp_path / "parts").glob("labels-*"))) < 20
    logged = read_log(tmp_path / "parts")
    assert logged.rows["n"].to_list() == list(range(60)) == logged.label.to_list()
    assert list(sink.compact(micros())) == [], "nothing is put together twice"


def test_a_folder_stays_short_while_it_is_written(tmp_path: Path) -> None:
    sink, now = ParquetSink(tmp_path / "parts"), micros()
    begin = now - now % DAY
    for n in range(600):
        sink.append(records(n, 1, at=begin))
        if n % 10 == 9:
            list(sink.compact(now))
    sink.release()
    assert len(list_parts(tmp_path / "parts")) < 50
    assert numbers(tmp_path / "parts") == list(range(600))


def test_a_hundred_million_rows_are_a_thousand_parts() -> None:
    """The names alone decide, so a long life can be played without its rows."""

    class Sized(Part):
        @property
        def bytes(self) -> int:
            return self.rows * 4

    parts: list[Part] = []
    for n in range(10_000):  # ten million rows of a day, a thousand at a time
        parts.append(Sized(n, n, "", 1_000, Path(str(n))))
        if n % 16 == 15:
            for group in list(groups_to_merge(parts, now=0)):
                parts = sorted({*parts} - {*group})
                rows = sum(part.rows for part in group)
                parts.append(Sized(group[0].first, group[-1].last, "", rows, Path(f"{n}m")))
                assert rows <= MAX_ROWS
    assert sum(part.rows for part in parts) == 10_000_000 and len(parts) < 220


def test_a_reader_that_has_begun_finds_all_rows(tmp_path: Path) -> None:
    sink = ParquetSink(tmp_path / "parts")
    for n in range(40):
        sink.append(records(n * 10, 10))
    from mulle.verbs.watch.log import scan_log

    batches = scan_log(tmp_path / "parts", batch_rows=10)
    found = next(batches).rows["n"].to_list()
    list(sink.compact(micros()))
    found += [n for batch in batches for n in batch.rows["n"]]
    assert sorted(found) == list(range(400))


def test_a_kill_between_the_steps_loses_and_doubles_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    sink = ParquetSink(folder)
    for n in range(3):
        sink.append(records(n * 10, 10))
    parts = list_parts(folder)
    announced = folder / "replaces-mdead.json"  # and the part itself never came
    announced.write_bytes(json.dumps([p.path.name for p in parts]).encode())
    assert numbers(folder) == list(range(30))
    whole = read_log(folder)
    assert len(whole) == 30
    import polars as pl

    frame = pl.concat([pl.read_parquet(p.path) for p in parts])
    write_part(folder, frame, parts)
    assert numbers(folder) == list(range(30)), "both are there, and count once"
    sweep(folder, grace=0)
    assert numbers(folder) == list(range(30)) and len(list(folder.glob("records-*"))) == 1
    assert prune_log(folder, Retention(rows=5)) == 25 and len(read_log(folder)) == 5


def test_two_processes_do_not_put_the_same_parts_together(tmp_path: Path) -> None:
    sink = ParquetSink(tmp_path / "parts")
    for n in range(20):
        sink.append(records(n, 1))
    with changing(tmp_path / "parts") as first:
        assert first and list(sink.compact(micros())) == []
    assert list(sink.compact(micros())) and numbers(tmp_path / "parts") == list(range(20))


# --- two processes, kills -----------------------------------------------------------------------

WRITES = """
import sys, time
from mulle.verbs.watch.log import LogSettings, PredictionLog, Retention
settings = LogSettings(batch_seconds=0.01, batch_rows=20, compact_seconds=0.05, prune_seconds=0.1,
                       retention=Retention(rows=100_000))
log = PredictionLog(sys.argv[1], settings)
for n in range(int(sys.argv[3])):
    log.write({"who": sys.argv[2], "n": n}, {"value": n}, model="m", request_id=f"{sys.argv[2]}{n}")
    if n == 50:
        print(log.flush(), flush=True)
    time.sleep(0.0005)
state = log.close(60)
assert not state.dropped, state
"""


def test_two_processes_write_and_tidy_one_log(place: Path) -> None:
    run = [sys.executable, "-c", WRITES, str(place)]
    both = [
        subprocess.Popen([*run, who, "800"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for who in "ab"
    ]
    assert [p.communicate(timeout=120)[1] for p in both] == [b"", b""]
    rows = read_log(place).rows
    for who in "ab":
        assert sorted(rows.filter(who=who)["n"].to_list()) == list(range(800))


@pytest.mark.long
def test_kills_while_parts_are_put_together_lose_nothing(tmp_path: Path) -> None:
    place, chance = tmp_path / "parts", random.Random(5)
    for turn in range(8):
        run = [sys.executable, "-c", WRITES, str(place), f"k{turn}", "100000"]
        with subprocess.Popen(run, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdout.readline()
            time.sleep(0.5 + chance.random())
            process.kill()
        rows = read_log(place).rows
        for before in range(turn + 1):
            found = rows.filter(who=f"k{before}")["n"].to_list()
            assert sorted(found) == list(range(len(found))), "none is lost, and none is there twice"


def test_a_log_that_cannot_be_written_pauses(tmp_path: Path) -> None:
    """A read-only folder is no hindrance to root, so the folder is a file here."""
    (tmp_path / "file").write_bytes(b"")
    settings = LogSettings(retry_seconds=(0.01, 0.02), batch_seconds=0.01)
    log = PredictionLog(tmp_path / "file" / "log.db", settings, check=False)
    log.write({"n": 1}, model="m")
    end = time.monotonic() + 10
    while not log.state.paused and time.monotonic() < end:
        time.sleep(0.01)
    assert log.state.paused and log.state.last_error
    assert log.close(0.05).reasons == {"closed": 1}
