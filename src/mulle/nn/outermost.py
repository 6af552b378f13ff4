"""Contexts that change something of the whole process, whatever threads open them, how often."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Outermost:
    """A context that may be open many times at once: the first begins, the last to close ends.

    Args:
        begin: called when it is opened while it is open nowhere.
        end: called when it is open nowhere any more.
    """

    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._begin, self._end = begin, end
        self._lock = threading.Lock()
        self._open = 0

    def __enter__(self) -> None:
        with self._lock:
            self._open += 1
            if self._open == 1:
                self._begin()

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._open -= 1
            if self._open == 0:
                self._end()
