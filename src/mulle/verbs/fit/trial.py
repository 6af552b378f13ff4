"""What came of a plan that was tried: a row of the leaderboard."""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.verbs.fit.plan import Plan


class Trial(msgspec.Struct):
    """One plan, cross-validated.

    Attributes:
        plan: as tried.
        status: `done`, `failed` or `stopped` (the time was up).
        reason: why it failed or was stopped.
        score: the metric over all validated rows.
        fold_scores: the metric on each fold.
        seconds: wall clock of the whole trial.
        refit_seconds: what training on all rows will take, from the time of a fold.
        final_params: settings for training on all rows, found on the folds.
        cut_short: training ended when its share of the time was up, not by itself.
        rows: training rows of each fold that it learned from; None for all.
        mapped: it learned from all rows of a table that is too large for the memory.
        operations: of answering one row, about.
        nodes: of its trees, which are written one by one into the graph.
        seconds_a_row: of answering one of many rows, steps included.
        needed: seconds that a plan that was passed over would have taken.
    """

    plan: Plan
    status: str = "done"
    reason: str = ""
    score: float = float("nan")
    fold_scores: list[float] = []
    seconds: float = 0.0
    refit_seconds: float = 0.0
    final_params: dict[str, Any] = {}
    cut_short: bool = False
    rows: int | None = None
    mapped: bool = False
    operations: float = 0.0
    nodes: int = 0
    seconds_a_row: float = 0.0
    needed: float | None = None
