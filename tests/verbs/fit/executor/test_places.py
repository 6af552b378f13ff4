"""Whatever does the work keeps the same promises: tests of all executors, from one list."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.verbs.fit.executor.places import (
    PLACES,
    PLAN,
    Fail,
    Sleep,
    begin_sleep,
    ended,
    next_done,
    one,
    rows,
    wait_until_ended,
)

from mulle.verbs.fit.cluster_address import engines
from mulle.verbs.fit.executor import Executor, Inline
from mulle.verbs.fit.executor.clusters import ENGINES
from mulle.verbs.fit.executor.pool import Pool
from mulle.verbs.fit.tasks import TrainFold, do

POOLS = [one(name) for name in PLACES]


@pytest.fixture(scope="module", params=[pytest.param("inline"), *POOLS])
def executor(request: Any, tmp_path_factory: Any) -> Iterator[Executor]:
    if request.param == "inline":
        yield Inline(rows())
        return
    folder = tmp_path_factory.mktemp("places") / "training"
    with PLACES[request.param].ready(folder, 2) as pool:
        yield pool


@pytest.fixture
def pool(executor: Executor) -> Pool:
    if not isinstance(executor, Pool):
        pytest.skip("its tasks are done by this process")
    return executor


def test_every_engine_is_tested() -> None:
    assert set(ENGINES) == set(engines()) == PLACES.keys() - {"processes"}


def test_a_task_gives_what_it_gives_here(executor: Executor) -> None:
    for fold in (0, 1):
        task = TrainFold(PLAN, fold)
        ours, theirs = do(task, rows()), ended(executor, task)
        assert (theirs.status, theirs.task.fold) == ("done", fold)
        # To the bit only where NumPy's and SciPy's OpenBLAS have chosen the same kernels here.
        np.testing.assert_allclose(theirs.result.predictions, ours.result.predictions, atol=1e-6)


def test_a_task_that_fails_says_why(executor: Executor) -> None:
    done = ended(executor, Fail())
    assert (done.status, done.reason) == ("failed", "ZeroDivisionError: nothing to divide by")
    assert executor.running == []


def test_as_many_tasks_are_in_hand_as_there_are_workers(executor: Executor) -> None:
    tasks = [Sleep(0.5 + i / 10) for i in range(executor.workers)]
    for task in tasks:
        executor.submit(task)
    assert sorted(executor.running, key=lambda task: task.taken) == tasks
    assert all(seconds >= 0 for _, seconds in executor.running_for())
    assert {next_done(executor).task.taken for _ in tasks} == {task.taken for task in tasks}
    assert executor.running == []
    assert executor.wait(0.0) == []


def test_a_worker_that_dies_is_replaced_and_its_task_comes_back_lost(
    pool: Pool, tmp_path: Path
) -> None:
    task, worker = begin_sleep(pool, 60.0, tmp_path)
    os.kill(worker, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    done = next_done(pool)
    assert (done.task, done.status) == (task, "lost")
    assert pool.running == []
    assert ended(pool, Sleep(0.0)).result != worker


def test_a_task_that_hangs_is_killed_and_the_next_has_another_worker(
    pool: Pool, tmp_path: Path
) -> None:
    task, worker = begin_sleep(pool, 600.0, tmp_path)
    assert pool.wait(0.3) == []
    assert pool.running_for()[0][1] >= 0.3
    pool.kill(task)
    assert pool.running == []
    assert ended(pool, Sleep(0.0)).result != worker
    wait_until_ended(worker)
