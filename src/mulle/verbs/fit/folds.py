"""How training rows are divided for validation: fewer parts the more rows there are.

catalogue  cv-kfold cv-strat cv-group split-small
"""

from __future__ import annotations

from typing import Any

from mulle.decisions import DecisionLog
from mulle.table import Target, folds, split
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.split import Split


def make_folds(training: Split, target: Target, settings: Settings, log: DecisionLog) -> Any:
    """Return pairs (training rows, validation rows), fewer the more rows there are."""
    rows = len(training.y)
    wanted = _wanted_folds(rows, settings.preset)
    options: dict[str, Any] = {
        "stratify": training.strata(target),
        "groups": training.groups,
        "time": training.times,
        "random_state": settings.seed,
    }
    if wanted == 1:
        result = [split(rows, test_size=min(0.2, 50_000 / rows), **options)]
        scheme = "hold-out"
    else:
        result = folds(rows, min(wanted, rows), **options)
        scheme = training.scheme(target, len(result), rows // len(result))
    log.add(
        "validation-chosen",
        scheme=scheme,
        folds=len(result),
        rows=rows,
    )
    return result


def _wanted_folds(rows: int, preset: str) -> int:
    few, many = 15_000, 50_000
    by_preset = {"quick": (3, 1, 1), "good": (5, 3, 1), "best": (8, 5, 3)}
    return by_preset[preset][0 if rows < few else 1 if rows < many else 2]
