"""From the counts of a version to a verdict: made at most every few seconds, in a thread."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mulle.verbs.serve.watching.truth import Truth
from mulle.verbs.serve.watching.watched import Watched
from mulle.verbs.watch import DriftReport, compare


@dataclass(frozen=True)
class Judged:
    """A verdict with what it is on.

    Attributes:
        name, version: of the model.
        since: when the rows begin, in seconds since 1970; None without any.
        at: when it was made.
        answered: rows answered in that time; `verdict.n_cur` of them were counted.
        missing: the share of rows without a value, by column.
    """

    name: str
    version: str
    verdict: DriftReport
    since: float | None
    at: float
    answered: int
    missing: dict[str, float]
    span: float
    _pages: dict[str, bytes] = field(default_factory=dict)

    def to_dict(self, lang: str) -> dict[str, Any]:
        """The verdict as `mulle watch --format json` gives it, with what it is on."""
        return self.verdict.to_dict(lang) | {"watched": self.about()}

    def to_html(self, lang: str) -> bytes:
        """The page of the verdict, made once."""
        if lang not in self._pages:
            self._pages[lang] = self.verdict.to_html(lang).encode()
        return self._pages[lang]

    def about(self) -> dict[str, Any]:
        """Which model, which time, and how many of its rows were counted."""
        return {
            "model": self.name,
            "version": self.version,
            "since": None if self.since is None else _iso(self.since),
            "until": _iso(self.at),
            "window_seconds": self.span,
            "rows_answered": self.answered,
            "rows_counted": self.verdict.n_cur,
            "share_counted": self.verdict.n_cur / self.answered if self.answered else None,
        }


def judge(watched: Watched, truth: Truth | None) -> Judged:
    """Compare what was counted with what the version learned from."""
    total, now = watched.total(), time.time()
    scores = truth.of(watched, total.window) if truth else []
    loaded = watched.loaded
    verdict = compare(
        watched.reference, total.window, performance=scores,
        model=f"{loaded.name}@{loaded.version}", rows=_said(total.since, now),
    )  # fmt: skip
    missing = {n: c.missing / c.rows for n, c in total.window.columns.items() if c.rows}
    return Judged(
        loaded.name, loaded.version, verdict, total.since, now, total.answered, missing,
        watched.span,
    )  # fmt: skip


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


def _said(since: float | None, now: float) -> str:
    """From when to when, in UTC."""
    if since is None:
        return ""
    begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (since, now))
    last = "%H:%M" if begin.date() == end.date() else "%Y-%m-%d %H:%M"
    return f"{begin:%Y-%m-%d %H:%M} – {end.strftime(last)} UTC"
