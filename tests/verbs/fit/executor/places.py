"""Every executor that there is, ready to work: another one is tested by an entry in `PLACES`."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulle.table import Column, Kind, Storage, Target
from mulle.verbs.fit.cluster_address import read_address
from mulle.verbs.fit.executor import Executor
from mulle.verbs.fit.executor.clusters import ENGINES
from mulle.verbs.fit.executor.handover import write_training
from mulle.verbs.fit.executor.kernels import one_thread, same_kernels
from mulle.verbs.fit.executor.pool import Pool
from mulle.verbs.fit.executor.processes import Processes
from mulle.verbs.fit.plan import Features, Plan
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
    """A task that takes its time, and ends by nothing; it gives the process that does it.

    Attributes:
        note: a file into which that process is written at once.
    """

    taken: float
    note: str = ""
    plan: Plan = field(default_factory=lambda: PLAN)
    seconds: float = 0.1

    def run(self, training: Training) -> int:
        if self.note:
            Path(self.note).write_text(f"{os.getpid()}.", encoding="ascii")
        time.sleep(self.taken)
        return os.getpid()


@dataclass(frozen=True)
class Fail:
    """A task that fails."""

    plan: Plan = field(default_factory=lambda: PLAN)
    seconds: float = 0.1

    def run(self, training: Training) -> None:
        raise ZeroDivisionError("nothing to divide by")


def rows() -> Training:
    """A training table with a column of each kind."""
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


@contextmanager
def here() -> Iterator[str]:
    yield "here"


@contextmanager
def ray_cluster() -> Iterator[str]:
    """Ray starts one for each run; its workers find the tasks of these tests."""
    paths = [str(Path(__file__).parents[4]), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        yield "ray"


@contextmanager
def dask_cluster() -> Iterator[str]:
    """A scheduler and two workers of this machine."""
    from distributed import LocalCluster

    environment = one_thread() | same_kernels()
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        memory_limit=None,
        env=environment,
        silence_logs=50,
    ) as cluster:
        yield cluster.scheduler_address


class Place:
    """An executor.

    Attributes:
        address: a context of the cluster, which gives what `--on` is given.
        make: gives its workers, by that address and their number.
        workers: the numbers of workers with which a run is repeated.
    """

    def __init__(
        self,
        library: str,
        address: Callable[[], Any],
        make: Callable[[str, int], Pool],
        workers: tuple[int, ...],
    ) -> None:
        self.library, self.address, self.make, self.workers = library, address, make, workers

    @contextmanager
    def ready(self, folder: Path, workers: int) -> Iterator[Pool]:
        """Give the executor with the rows handed over."""
        with self.address() as address:
            pool = self.make(address, workers)
            try:
                write_training(rows(), folder, memory=None)
                pool.hand_over(folder)
                end = time.monotonic() + 60
                while not pool.ready and time.monotonic() < end:
                    time.sleep(0.05)
                yield pool
            finally:
                pool.close()


def connect(address: str, workers: int) -> Pool:
    found = read_address(address)
    assert found is not None
    return ENGINES[found.engine].connect(found, workers)


PLACES = {
    "processes": Place("joblib", here, lambda _, workers: Processes(workers), (2, 3)),
    "ray": Place("ray", ray_cluster, connect, (1, 2)),
    "dask": Place("distributed", dask_cluster, connect, (2,)),
}


def one(name: str, *values: Any) -> Any:
    """A test of a place, which is long, and left out where its library is not installed."""
    absent = importlib.util.find_spec(PLACES[name].library) is None
    marks = [pytest.mark.long, pytest.mark.skipif(absent, reason=f"{name} is not installed")]
    return pytest.param(name, *values, marks=marks, id="-".join(map(str, (name, *values))))


def begin_sleep(executor: Executor, seconds: float, folder: Path) -> tuple[Sleep, int]:
    """Submit a task that sleeps; return it, and the process that is at it."""
    task = Sleep(seconds, str(folder / f"{time.monotonic_ns()}"))
    executor.submit(task)
    end = time.monotonic() + 60
    while not (Path(task.note).exists() and Path(task.note).read_text().endswith(".")):
        assert executor.wait(0.05) == []
        assert time.monotonic() < end, "it did not begin"
    return task, int(Path(task.note).read_text().rstrip("."))


def ended(executor: Executor, task: Any, seconds: float = 60.0) -> Any:
    """What becomes of a task."""
    executor.submit(task)
    return next_done(executor, seconds)


def next_done(executor: Executor, seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done := executor.wait(1.0):
            return done[0]
    raise AssertionError(f"nothing within {seconds} s")


def wait_until_ended(process: int) -> None:
    import psutil

    end = time.monotonic() + 20
    while psutil.pid_exists(process) and time.monotonic() < end:
        if psutil.Process(process).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    assert not psutil.pid_exists(process)
