"""One line on stderr while a network trains: loss, learning rate, rows a second, time left."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from mulle.nn.train.loop import Training

_EVERY = 0.1  # seconds


class Progress:
    """Shown on a terminal, at most ten times a second; elsewhere nothing is written.

    Args:
        on: whether at all.
    """

    def __init__(self, *, on: bool = True) -> None:
        self._live: Any = None
        self._next = float("inf")
        self._begin = time.perf_counter()
        self._steps = 0
        if on:
            self._open()

    def _open(self) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True, highlight=False, markup=False)
        if console.is_terminal:
            self._live = Live(console=console, auto_refresh=False, transient=True)
            self._next = 0.0

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, training: Training) -> None:
        """After a step; most calls do nothing."""
        self._steps += 1
        now = time.perf_counter()
        if now < self._next:
            return
        self._next = now + _EVERY
        if self._live is not None:
            from rich.text import Text

            line = Text(self.line(training, now), no_wrap=True, overflow="ellipsis")
            self._live.update(line, refresh=True)

    def line(self, training: Training, now: float) -> str:
        """What is shown."""
        from mulle.i18n.format import duration

        seconds = max(now - self._begin, 1e-9)
        left = (training.total_steps - training.step) * seconds / max(1, self._steps)
        recent = training.history.losses[-50:]
        speed = self._steps * training.batches.size / seconds
        parts = [
            f"epoch {training.epoch} of {training.epochs}",
            f"loss {sum(recent) / max(1, len(recent)):.4g}",
            f"learning rate {training.optimizer.lr:.3g}",
            f"{speed:,.0f} rows/s",
            f"{duration(round(left))} left",
        ]
        return " · ".join(parts)
