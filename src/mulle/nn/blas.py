"""Keep products on one thread each, while the engine's own threads share them (see `products`)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from mulle.nn.outermost import Outermost

_before: list[int] = []  # threads of each library, while they have one


class Library(NamedTuple):
    """A library of products: how its threads are counted and set."""

    get_num_threads: Callable[[], int]
    set_num_threads: Callable[[int], object]


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
def _libraries() -> list[Library]:
    """Return the libraries of products that are loaded; NumPy's is loaded before this is called."""
    from threadpoolctl import ThreadpoolController

    return [_library(c) for c in ThreadpoolController().select(user_api="blas").lib_controllers]


def _library(controller: Any) -> Library:
    """Return the functions of OpenBLAS itself, a tenth of the time, or those of the controller.

    The controller also refuses, without a word, all threads but the first that calls it.
    """
    for before, after in product(("", "scipy_"), ("", "64_", "_64")):
        names = [f"{before}openblas_{verb}_num_threads{after}" for verb in ("get", "set")]
        if all(hasattr(controller.dynlib, name) for name in names):
            return Library(*[getattr(controller.dynlib, name) for name in names])
    return Library(controller.get_num_threads, controller.set_num_threads)


_ONE_THREAD = Outermost(begin=_begin, end=lambda: _set(_before))
