"""Tasks are done in processes of this machine, which loky starts, one for each worker.

Each worker is an executor of one process: what happens to one of them, death or being killed while
it works, does not touch the others.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mulle.verbs.fit.executor import worker
from mulle.verbs.fit.tasks import Done, Task

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")


@dataclass
class _Work:
    """A task in a worker."""

    task: Task
    future: Future[Done]
    begun: float


class _Worker:
    """A process that does one task at a time."""

    def __init__(self) -> None:
        from joblib.externals.loky import ProcessPoolExecutor

        self._pool: Any = ProcessPoolExecutor(
            max_workers=1,
            timeout=None,
            initializer=worker.begin,
            initargs=(os.getpid(),),
            env=dict.fromkeys(_ONE_THREAD, "1") | _same_kernels(),
        )
        self.start = self._pool.submit(worker.ready)  # it starts now, not with its first task
        self.work: _Work | None = None

    def submit(self, folder: Path, task: Task) -> None:
        """Hand it a task."""
        future = self._pool.submit(worker.do_task, str(folder), task)
        self.work = _Work(task, future, time.perf_counter())

    def end(self) -> None:
        """End the process, whatever it does."""
        self.work = None
        with suppress(OSError):  # it may be gone already
            self._pool.shutdown(wait=False, kill_workers=True)


def _same_kernels() -> dict[str, str]:
    """Return what makes a worker multiply matrices with the kernels of this process.

    OpenBLAS chooses them when it is loaded, and not always the same ones on the same machine; with
    others the last bits of a product differ.
    """
    from threadpoolctl import threadpool_info

    found = [each for each in threadpool_info() if each["internal_api"] == "openblas"]
    found.sort(key=lambda each: "numpy" not in each["filepath"])
    return {"OPENBLAS_CORETYPE": found[0]["architecture"]} if found else {}


class Processes:
    """An executor of several processes.

    They start when it is made; tasks can be submitted once the training rows are written.

    Attributes:
        folder: that holds the training rows.
    """

    def __init__(self, workers: int) -> None:
        self.folder = Path()
        self._workers = [_Worker() for _ in range(workers)]

    @property
    def workers(self) -> int:
        """How many tasks are done at a time."""
        return len(self._workers)

    @property
    def ready(self) -> bool:
        """Whether any worker has started; all of them begin to when this is made."""
        return any(each.start.done() for each in self._workers)

    @property
    def running(self) -> list[Task]:
        """The tasks in hand."""
        return [each.work.task for each in self._workers if each.work]

    def running_for(self) -> list[tuple[Task, float]]:
        """Return the tasks in hand, and for how many seconds each has been."""
        now = time.perf_counter()
        return [(each.work.task, now - each.work.begun) for each in self._workers if each.work]

    def submit(self, task: Task) -> None:
        """Hand a task to a worker that is free."""
        free = [each for each in self._workers if each.work is None]
        free[0].submit(self.folder, task)

    def wait(self, seconds: float) -> list[Done]:
        """Return tasks that have ended; a worker that died is replaced."""
        futures = [each.work.future for each in self._workers if each.work]
        if futures:
            wait(futures, timeout=max(0.0, seconds), return_when=FIRST_COMPLETED)
        works = [(i, each.work) for i, each in enumerate(self._workers) if each.work]
        return [self._take(i, work) for i, work in works if work.future.done()]

    def _take(self, number: int, work: _Work) -> Done:
        """Return what became of the task of a worker."""
        self._workers[number].work = None
        error = work.future.exception()
        if error is None:
            return work.future.result()
        seconds = time.perf_counter() - work.begun
        reason = f"{type(error).__name__}: {error}"[:300]
        if not isinstance(error, BrokenExecutor):  # not the task's, but the worker lives
            return Done(work.task, None, "failed", reason, seconds)
        self._replace(number)
        return Done(work.task, None, "lost", reason, seconds)

    def kill(self, task: Task) -> None:
        """End a task with its worker; another worker takes its place."""
        for number, each in enumerate(self._workers):
            if each.work and each.work.task is task:
                self._replace(number)

    def _replace(self, number: int) -> None:
        self._workers[number].end()
        self._workers[number] = _Worker()

    def keep(self, count: int) -> None:
        """End workers beyond so many, before there is work."""
        for each in self._workers[count:]:
            each.end()
        del self._workers[count:]

    def close(self) -> None:
        """End all workers."""
        for each in self._workers:
            each.end()
