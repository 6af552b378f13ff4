"""Adaptive micro-batching: requests that arrive together are answered by one run of the graph.

A lone row never waits for company: the graph runs as soon as the loop has read what has already
arrived, which for one connection is at once. A run takes as many rows as hold the loop for two
milliseconds at most; a model of which a single row takes longer runs in a thread, and what arrives
meanwhile is the next batch. So batches grow with the load, and no window or size has to be guessed.
(A thread for every run was slower: it waits for the interpreter's lock up to 5 ms each time.)
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


class Batcher(Generic[Row, Result]):
    """Collects rows and answers them together.

    Args:
        answer: function of rows that returns as many results, in their order.
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
        self._cost = 0.0  # seconds of a row, as a moving average
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
        size = min(MAX_ROWS, max(1, int(MAX_SECONDS / self._cost))) if self._cost else MAX_ROWS
        batch, self._waiting = self._waiting[:size], self._waiting[size:]
        batch = [pair for pair in batch if not pair[1].done()]  # others wait no longer
        self.observe(len(batch))
        if self._cost <= MAX_SECONDS:
            self._deliver(batch, self._timed([row for row, _ in batch]))
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(
                1, "graph"
            )  # ends when the batcher is garbage-collected
        try:
            work = self._thread.submit(self._timed, [row for row, _ in batch])
        except RuntimeError as error:  # no thread can be started
            self._deliver(batch, error)
            return
        asyncio.wrap_future(work).add_done_callback(
            lambda done: self._deliver(batch, done.result())
        )

    def _timed(self, rows: list[Row]) -> Sequence[Result] | Exception:
        begun = time.perf_counter()
        try:
            return self._answer(rows) if rows else []
        except Exception as error:  # each caller gets it
            return error
        finally:
            took = time.perf_counter() - begun
            self._cost += _WEIGHT * (took / max(1, len(rows)) - self._cost)

    def _deliver(
        self,
        batch: list[tuple[Row, asyncio.Future[Result]]],
        results: Sequence[Result] | Exception,
    ) -> None:
        """Answer the callers, and run what has come in meanwhile."""
        failed = results if isinstance(results, Exception) else None
        for position, (_, future) in enumerate(batch):
            if future.done():
                continue
            if failed:
                future.set_exception(failed)
            else:
                future.set_result(results[position])  # type: ignore[index]
        self._planned = bool(self._waiting)
        if self._planned:
            asyncio.get_running_loop().call_soon(self._run)
