"""How far a long piece of work over rows is, on stderr: rows, share, speed, time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mulle.cli import talk

if TYPE_CHECKING:
    from mulle.bundle.batch import Batch

_SILENT = 2.0  # seconds of work that need no telling
_EVERY = 0.5, 10.0  # seconds between two tellings on a terminal, and elsewhere


class Pace:
    """Counts rows as they pass; on a terminal one line moves, elsewhere there is one now and then.

    Attributes:
        rows: that have passed.
        bad: how many of them got no answer.
    """

    def __init__(self) -> None:
        self.rows = self.bad = 0
        self._begun = time.monotonic()
        self._moves = talk.on_terminal()
        self._next = self._begun + _SILENT
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown and self._moves:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def of(self, batches: Iterator[Batch], height: int | None) -> Iterator[Batch]:
        """The same batches, counted; `height` rows in all, if that is known."""
        for batch in batches:
            yield batch
            self.rows += batch.predictions.height
            if "error" in batch.predictions.columns:
                self.bad += batch.predictions["error"].count()
            self._tell(batch.share, height)

    def _tell(self, share: float, height: int | None) -> None:
        now = time.monotonic()
        if talk.quiet or now < self._next or share >= 1:
            return
        self._next = now + _EVERY[not self._moves]
        self._shown = True
        text = told(self.rows, height, share, now - self._begun)
        if self._moves:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        else:
            talk.say(text)


def told(rows: int, height: int | None, share: float, seconds: float) -> str:
    """How far the work is.

    >>> told(300_000, 1_200_000, 0.25, 3.0)
    '300,000 of 1,200,000 rows (25 %) · 100,000 rows/s · 9 s left'
    """
    from mulle.i18n.format import duration

    of = f" of {height:,}" if height else ""
    left = seconds * (1 - share) / share if share else None
    ends = f" · {duration(round(left))} left" if left is not None else ""
    return (
        f"{rows:,}{of} rows ({share:.0%}) · {rows / max(seconds, 1e-9):,.0f} rows/s{ends}".replace(
            "%)", " %)"
        )
    )
