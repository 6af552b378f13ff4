"""Keep products on one thread each, while the threads are at work on tiles already.

OpenBLAS would split the product of every tile between all cores, one product after the other, and
its threads wait for each other at full speed.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from mulle.nn.outermost import Outermost

_before: list[int] = []  # threads of each library, while they have one


def one_thread() -> AbstractContextManager[None]:
    """Compute products on one thread for a while; the outermost context restores what was."""
    return _ONE_THREAD


def _begin() -> None:
    _before[:] = [library.get_num_threads() for library in _libraries()]
    _set([1] * len(_before))


def _set(threads: list[int]) -> None:
    for library, count in zip(_libraries(), threads, strict=True):
        library.set_num_threads(count)


@cache
def _libraries() -> list[Any]:
    """Return the libraries of products that are loaded; NumPy's is loaded before this is called."""
    from threadpoolctl import ThreadpoolController

    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


_ONE_THREAD = Outermost(begin=_begin, end=lambda: _set(_before))
