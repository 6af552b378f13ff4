"""Permutation importance: the score that is lost when the values of a column are shuffled.

Source: Breiman 2001, "Random Forests", section 10; Fisher et al. 2019, arXiv:1801.01489.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.metrics.metrics import Metric
from mulle.metrics.predictions import Predictions


@dataclass(frozen=True)
class Importance:
    """The score that a model loses without a column: mean and deviation over shuffles.

    Near 0 or below: the model did without the column, which a correlated one may explain.
    `mean` is nan where time ran out before the column's first shuffle.
    """

    column: str
    mean: float
    std: float
    n_repeats: int


def permutation_importance(
    predict: Callable[[dict[str, Array]], Predictions | Array],
    arrays: Mapping[str, Array],
    y: Array,
    metric: Metric,
    *,
    n_repeats: int = 5,
    max_rows: int = 2000,
    random_state: int = 0,
    stop: Stop = never,
) -> list[Importance]:
    """Shuffle one column at a time, and measure by how much the metric drops.

    Every column has its first shuffle before any has its second, so a stop leaves a fair list.

    Args:
        predict: arrays -> predictions, with labels where the metric looks at labels.
        arrays: column -> (n, 1).
        y: (n,) as the metric wants it.
        metric: what is lost.
        n_repeats: shuffles a column.
        max_rows: a random sample of so many rows is used.
        random_state: seed.
        stop: asked before each prediction but the first.

    Returns:
        One a column, the most important first.

    >>> from mulle.metrics.metrics import metric
    >>> x = {"used": np.arange(50.0)[:, None], "not": np.ones((50, 1))}
    >>> found = permutation_importance(lambda a: a["used"][:, 0], x, np.arange(50.0), metric("r2"))
    >>> [(i.column, i.mean > 1) for i in found]
    [('used', True), ('not', False)]
    """
    rng = np.random.default_rng(random_state)
    if len(y) > max_rows:
        rows = np.sort(rng.choice(len(y), max_rows, replace=False))
        arrays, y = {name: a[rows] for name, a in arrays.items()}, y[rows]
    whole = metric.gain(y, predict(dict(arrays)))
    drops: dict[str, list[float]] = {name: [] for name in arrays}
    for _ in range(n_repeats):
        order = rng.permutation(len(y))
        for name in arrays:
            if stop():
                return _rank(drops)
            drops[name].append(
                whole - metric.gain(y, predict({**arrays, name: arrays[name][order]}))
            )
    return _rank(drops)


def _rank(drops: Mapping[str, list[float]]) -> list[Importance]:
    found = [
        Importance(name, float(np.mean(d)), float(np.std(d)), len(d))
        if d
        else Importance(name, float("nan"), float("nan"), 0)
        for name, d in drops.items()
    ]
    return sorted(found, key=lambda i: (np.isnan(i.mean), -np.nan_to_num(i.mean)))
