"""Show progress on stderr: loss, learning rate, rows per second, time left."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, NamedTuple, Self

from mulle.language import messages

_SECONDS_BETWEEN_LINES = 0.1


class Status(NamedTuple):
    """Describe how far a training has come.

    Attributes:
        epoch: current epoch, 1-based.
        epochs: number of epochs.
        loss: mean of the latest losses.
        lr: learning rate of the latest step.
        batch_size: rows per step.
        steps_left: number of steps until the end.
    """

    epoch: int
    epochs: int
    loss: float
    lr: float
    batch_size: int
    steps_left: int


class Progress:
    """Show a status on a terminal, at most ten times a second; elsewhere nothing is written.

    Args:
        on: whether to show anything at all.
    """

    def __init__(self, *, on: bool = True) -> None:
        self._live: Any = None
        self._next = float("inf")
        self._begin = time.perf_counter()
        self._steps = 0
        self._messages = messages()
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

    def count_step(self) -> bool:
        """Count a step; return whether a line is due."""
        self._steps += 1
        return time.perf_counter() >= self._next

    def show(self, status: Status) -> None:
        """Replace the line on the terminal."""
        now = time.perf_counter()
        self._next = now + _SECONDS_BETWEEN_LINES
        if self._live is not None:
            from rich.text import Text

            line = Text(self.line(status, now), no_wrap=True, overflow="ellipsis")
            self._live.update(line, refresh=True)

    def line(self, status: Status, now: float) -> str:
        """Return the line for a status, in the person's language.

        Args:
            status: how far the training has come.
            now: the time, in seconds of `time.perf_counter`.
        """
        seconds = max(now - self._begin, 1e-9)
        return self._messages(
            "nn-progress.line",
            epoch=status.epoch,
            epochs=status.epochs,
            loss=status.loss,
            lr=status.lr,
            speed=self._steps * status.batch_size / seconds,
            left=round(status.steps_left * seconds / max(1, self._steps)),
        )
