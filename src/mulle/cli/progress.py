"""Progress on stderr: on a terminal one line moves, elsewhere whole lines appear now and then."""

from __future__ import annotations

import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mulle.budget import process_seconds
from mulle.cli import console
from mulle.cli.notices import tell
from mulle.decisions import Decision
from mulle.i18n.format import duration, percent, score
from mulle.language import messages
from mulle.verbs.fit import Progress

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

    from mulle.budget import Budget
    from mulle.bundle.batch import Batch
    from mulle.table import Reading

MAX_WARNINGS_ALIKE = 3  # warnings of one code that are printed in full
QUIET_SECONDS = 2.0  # work that ends sooner needs no progress
WORTH_SAYING = 0.05  # of the promise: a plan that takes less is not said beforehand
LEAST_CHANGE = 5e-5  # of a score, which is shown as 0.01%
UPDATE_SECONDS = 0.5, 10.0  # between two lines on a terminal, and elsewhere


class _Moving:
    """A line at the bottom of a terminal that is drawn anew several times a second."""

    def __init__(self) -> None:
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if not console.quiet and console.is_terminal():
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

    def _line(self) -> Text:
        from rich.text import Text

        return Text(self._to_text(), no_wrap=True, overflow="ellipsis")

    def _to_text(self) -> str:
        """Return what the line shows now."""
        return ""


