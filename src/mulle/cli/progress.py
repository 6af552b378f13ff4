"""What a fit is doing, on stderr: a line for each thing found, and one that moves with the time."""

from __future__ import annotations

import math
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mulle.cli import talk
from mulle.cli.delivery import stopped
from mulle.cli.options import Language, words_of
from mulle.decisions import Decision
from mulle.i18n.format import duration
from mulle.i18n.format import score as said
from mulle.verbs.fit import Progress

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

    from mulle.budget import Budget

_ALIKE = 3  # warnings of one code that are said
_STAGES = {
    "read": "reading the table",
    "check": "checking the data",
    "search": "trying plans",
    "refit": "training the best on all training rows",
    "prove": "proving that file and pipeline agree",
    "report": "writing the report",
}


class Shown(Progress):
    """Progress for people. On a terminal the last line moves; elsewhere only whole lines appear."""

    def __init__(self, lang: Language = Language.en) -> None:
        self._words = words_of(lang)
        self._run: Any = None
        self._budget: Budget | None = None
        self._doing = "starting"
        self._best = math.nan
        self._live: Live | None = None
        self._warned: Counter[str] = Counter()

    def __enter__(self) -> Self:
        if not talk.quiet and talk.on_terminal():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(
                console=Console(stderr=True, highlight=False, markup=False),
                get_renderable=self._line,
                refresh_per_second=5,
                transient=True,
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

    def stage(self, name: str, **values: object) -> None:
        """A stage begins."""
        self._warn_rest()
        run: Any = values.get("run")
        if run is not None:
            self._run, self._budget = run, run.budget
        self._doing = _STAGES.get(name, name)
        metric: Any = values.get("metric")
        by = f", compared by {metric.name}" if metric else ""
        talk.say(f"{self._clock()}{self._doing}{by}{self._why_ended() if name == 'refit' else ''}")

    def fold(self, plan: str, fold: int, folds: int) -> None:
        """A fold of a plan is done."""
        self._doing = f"{plan}: fold {fold} of {folds}"

    def trial(self, plan: str, status: str, score: float, best: float) -> None:
        """A trial is done."""
        self._best = best
        outcome = said(score) if status == "done" else status
        self._doing = _STAGES["search"]
        talk.say(f"{self._clock()}  {plan:<28} {outcome:>9}   best so far {said(best)}")

    def warn(self, code: str, **values: object) -> None:
        """Something the user should know now."""
        self._warned[code] += 1
        if self._warned[code] <= _ALIKE:
            talk.warn(self._words.sentence(Decision(code, values=dict(values))))

    def _warn_rest(self) -> None:
        """Warnings that were too many to say are counted."""
        for code, times in self._warned.items():
            if times > _ALIKE:
                talk.warn(f"… and {times - _ALIKE:,} more of this sort: mulle explain {code}")
        self._warned.clear()

    def _why_ended(self) -> str:
        """Why the search ended: the last thing that the run decided before it goes on."""
        reasons = [d.values["reason"] for d in self._run.decisions.of("search-stopped")]
        if not reasons:
            return ""
        again = " (Ctrl-C again ends at once)" if reasons[-1] == "interrupted" else ""
        return f": {stopped(reasons[-1])}{again}"

    def _clock(self) -> str:
        return f"{self._budget.spent():6.1f} s  " if self._budget else "   0.0 s  "

    def _line(self) -> Text:
        from rich.text import Text

        parts = [self._doing]
        if not math.isnan(self._best):
            parts.append(f"best so far {said(self._best)}")
        if self._budget and self._budget.seconds is not None:
            left = max(0.0, self._budget.seconds - self._budget.spent())
            parts.append(f"{duration(round(left))} left")
        told = f"{self._clock()}… " + " · ".join(parts)
        return Text(told, no_wrap=True, overflow="ellipsis")
