"""The wall-clock promise that every stage draws on.

A stage asks `budget.left()` before it begins and hands `budget.stop` to what it trains; what later
stages will need (refitting, export, proof, report) is set aside with `reserve`, so that searching
stops early enough. Without a promise (`seconds=None`) nothing ever stops on time.

On the command line a person waits from the moment the process starts: `process_seconds` is what
of the promise is gone when `fit` is called, the interpreter and the imports included.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_IMPORTED = time.perf_counter()

Stop = Callable[[], bool]  # asked again and again; when true, work ends with what it has


def never() -> bool:
    """The stop of work that has all the time it wants."""
    return False


class TimeUp(Exception):
    """Work was stopped before it had anything to give."""


def check(stop: Stop) -> None:
    """End work that has nothing to give yet, where it should stop.

    Raises:
        TimeUp: it should.
    """
    if stop():
        raise TimeUp


def stop_after(seconds: float) -> tuple[Stop, Callable[[], bool]]:
    """Return a stop that comes true after some seconds, and whether anyone heard it."""
    if seconds == math.inf:
        return never, lambda: False
    end = time.perf_counter() + seconds
    heard: list[bool] = []

    def stop() -> bool:
        over = time.perf_counter() >= end
        if over:
            heard.append(True)
        return over

    return stop, lambda: bool(heard)


def process_seconds() -> float:
    """Return the seconds since this process started, by the clock of `time.perf_counter`.

    Where the system does not tell when that was, they count from the import of this module.
    """
    if time.perf_counter is time.process_time:  # a clock that starts with the process
        return time.perf_counter()
    return time.perf_counter() - _IMPORTED + _seconds_before_import()


def _seconds_before_import() -> float:
    """Return how long this process had run when this module was imported; 0 where unknown."""
    with suppress(OSError, ValueError, IndexError, AttributeError, KeyError):
        # The 22nd field of Linux; the second may hold blanks, and ends with the last bracket.
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        started = float(fields[19]) / os.sysconf("SC_CLK_TCK")
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - started
        return max(0.0, age - (time.perf_counter() - _IMPORTED))
    return 0.0


class Budget:
    """A promise of seconds, and what has been spent and set aside of it.

    >>> budget = Budget(60)
    >>> budget.reserve("report", 5)
    >>> budget.left() < 55.01
    True
    >>> Budget(None).left()
    inf
    """

    def __init__(self, seconds: float | None, *, spent: float = 0.0) -> None:
        self.seconds = seconds
        self._begin = time.perf_counter() - spent
        self._reserves: dict[str, float] = {}

    def spent(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self._begin

    def reserve(self, stage: str, seconds: float) -> None:
        """Set seconds aside for a later stage; 0 releases them."""
        self._reserves[stage] = seconds

    def reserved(self) -> float:
        """Seconds set aside in all."""
        return sum(self._reserves.values())

    def left(self) -> float:
        """Seconds still to be spent now: promised, less spent, less set aside."""
        if self.seconds is None:
            return math.inf
        return self.seconds - self.spent() - self.reserved()

    def stop(self) -> bool:
        """Whether work in hand should end now with what it has."""
        return self.left() <= 0