class FitProgress(_Moving, Progress):
    """Progress of a fit: a line for each trial and stage, and one that moves with the time."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = process_seconds()
        self._words = messages()
        self._run: Any = None
        self._budget: Budget | None = None
        self._doing = self._words("fit-stage.start")
        self._best = math.nan
        self._warned: Counter[str] = Counter()

    def stage(self, name: str, **values: object) -> None:
        """Print that a stage begins."""
        self._warn_rest()
        run: Any = values.get("run")
        if run is not None:
            self._run, self._budget = run, run.budget
        self._doing = self._words.name("fit-stage", name)
        metric: Any = values.get("metric")
        by = self._words("progress.compared", metric=metric.name) if metric else ""
        ended = self._why_ended() if name == "refit" else ""
        started = self._start() if name == "read" else ""
        console.say(f"{self._clock()}{self._doing}{by}{ended}{started}")

    def reading(self, reading: Reading) -> None:
        """Print what the run does not use of its table, and what is in doubt."""
        source = self._run.settings.source if self._run else "FILE"
        tell(reading.left_out, reading.doubts, source)

    def plan(self, plan: str, seconds: float, share: float) -> None:
        """Print what a plan is about to take, where that is worth a line."""
        said = self._words("progress.forecast", plan=plan, seconds=seconds, share=share)
        self._doing = said
        if share >= WORTH_SAYING:
            console.say(f"{self._clock()}{said}")

    def fold(self, plan: str, fold: int, folds: int) -> None:
        """Keep which fold of a plan is done, for the line that moves."""
        self._doing = self._words("progress.fold", plan=plan, fold=fold, folds=folds)

    def trial(self, plan: str, status: str, score: float, best: float, **values: float) -> None:
        """Print the score of a trial, or why it has none."""
        self._best = best
        outcome = self._score(score) if status == "done" else self._words.name("status", status)
        self._doing = self._words("fit-stage.search")
        line = f"{self._clock()}  {plan:<28} {outcome:>9}   "
        console.say(line + self._words("progress.best", score=best) + self._added(best, values))

    def _added(self, best: float, values: Mapping[str, float]) -> str:
        """Return what a trial changed in the score of the blend, and what it took."""
        before, seconds = values.get("before", math.nan), values.get("seconds", math.nan)
        if math.isnan(before) or math.isnan(seconds) or not before:
            return ""
        change = (best - before) / abs(before)
        sign = "+" if change > 0 else "−"
        key = "added" if abs(change) >= LEAST_CHANGE else "added-nothing"
        said = self._words(f"progress.{key}", sign=sign, change=abs(change), seconds=seconds)
        expected = values.get("expected", math.nan)
        if math.isnan(expected):
            return f" ({said})"
        return f" ({said}; {self._words('progress.expected', seconds=expected)})"

    def note(self, code: str, **values: object) -> None:
        """Print what is about to be done, or was done."""
        said = self._words.sentence(Decision(code, values=dict(values)))
        console.say(f"{self._clock()}{said}")

    def warn(self, code: str, **values: object) -> None:
        """Print a warning; of many alike the first three."""
        self._warned[code] += 1
        if self._warned[code] <= MAX_WARNINGS_ALIKE:
            console.warn(self._words.sentence(Decision(code, values=dict(values))))

    def _warn_rest(self) -> None:
        """Print how many warnings were too many to print."""
        for code, times in self._warned.items():
            if times > MAX_WARNINGS_ALIKE:
                more = times - MAX_WARNINGS_ALIKE
                console.warn(self._words("progress.more-alike", more=more, code=code))
        self._warned.clear()

    def _why_ended(self) -> str:
        """Return why the search ended: the last thing that the run decided before it goes on."""
        reasons = [d.values["reason"] for d in self._run.decisions.of("search-stopped")]
        if not reasons:
            return ""
        again = " " + self._words("progress.again") if reasons[-1] == "interrupted" else ""
        return self._words("progress.because", reason=reasons[-1]) + again

    def _start(self) -> str:
        """Return how long the program took to start, where that alone was long."""
        seconds = self._budget.spent() if self._budget else 0.0
        if seconds <= QUIET_SECONDS:
            return ""
        return " " + self._words("progress.started", seconds=seconds)

    def _score(self, value: float) -> str:
        return score(value, self._words.lang)

    def _clock(self) -> str:
        return _seconds(self._budget.spent() if self._budget else 0.0)

    def _to_text(self) -> str:
        parts = [self._doing]
        if not math.isnan(self._best):
            parts.append(self._words("progress.best", score=self._best))
        if self._budget and self._budget.seconds is not None:
            left = max(0.0, self._budget.seconds - self._budget.spent())
            parts.append(self._words("progress.left", seconds=round(left)))
        return f"{self._clock()}… " + " · ".join(parts)


class AblationProgress(_Moving, Progress):
    """Progress of leaving out parts of a plan: how many are done, and the time left."""

    def __init__(self) -> None:
        super().__init__()
        self._words = messages()
        self._begin = time.monotonic()
        self._done, self._all = 0, 0

    def fold(self, plan: str, fold: int, folds: int) -> None:
        """Keep how many parts are done; print it now and then where no line moves."""
        self._done, self._all = fold, folds
        if not self._live and time.monotonic() - self._begin > QUIET_SECONDS:
            console.say(self._to_text())

    def _to_text(self) -> str:
        spent = time.monotonic() - self._begin
        parts = [self._words("ablation.done", done=self._done, all=self._all)]
        if self._done:
            left = spent / self._done * (self._all - self._done)
            parts.append(self._words("progress.left", seconds=round(left)))
        return _seconds(spent) + " · ".join(parts)


class StageProgress(_Moving):
    """Progress of an exploration: called with a stage and the share of it that is done."""

    def __init__(self) -> None:
        super().__init__()
        self._words = messages()
        self._begin = time.monotonic()
        self._stage, self._share = "read", 0.0
        self._printed: set[str] = set()

    def __call__(self, stage: str, share: float) -> None:
        """Keep how far a stage has come, and print it once it is done."""
        self._stage, self._share = stage, share
        late = time.monotonic() - self._begin > QUIET_SECONDS
        if late and share >= 1 and not self._live and stage not in self._printed:
            self._printed.add(stage)
            console.say(self._to_text())

    def _to_text(self) -> str:
        name = self._words.name("explore-stage", self._stage)
        share = "" if self._share >= 1 else f" {percent(self._share)}"
        return f"{_seconds(time.monotonic() - self._begin)}{name}{share}"


class RowProgress:
    """Counts rows as they pass: rows, share, speed, time left.

    Attributes:
        rows: that have passed.
        bad: how many of them got no prediction, as a value could not be read.
        empty: how many of them hold no data, and so have no prediction.
    """

    def __init__(self) -> None:
        self.rows = self.bad = self.empty = 0
        self._begun = time.monotonic()
        self._moves = console.is_terminal()
        self._next = self._begun + QUIET_SECONDS
        self._printed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._printed and self._moves:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def follow(self, batches: Iterator[Batch], height: int | None) -> Iterator[Batch]:
        """Yield the same batches, counted.

        Args:
            batches: rows with their predictions.
            height: rows in all, where that is known.
        """
        for batch in batches:
            yield batch
            self.rows += batch.predictions.height
            bad = 0
            if "error" in batch.predictions.columns:
                bad = batch.predictions["error"].count()
            self.bad += bad
            self.empty += batch.predictions["prediction"].null_count() - bad
            self._print(batch.share, height)

    def _print(self, share: float, height: int | None) -> None:
        now = time.monotonic()
        if console.quiet or now < self._next or share >= 1:
            return
        self._next = now + UPDATE_SECONDS[not self._moves]
        self._printed = True
        text = render_pace(self.rows, height, share, now - self._begun)
        if self._moves:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
        else:
            console.say(text)


def render_pace(rows: int, height: int | None, share: float, seconds: float) -> str:
    """Return how far the work over rows is.

    Args:
        rows: done so far.
        height: rows in all; None where that is not known.
        share: of the work, in [0, 1].
        seconds: spent so far.

    >>> from mulle.i18n import in_language
    >>> with in_language("en"):
    ...     render_pace(300_000, 1_200_000, 0.25, 3.0)
    '300,000 of 1,200,000 rows (25%) · 100,000 rows/s · 9 s left'
    >>> with in_language("ko"):
    ...     render_pace(300_000, None, 0.25, 3.0)
    '300,000행 (25%) · 초당 100,000행 · 9초 남음'
    """
    words = messages()
    key = "progress.rows" if height is None else "progress.rows-of"
    parts = [words(key, rows=rows, height=height, share=share)]
    parts.append(words("progress.speed", rows=rows / max(seconds, 1e-9)))
    if share:
        parts.append(words("progress.left", seconds=round(seconds * (1 - share) / share)))
    return " · ".join(parts)


def _seconds(seconds: float) -> str:
    """Return the clock at the beginning of a line."""
    return f"{seconds:6.1f}{duration(1, messages().lang)[1:]}  "
