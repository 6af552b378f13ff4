"""Share work on large arrays between threads: products (`products`), and long passes in tiles.

A function of several passes is called on one tile after the other, so that the second pass finds in
the cache what the first one wrote, and two threads take turns at the tiles. A function to which the
cut makes no difference gets large ones, one for each thread where they suffice: each call costs
time and Python's lock, more than a closer cache saves. Where sums meet at the cuts, tiles depend on
the shapes alone. So results are the same, to the last bit, for any number of threads.

To share is dear: a thread is woken, and at the end the other one, 20 to 50 microseconds each. A
single pass over 100,000 entries takes 15. So a few passes are shared only over many entries.

Arrays of other libraries (CuPy) and small ones are passed on whole.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any

import numpy as np

from mulle.nn import blas
from mulle.nn.arrays import Array

TILE = 1 << 16  # entries of one array where results depend on the cut
LARGE_TILE = 1 << 17  # the same where they do not, and
LEAST = 1 << 15  # as few as that if each thread then gets one
WORTH = 1 << 16  # entries below which a function of a dozen passes is called once, on all of them
WORTH_FEW = 1 << 19  # the same for a function of a few passes

Function = Callable[..., Any]


def _usual_threads() -> int:
    """Return what the environment gives numerical libraries; else the cores, up to 8."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(name, "").isdigit():
            return max(1, int(os.environ[name]))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, 8)


_threads = _usual_threads()


def threads() -> int:
    """Return how many threads work at once."""
    return _threads


@contextmanager
def limit(threads: int) -> Iterator[None]:
    """Use so many threads for a while."""
    global _threads
    before, _threads = _threads, max(1, threads)
    try:
        yield
    finally:
        _threads = before


def entries(function: Function, *arrays: Array, least: int = WORTH_FEW) -> None:
    """Call a function on tiles of arrays that have one shape, whose entries do not meet.

    Args:
        function: function of a tile of each array.
        arrays: arrays of one shape.
        least: entries below which it is called once, on all of them.
    """
    first = arrays[0]
    if first.size <= LEAST or not _same_order(arrays):
        function(*arrays)
        return
    order = sorted(range(first.ndim), key=lambda axis: -first.strides[axis])
    flat = [a.transpose(order).reshape(-1) for a in arrays]  # views
    step = _fit(LARGE_TILE, first.size) if first.size >= least else LARGE_TILE
    tiles = [[a[i : i + step] for a in flat] for i in range(0, first.size, step)]
    run(function, tiles, size=WORTH if first.size >= least else 0)


def map_entries(function: Function, *arrays: Any) -> Array:
    """Return what a function makes of the entries of arrays, tile by tile where they are alike.

    Args:
        function: a ufunc, or a function that returns an array of the type of its arguments.
        arrays: arguments of it.
    """
    first = arrays[0]
    alike = isinstance(first, np.ndarray) and first.size >= WORTH_FEW and first.dtype.kind == "f"
    if not alike or not _same_order(arrays) or {a.dtype for a in arrays} != {first.dtype}:
        return function(*arrays)
    y = np.empty_like(first)
    if isinstance(function, np.ufunc):
        entries(lambda *parts: function(*parts[:-1], out=parts[-1]), *arrays, y)
    else:
        entries(lambda *parts: np.copyto(parts[-1], function(*parts[:-1])), *arrays, y)
    return y


