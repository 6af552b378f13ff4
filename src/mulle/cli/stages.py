"""What an exploration is doing, on stderr: a line a stage, and on a terminal one that moves."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mulle.cli import talk
from mulle.cli.options import Language, words_of
from mulle.i18n.format import percent

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

_QUICK = 2.0  # seconds before anything is said: what is done by then needs no progress


class Stages:
    """Called with a stage and the share of it that is done."""

    def __init__(self, lang: Language) -> None:
        self._words = words_of(lang)
        self._begin = time.monotonic()
        self._stage, self._share = "read", 0.0
        self._said: set[str] = set()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if not talk.quiet and talk.on_terminal():
            from rich.console import Console
            from rich.live import Live

            console = Console(stderr=True, highlight=False, markup=False)
            self._live = Live(
                console=console, get_renderable=self._line, refresh_per_second=8, transient=True
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, stage: str, share: float) -> None:
        """A stage has come so far."""
        self._stage, self._share = stage, share
        late = time.monotonic() - self._begin > _QUICK
        if late and share >= 1 and not self._live and stage not in self._said:
            self._said.add(stage)
            talk.say(self._told())

    def _told(self) -> str:
        name = self._words.name("explore-stage", self._stage)
        share = "" if self._share >= 1 else f" {percent(self._share)}"
        return f"{time.monotonic() - self._begin:6.1f} s  {name}{share}"

    def _line(self) -> Text:
        from rich.text import Text

        return Text(self._told(), no_wrap=True, overflow="ellipsis")
