"""Adaptive micro-batching: requests that arrive together are answered by one run of the graph.

A lone row never waits for company: the graph runs as soon as the loop has read what has already
arrived, which for one connection is at once. A run takes as many rows as hold the loop for two
milliseconds at most. Where that is a row or two, or a few while more of them wait, the graph runs
in a thread instead, with all rows that wait, and what arrives meanwhile is the next batch. So
batches grow with the load, and no window or size has to be guessed. (A thread for every run was
slower: it waits for the interpreter's lock up to 5 ms each time.)

A run that fails is tried again by halves, so that one row never fails those that came with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Row = TypeVar("Row")
Result = TypeVar("Result")

MAX_SECONDS = 0.002  # for which one run may hold the event loop
MAX_ROWS = 256  # of one run
_WEIGHT = 0.1  # of the newest run in the moving average
_FEWEST = 2  # rows of a run in the loop; with one, a model would never learn to batch
_FEW = 8  # rows of a run that are too few where more wait


class RunPlanner:
    """Decides where the next run goes, and of how many rows, by what the last runs cost.

    Cost is time on the processor: a run that has to wait for a core is not a costly one. That clock
    is dear to read, so a quick run is timed by the wall, and only after a slow one it is read.

    Attributes:
        in_thread: whether the next run goes to the thread.
        reads_cpu: whether the next run is to be timed on the processor.
    """

    def __init__(self) -> None:
        self.in_thread, self.reads_cpu = False, True
        self._cost = 0.0  # seconds of a row in the loop, as a moving average

    @property
    def rows(self) -> int:
        """Most rows of the next run."""
        if self.in_thread or not self._cost:
            return MAX_ROWS
        return min(MAX_ROWS, max(_FEWEST, int(MAX_SECONDS / self._cost)))

    def record(self, rows: int, seconds: float, waiting: int) -> None:
        """Take note of what a run has cost, and of the rows that had to wait for the next."""
        is_sure, self.reads_cpu = self.reads_cpu, seconds > MAX_SECONDS / _FEWEST
        if self.reads_cpu and not is_sure:
            return
        cost = seconds / rows
        if self.in_thread:
            self.in_thread = seconds > MAX_SECONDS / _FEWEST
            self._cost = cost
        else:
            self._cost += (_WEIGHT if self._cost else 1.0) * (cost - self._cost)
            is_slow = self._cost > MAX_SECONDS / _FEWEST
            self.in_thread = is_slow or (waiting > 0 and self.rows < _FEW)


class Batcher(Generic[Row, Result]):
    """Collects rows and answers them together.

    Args:
        answer: function of rows that returns as many results, in their order; what it raises for
            some rows, it raises for the one at fault alone.
        observe: called with the number of rows of each batch.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Row]], Sequence[Result]],
        observe: Callable[[int], None] = lambda rows: None,
    ) -> None:
        self._answer, self.observe = answer, observe
        self._waiting: list[tuple[Row, asyncio.Future[Result]]] = []
        self._planned = False
        self._planner = RunPlanner()
        self._thread: ThreadPoolExecutor | None = None

    def submit(self, row: Row) -> asyncio.Future[Result]:
        """Return a future of the answer; awaiting it raises what the run raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((row, future))
        if not self._planned:
            self._planned = True
            loop.call_soon(self._run)
        return future

    def __len__(self) -> int:
        """Return the number of rows that wait."""
        return len(self._waiting)

    def _run(self) -> None:
        size = self._planner.rows
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        batch = [pair for pair in batch if not pair[1].done()]  # others wait no longer
        rows = [row for row, _ in batch]
        self.observe(len(batch))
        if not self._planner.in_thread:
            self._deliver(batch, self._timed(rows))
            return
        if self._thread is None:
            # It ends when the batcher is garbage-collected.
            self._thread = ThreadPoolExecutor(1, "graph")
        try:
            work = self._thread.submit(self._timed, rows)
        except RuntimeError as error:  # no thread can be started
            self._deliver(batch, [error] * len(batch))
            return
        asyncio.wrap_future(work).add_done_callback(
            lambda done: self._deliver(batch, done.result())
        )

    def _timed(self, rows: list[Row]) -> Sequence[Result | Exception]:
        if not rows:
            return []
        reads_cpu = self._planner.reads_cpu
        wall, cpu = time.perf_counter(), time.thread_time() if reads_cpu else 0.0
        try:
            results = self._answer(rows)
        except Exception as error:
            return self._halved(rows, error)
        seconds = time.perf_counter() - wall
        if reads_cpu:  # a clock that is coarse on some systems
            seconds = min(seconds, time.thread_time() - cpu)
        self._planner.record(len(rows), seconds, len(self._waiting))
        return results

    def _halved(self, rows: list[Row], error: Exception) -> Sequence[Result | Exception]:
        """Answer the halves of some rows that failed together, until those at fault are alone."""
        if len(rows) == 1:
            return [error]
        answers: list[Result | Exception] = []
        for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
            try:
                answers += self._answer(half)
            except Exception as fault:
                answers += self._halved(half, fault)
        return answers

    def _deliver(
        self,
        batch: list[tuple[Row, asyncio.Future[Result]]],
        results: Sequence[Result | Exception],
    ) -> None:
        """Answer the callers, and run what has come in meanwhile."""
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
        self._planned = bool(self._waiting)
        if self._planned:
            asyncio.get_running_loop().call_soon(self._run)
