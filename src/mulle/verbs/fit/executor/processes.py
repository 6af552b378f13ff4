"""Tasks are done in processes of this machine, which loky starts, one for each worker.

Each worker is an executor of one process: what happens to one of them, death or being killed while
it works, does not touch the others.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

from mulle.verbs.fit.executor import worker
from mulle.verbs.fit.executor.kernels import one_thread, same_kernels
from mulle.verbs.fit.executor.pool import Pool, Worker, WorkerLost
from mulle.verbs.fit.tasks import Done, Task


class _Process(Worker):
    """A process of this machine; the rows lie in the folder of its pool."""

    def __init__(self, pool: Processes) -> None:
        from joblib.externals.loky import ProcessPoolExecutor

        super().__init__()
        self._all = pool
        self._pool: Any = ProcessPoolExecutor(
            max_workers=1,
            timeout=None,
            initializer=worker.begin,
            initargs=(os.getpid(),),
            env=one_thread() | same_kernels(),
        )
        self._start = self._pool.submit(worker.ready)  # now, not with its first task
        self.future: Any = None

    @property
    def started(self) -> bool:
        return bool(self._start.done())

    def submit(self, task: Task) -> None:
        self.future = self._pool.submit(worker.do_mapped, str(self._all.folder), task)

    def has_ended(self) -> bool:
        return bool(self.future.done())

    def result(self) -> Done:
        try:
            done: Done = self.future.result()
        except BrokenExecutor as error:
            raise WorkerLost(f"{type(error).__name__}: {error}") from error
        return done

    def end(self) -> None:
        with suppress(OSError):  # it may be gone already
            self._pool.shutdown(wait=False, kill_workers=True)


class Processes(Pool):
    """An executor of several processes.

    Attributes:
        folder: that holds the training rows.
    """

    def __init__(self, workers: int) -> None:
        self.folder = Path()
        super().__init__([_Process(self) for _ in range(workers)])

    def start_worker(self) -> Worker:
        """Start another process."""
        return _Process(self)

    def wait_for(self, works: list[Worker], seconds: float) -> None:
        """Wait until one of these has ended its task, or for some seconds."""
        futures = [each.future for each in works if isinstance(each, _Process)]
        wait(futures, timeout=seconds, return_when=FIRST_COMPLETED)

    def hand_over(self, folder: Path) -> None:
        """Let the processes read the rows of a folder."""
        self.folder = folder
