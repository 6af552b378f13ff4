"""How training rows are divided for validation: fewer parts the more rows, the less time there is.

catalogue  cv-kfold cv-strat cv-group split-small
"""

from __future__ import annotations

import math
from typing import Any

from mulle.decisions import DecisionLog
from mulle.table import Kind, Target, folds, split
from mulle.verbs.fit.prices import TEXT_CELLS
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.split import Split

_FIRST_PLANS = 4  # that should fit into the time, validated by so many folds as are wanted
_SECONDS_A_CELL = 3e-6  # of training boosted trees; measured on several tables
_FEW_FOLDS = 3
_HOLD_OUT_ROWS = 2_000  # of fewer, a part held out says too little
_TWO = 2
HOLD_OUT = "hold-out"  # the scheme of one fold, of which
MAX_HELD_ROWS, HELD_SHARE = 50_000, 0.2  # are validated on at most


def make_folds(
    training: Split,
    target: Target,
    settings: Settings,
    log: DecisionLog,
    seconds: float = math.inf,
    *,
    hold_out: bool = False,
) -> Any:
    """Return pairs (training rows, validation rows), fewer the more rows there are.

    Args:
        training: the rows.
        target, settings, log: of the run.
        seconds: that are left for trying plans.
        hold_out: whether a part is held out, however few rows there are.
    """
    rows = len(training.y)
    wanted = 1 if hold_out else _wanted_folds(rows, settings.preset)
    if seconds < _affordable_from(training, target) * min(wanted, _FEW_FOLDS):
        wanted = min(wanted, 1 if rows >= _HOLD_OUT_ROWS else _FEW_FOLDS)
    result = divide(training, target, settings.seed, wanted)
    scheme = HOLD_OUT
    if wanted > 1:
        scheme = training.scheme(target, len(result), rows // len(result))
    log.add("validation-chosen", scheme=scheme, folds=len(result), rows=rows)
    return result


def divide(training: Split, target: Target, seed: int, count: int) -> Any:
    """Return so many pairs (training rows, validation rows); of one, a part is held out."""
    rows = len(training.y)
    options: dict[str, Any] = {
        "stratify": training.strata(target),
        "groups": training.groups,
        "time": training.times,
        "random_state": seed,
    }
    if count == 1:
        return [split(rows, test_size=min(HELD_SHARE, MAX_HELD_ROWS / rows), **options)]
    return folds(rows, min(count, rows), **options)


def _affordable_from(training: Split, target: Target) -> float:
    """Return about how many seconds the first plans take on one fold."""
    texts = sum(column.kind is Kind.text for column in training.table.schema.columns)
    cells = len(training.y) * (len(training.table.names) + TEXT_CELLS * texts)
    outputs = len(target.labels) if len(target.labels) > _TWO else 1
    return _FIRST_PLANS * cells * outputs * _SECONDS_A_CELL


def _wanted_folds(rows: int, preset: str) -> int:
    few, many = 15_000, 50_000
    by_preset = {"quick": (3, 1, 1), "good": (5, 3, 1), "best": (8, 5, 3)}
    return by_preset[preset][0 if rows < few else 1 if rows < many else 2]
