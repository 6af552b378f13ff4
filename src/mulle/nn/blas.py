"""Keep products on one thread each, while the threads are at work on tiles already.

OpenBLAS would split the product of every tile between all cores, one product after the other, and
its threads wait for each other at full speed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_inside = 0  # number of contexts open now
_before: list[int] = []  # threads of each library before the first of them


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute products on one thread for a while; the outermost context restores what was."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _inside, _before
    with _lock:
        _inside += change
        if change == 1 and _inside == 1:
            _before = [library.get_num_threads() for library in _libraries()]
            _set([1] * len(_before))
        elif change == -1 and _inside == 0:
            _set(_before)


def _set(threads: list[int]) -> None:
    for library, count in zip(_libraries(), threads, strict=True):
        library.set_num_threads(count)


@cache
def _libraries() -> list[Any]:
    """Return the libraries of products that are loaded; NumPy's is loaded before this is called."""
    from threadpoolctl import ThreadpoolController

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)
