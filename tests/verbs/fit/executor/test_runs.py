"""Whole runs: whatever does the work they give the same, and leave nothing behind them."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.verbs.fit.conftest import mixed_table
from tests.verbs.fit.executor.places import PLACES, begin_sleep, one, wait_until_ended

from mulle.verbs.fit import Plan, fit, portfolio
from mulle.verbs.fit.executor import place
from mulle.verbs.fit.executor.pool import Pool
from mulle.verbs.fit.tasks import Done, Task
from mulle.verbs.fit.validation import Training

psutil = pytest.importorskip("psutil")


@pytest.mark.parametrize("name", [one(name) for name in PLACES])
def test_nothing_works_on_after_close(name: str, tmp_path: Path) -> None:
    this = psutil.Process()
    before = {child.pid for child in this.children(recursive=True)}
    with PLACES[name].ready(tmp_path / "training", 2) as pool:
        _, worker = begin_sleep(pool, 600.0, tmp_path)
        pool.close()
        wait_until_ended(worker)
    end = time.monotonic() + 20
    left = this.children(recursive=True)
    while time.monotonic() < end and (left := [c for c in left if _works(c, before)]):
        time.sleep(0.1)
    assert left == []


def _works(process: Any, before: set[int]) -> bool:
    """Return whether it was started since, and is more than the warden of Python's semaphores."""
    try:
        tracker = "resource_tracker" in " ".join(process.cmdline())
        return process.pid not in before and process.is_running() and not tracker
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True)
class Slow:
    """A task that sleeps before it is done."""

    task: Task
    sleep: float

    @property
    def plan(self) -> Plan:
        return self.task.plan

    @property
    def seconds(self) -> float:
        return self.task.seconds

    def run(self, training: Training) -> Any:
        time.sleep(self.sleep)
        return self.task.run(training)


class Slowed:
    """An executor whose tasks take some random time more."""

    ready = True

    def __init__(self, pool: Pool, seed: int) -> None:
        self.pool, self.workers, self.done = pool, pool.workers, 0
        self._random = random.Random(seed)
        while not pool.ready:
            time.sleep(0.05)

    @property
    def running(self) -> list[Task]:
        return [task.task for task in self.pool.running]

    def running_for(self) -> list[tuple[Task, float]]:
        return []

    def submit(self, task: Task) -> None:
        self.pool.submit(Slow(task, self._random.random() * 0.05))

    def wait(self, seconds: float) -> list[Done]:
        found = self.pool.wait(seconds)
        self.done += len(found)
        return [done._replace(task=done.task.task) for done in found]

    def kill(self, task: Task) -> None:
        raise AssertionError("counted tasks are never late")


def plans(*_: Any) -> Iterator[Plan]:
    maker = _[2]
    yield portfolio.baseline(maker)
    for number in range(4):
        few = {"n_estimators": 5, "num_leaves": 3 + number}
        yield Plan(f"boost_{number}", "lightgbm", maker.without_texts(), few)
        yield Plan(f"linear_{number}", "linear", maker.linear(), {"C": 0.1 + number})


RUNS = [one(name, workers) for name, found in PLACES.items() for workers in found.workers]


@pytest.mark.parametrize(("name", "workers"), RUNS)
def test_counted_trials_give_the_same_graph_everywhere(
    name: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["mulle.verbs.fit.fit"], "portfolio", plans)
    how = {"drop": ["band", "price"], "trials": 9, "seed": 2}
    alone = fit(mixed_table(200), "dear", n_jobs=1, **how)
    usual, made = place.Workers.place, []

    def slowed(self: place.Workers, training: Training, folder: Path, bytes_each: float) -> Any:
        made.append(Slowed(usual(self, training, folder, bytes_each), 1))  # type: ignore[arg-type]
        return made[0]

    monkeypatch.setattr(place.Workers, "place", slowed)
    with PLACES[name].address() as address:
        found = fit(mixed_table(200), "dear", n_jobs=workers, on=address, **how)
    assert [row.name for row in found.packaged.rows] == [row.name for row in alone.packaged.rows]
    assert found.model.graph == alone.model.graph
    assert (made[0].workers, made[0].done > 20) == (workers, True)
