"""The rows that workers read, when workers are started, and that none outlives its run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest
from tests.verbs.fit.executor.places import rows

from mulle.verbs.fit.executor import Workers
from mulle.verbs.fit.executor.handover import load_rows, map_rows, read_training, write_training
from mulle.verbs.fit.settings import Settings


@pytest.fixture
def training():
    return rows()


@pytest.mark.parametrize("of", [map_rows, load_rows])
def test_rows_are_read_as_they_were_written(training, tmp_path, of):
    write_training(training, tmp_path / "t", memory=123)
    read = read_training(of(tmp_path / "t"))
    assert list(read.columns) == list(training.columns)
    for name, column in training.columns.items():
        assert read.columns[name].dtype == column.dtype
        np.testing.assert_array_equal(read.columns[name], column)
    np.testing.assert_array_equal(read.y, training.y)
    np.testing.assert_array_equal(read.weight, training.weight)
    for ours, theirs in zip(read.folds, training.folds, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    assert (read.target, read.seed, read.memory.limit) == (training.target, 3, 123)


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="children are looked up in /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_its_run(tmp_path, how):
    rng = np.random.default_rng(0)
    numbers = {f"n{i}": rng.normal(size=3_000) for i in range(8)}
    pl.DataFrame(numbers | {"y": rng.integers(0, 2, 3_000)}).write_csv(tmp_path / "t.csv")
    command = [sys.executable, "-m", "mulle", "fit", "t.csv", "-t", "y", "--time", "60"]
    run = subprocess.Popen(
        [*command, "--jobs", "2"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    for line in run.stderr:
        if " linear " in line:
            break
    workers = children_of(run.pid)
    assert len(workers) >= 2
    os.kill(run.pid, how)
    run.stderr.close()
    run.wait(120)
    deadline = time.monotonic() + 30
    while not all(map(has_ended, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert all(map(has_ended, workers))


def children_of(parent: int) -> list[int]:
    with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def has_ended(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        ({"time": 60.0, "n_jobs": 1}, False),
        ({"time": 60.0, "n_jobs": 2}, True),
        ({"time": 5.0, "n_jobs": 2}, True),
        ({"trials": 3, "n_jobs": 0}, False),
        ({"time": 3.0, "n_jobs": 0}, False),
        ({"time": 60.0, "n_jobs": 0}, True),
    ],
)
def test_workers_start_where_they_pay(monkeypatch, options, starts):
    from mulle.verbs.fit.executor import place

    started = []
    monkeypatch.setattr(place, "Processes", started.append)
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    Workers(Settings(target="y", **options)).start()
    assert started == ([2] if starts else [])


def test_where_memory_is_short_there_are_no_workers(monkeypatch, training, tmp_path):
    from mulle.verbs.fit.executor import place
    from mulle.verbs.fit.memory import Memory

    class Counted:
        local = True

        def __init__(self):
            self.slots = [None, None]

        @property
        def workers(self):
            return len(self.slots)

        def keep(self, count):
            del self.slots[count:]

        def hand_over(self, folder):
            pass

        def close(self):
            pass

    training.memory = Memory(10**9)
    for bytes_each, workers in ((10**6, 2), (10**9, 1)):
        monkeypatch.setattr("mulle.verbs.fit.memory.resident_bytes", lambda: 2 * 10**8)
        found = Workers(Settings(target="y", n_jobs=2), Counted())
        executor = found.place(training, tmp_path / f"{workers}", bytes_each)
        assert executor.workers == workers
        assert isinstance(executor, place.Inline) == (workers == 1)
