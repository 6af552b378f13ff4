"""The threads in which long work on requests is done, few at once, so that the loop is not kept.

A thread that reads or writes JSON holds the interpreter's lock, and the loop waits for each such
thread in turn. So one thread at a time works on a large body, and one beside it on smaller ones;
models, which give the lock up, have several.

Work cannot be ended from outside. Where its request is given up, it is not begun if it still waits,
and a model looks between two pieces whether the time is over. What runs on all the same is counted
(`/metrics`); where it holds half of the threads of the models, new work for them is refused.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from mulle.verbs.serve.http.errors import RETRY, HTTPError

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """Threads for one kind of work.

    Args:
        name: of the threads.
        count: how many there are.
        most_left: from how many on, that work for a request that is given up, new work is refused.

    Attributes:
        left: how many do that now.
    """

    def __init__(self, name: str, count: int, most_left: float = math.inf) -> None:
        self._name, self._count, self._most_left = name, count, most_left
        self._pool: ThreadPoolExecutor | None = None
        self._counting = threading.Lock()
        self.left = 0

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Return what some work returns that waits for nothing.

        Raises:
            HTTPError: too many threads work for nobody (503).
        """
        if self.left >= self._most_left:
            raise HTTPError(503, "server-busy", RETRY)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._count, self._name)
        future = self._pool.submit(work, *args, **named)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.cancel():
                self._note(1)
                future.add_done_callback(lambda done: self._note(-1))
            raise

    def _note(self, change: int) -> None:
        with self._counting:
            self.left += change


# One set for each process, like the loop.
SMALL_BODIES = Threads("body", 1)
LARGE_BODIES = Threads("large-body", 1)
QUERIES = Threads("query", 2)  # they wait for models, so they have threads of their own
_COUNT = (os.cpu_count() or 1) + 4
MODELS = Threads("model", _COUNT, most_left=_COUNT // 2)
_ALL = (SMALL_BODIES, LARGE_BODIES, QUERIES, MODELS)


def count_left() -> int:
    """Return how many threads of this process work for a request that is given up."""
    return sum(threads.left for threads in _ALL)
