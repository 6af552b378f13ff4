"""From which probability a row of two classes is positive: chosen out of fold, never on test rows.

given     `--threshold`: that one
costs     `--cost fp=1 --cost fn=10`: the one of least cost
metric    F1, Matthews correlation and balanced accuracy: the one they are best at
else      0.5: ranking and probabilities do not depend on it, and accuracy is best near it

catalogue  thr-tune thr-oppoint
"""

from __future__ import annotations

import numpy as np

from mulle.decisions import DecisionLog
from mulle.errors import UsageError
from mulle.metrics import HALF, best_threshold, choose_threshold
from mulle.table import Target
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.settings import Settings


def check_threshold(settings: Settings, target: Target) -> None:
    """Refuse costs or a threshold where there are not two classes.

    Raises:
        UsageError: the task has no threshold.
    """
    option = "--threshold" if settings.threshold is not None else "--cost"
    if (settings.threshold is not None or settings.cost) and target.task != "binary":
        raise UsageError("threshold-needs-two-classes", option=option, task=target.task)


def settle_threshold(
    board: Leaderboard, target: Target, settings: Settings, log: DecisionLog
) -> None:
    """Set the threshold of the blend, and record it as a decision with its evidence.

    Args:
        board: with the blend as it ships; its scores are then those at the threshold.
        target: what is predicted; nothing is set where it has not two classes.
        settings: of the run.
        log: of the run.
    """
    if target.task != "binary":
        return
    label = str(target.positive)
    if settings.threshold is not None:
        board.decide_at(settings.threshold)
        log.add("threshold-given", label, label=label, threshold=settings.threshold)
        return
    both_classes = len(np.unique(board.y)) == 2
    if settings.cost and both_classes:
        costs = {f"cost_{error}": cost for error, cost in settings.costs.items()}
        point = choose_threshold(board.y, board.blended(), None, **costs)
        board.decide_at(point.threshold)
        log.add(
            "threshold-chosen",
            label,
            label=label,
            threshold=point.threshold,
            measure="cost",
            at=point.cost,
            at_half=point.cost_at_half,
            costs=settings.costs,
        )
    elif board.metric.has_best_threshold and both_classes:
        best = best_threshold(board.metric, board.y, board.blended())
        board.decide_at(best.threshold)
        log.add(
            "threshold-chosen",
            label,
            label=label,
            threshold=best.threshold,
            measure=board.metric.name,
            at=best.score,
            at_half=best.score_at_half,
        )
    else:
        board.decide_at(HALF)
        log.add("threshold-default", label, label=label, threshold=HALF, metric=board.metric.name)
