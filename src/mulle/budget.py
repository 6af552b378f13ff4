"""The wall-clock promise that every stage draws on.

A stage asks `budget.left()` before it begins and hands `budget.stop` to what it trains; what later
stages will need (refitting, export, proof, report) is set aside with `reserve`, so that searching
stops early enough. Without a promise (`seconds=None`) nothing ever stops on time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

Stop = Callable[[], bool]  # asked again and again; when true, work ends with what it has


def never() -> bool:
    """The stop of work that has all the time it wants."""
    return False


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