def rows(function: Function, *arrays: Array) -> None:
    """Call a function on tiles of arrays that have one length, whose rows do not meet."""
    first = arrays[0]
    size = math.prod(first.shape[1:])
    if first.size < WORTH_FEW or not isinstance(first, np.ndarray):
        function(*arrays)
        return
    step = max(1, _fit(LARGE_TILE, first.size) // size)
    run(function, [[a[i : i + step] for a in arrays] for i in range(0, len(first), step)])


def cuts(length: int, size: int, *, tile: int = TILE) -> list[tuple[slice]]:
    """Return the tiles of an axis as slices, for functions that slice arrays of several lengths.

    Args:
        length: length of the axis.
        size: entries per position of the largest array.
        tile: entries of a tile; `TILE`, or `LARGE_TILE` where the cut makes no difference.

    >>> cuts(4, 1 << 16), cuts(4, 10)
    ([(slice(0, 1, None),), (slice(1, 2, None),), (slice(2, 3, None),), (slice(3, 4, None),)], \
[(slice(0, 4, None),)])
    """
    fitting = _fit(tile, length * size) // max(size, 1)
    step = max(1, fitting if length * size >= WORTH else length)
    return [(slice(i, min(i + step, length)),) for i in range(0, max(length, 1), step)]


def _fit(tile: int, size: int) -> int:
    """Return the entries of a tile: of large ones, each thread shall get one."""
    return tile if tile <= TILE else min(tile, max(LEAST, -(-size // _threads)))


def run(function: Function, tiles: Sequence[Sequence[Any]], *, size: int = WORTH) -> None:
    """Call a function on each tile, in no order.

    Args:
        function: function of a tile, which writes what no other tile reads or writes.
        tiles: arguments of each call.
        size: entries of all tiles together; threads are not worth it for a few.
    """
    helpers = min(_threads, len(tiles)) - 1 if size >= WORTH else 0
    if helpers < 1:
        for tile in tiles:
            function(*tile)
        return
    job = _Job(function, tiles)
    context = copy_context()  # what NumPy does about overflow belongs to it
    with blas.one_thread():
        for _ in range(helpers):
            _pool(helpers).put((context.copy(), job))
        job.work()
        job.wait()


class _Job:
    """Hand out tiles to the threads that ask, and wait for those that came."""

    def __init__(self, function: Function, tiles: Sequence[Sequence[Any]]) -> None:
        self._function, self._tiles = function, iter(tiles)  # next() of it is one step
        self._lock, self._closed, self._helping = threading.Lock(), False, 0
        self._left: SimpleQueue[None] = SimpleQueue()
        self._error: BaseException | None = None

    def help(self) -> None:
        """Work in another thread, unless all is done already."""
        with self._lock:
            if self._closed:
                return
            self._helping += 1
        self.work()
        self._left.put(None)

    def work(self) -> None:
        """Take tiles until none is left, or one fails."""
        try:
            for tile in self._tiles:
                self._function(*tile)
        except BaseException as error:  # it is raised where the job was given
            self._error = error

    def wait(self) -> None:
        """Wait for the threads that are still at a tile."""
        with self._lock:
            self._closed = True
        for _ in range(self._helping):
            self._left.get()
        if self._error is not None:
            raise self._error


_jobs: SimpleQueue[tuple[Any, _Job]] = SimpleQueue()
_started: list[int] = []  # the process of each helper; a fork keeps the list and not the threads


def _pool(helpers: int) -> SimpleQueue[tuple[Any, _Job]]:
    """Return the queue of the helpers, of which there are at least so many."""
    global _jobs
    if _started and _started[0] != os.getpid():
        _started.clear()
        _jobs = SimpleQueue()
    while len(_started) < helpers:
        _started.append(os.getpid())
        threading.Thread(target=_help, args=(_jobs,), daemon=True, name="mulle-nn").start()
    return _jobs


def _help(jobs: SimpleQueue[tuple[Any, _Job]]) -> None:
    while True:
        context, job = jobs.get()
        context.run(job.help)
        del context, job  # it holds arrays


def _same_order(arrays: Sequence[Array]) -> bool:
    """Return whether the arrays lie in memory without gaps, all in the same order."""
    first = arrays[0]
    return all(
        isinstance(a, np.ndarray) and a.shape == first.shape and _orders(a) == _orders(first)
        for a in arrays
    ) and _is_packed(first)


def _orders(a: Array) -> tuple[int, ...]:
    return tuple(s // a.itemsize for s in a.strides)


def _is_packed(a: Array) -> bool:
    """Return whether some order of the axes walks through memory without gaps."""
    expected = a.itemsize
    for stride, length in sorted(zip(a.strides, a.shape, strict=True)):
        if length != 1 and stride != expected:
            return False
        expected *= length
    return True
