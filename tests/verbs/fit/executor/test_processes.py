"""Workers that are killed while they work, and a parent that is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from mulle.table import Column, Kind, Storage, Target
from mulle.verbs.fit.executor import Workers
from mulle.verbs.fit.executor.handover import read_training, write_training
from mulle.verbs.fit.executor.processes import Processes
from mulle.verbs.fit.plan import Features, Plan
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.tasks import TrainFold, do
from mulle.verbs.fit.validation import Training

PLAN = Plan(
    "p",
    "linear",
    [
        Features(["n"], [{"step": "Impute"}, {"step": "StandardScale"}]),
        Features(["도시"], [{"step": "OneHot"}]),
        Features(["when"], [{"step": "DateParts"}, {"step": "Impute"}, {"step": "StandardScale"}]),
    ],
)


@dataclass(frozen=True)
class Sleep:
    """A task that takes its time, and ends by nothing."""

    taken: float
    plan: Plan = PLAN
    seconds: float = 0.1

    def run(self, training: Training) -> int:
        time.sleep(self.taken)
        return os.getpid()


@pytest.fixture
def training():
    rng = np.random.default_rng(0)
    n = 60
    towns = np.array(["서울", "부산", "\ue000"], object)[rng.integers(0, 3, n)]
    days = rng.integers(1.6e15, 1.7e15, n)
    numbers = rng.normal(size=n)
    numbers[3] = np.nan
    columns = {"n": numbers[:, None], "도시": towns[:, None], "when": days[:, None]}
    target = Target(Column("y", Kind.discrete, Storage.number), "binary", (0, 1))
    at = np.arange(n)
    folds = [(at[20:], at[:20]), (at[:40], at[40:])]
    y = (towns == "서울").astype(int)
    return Training(target, columns, y, rng.random(n) + 0.5, folds, n_jobs=1, seed=3)


@pytest.fixture
def processes(training, tmp_path):
    write_training(training, tmp_path / "training", memory=None)
    found = Processes(1)
    found.folder = tmp_path / "training"
    yield found
    found.close()


def ended(processes, task, seconds=120.0):
    processes.submit(task)
    [done] = processes.wait(seconds)
    return done


def test_rows_are_read_as_they_were_written(training, tmp_path):
    write_training(training, tmp_path / "t", memory=123)
    read = read_training(tmp_path / "t")
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
def test_a_task_gives_the_same_in_a_worker(training, processes):
    for fold in (0, 1):
        here, there = do(TrainFold(PLAN, fold), training), ended(processes, TrainFold(PLAN, fold))
        assert there.status == "done"
        # To the bit only where NumPy's and SciPy's OpenBLAS have chosen the same kernels here.
        np.testing.assert_allclose(there.result.predictions, here.result.predictions, atol=1e-6)


@pytest.mark.long
def test_a_worker_that_dies_is_replaced_and_its_task_comes_back_lost(processes):
    worker = ended(processes, Sleep(0.0)).result
    processes.submit(Sleep(60.0))
    time.sleep(0.2)
    os.kill(worker, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    [done] = processes.wait(60.0)
    assert done.status == "lost"
    assert processes.running == []
    another = ended(processes, Sleep(0.0)).result
    assert another != worker


@pytest.mark.long
def test_a_task_that_hangs_is_killed_and_the_next_has_another_worker(processes):
    worker = ended(processes, Sleep(0.0)).result
    task = Sleep(600.0)
    processes.submit(task)
    assert processes.wait(0.2) == []
    assert processes.running_for()[0][1] >= 0.2
    processes.kill(task)
    assert processes.running == []
    assert ended(processes, Sleep(0.0)).result != worker
    assert has_ended(worker)


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
        workers, folder, ended = 2, None, False

        def keep(self, count):
            self.workers = min(count, 2)

        def close(self):
            self.ended = True

    training.memory = Memory(10**9)
    for bytes_each, workers in ((10**6, 2), (10**9, 1)):
        monkeypatch.setattr("mulle.verbs.fit.memory.resident_bytes", lambda: 2 * 10**8)
        found = Workers(Settings(target="y", n_jobs=2), Counted())
        executor = found.place(training, tmp_path / f"{workers}", bytes_each)
        assert executor.workers == workers
        assert isinstance(executor, place.Inline) == (workers == 1)
