"""The gates that a challenger must pass before it takes over, each with a value and a limit."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.bundle import Model, measure_latencies
from mulle.metrics import Metric
from mulle.metrics import metric as named_metric
from mulle.table import Table
from mulle.verbs.retrain.compare import Comparison
from mulle.verbs.retrain.settings import MIN_HOLDOUT, Settings

MIN_LABELS = 2  # rows of a class, below which nothing of it can be learned
MIN_TEST_LABELS = 2  # classes among the test rows, below which no score tells models apart
MAX_LATENCY_SECONDS = 1.0


class Gate(msgspec.Struct, frozen=True):
    """One condition.

    Attributes:
        name: `rows`, `labels`, `test-labels`, `better` (or `not-worse`), `floor`, `parity`,
            `latency`, `size`.
        value: measured value; None where there is none, which never passes.
        limit: limit of the value; `least` means that the value must not be below it (for
            `better`: that it must be above), else that it must not be above it.
        passed: whether the gate holds.
        unit: unit of both: `rows`, `score`, `gain`, `us`, `bytes` or nothing.
    """

    name: str
    value: float | None
    limit: float
    least: bool
    passed: bool
    unit: str = ""


def before_training(y_holdout: Array, y_train: Array, labels: int) -> list[Gate]:
    """Check before training: rows and labels enough to compare, and every label to learn from."""
    gates = [_least("rows", float(len(y_holdout)), MIN_HOLDOUT, "rows")]
    if labels:
        rarest = int(np.bincount(y_train, minlength=labels).min())
        gates.append(_least("labels", float(rarest), MIN_LABELS, "rows"))
        found = float(len(np.unique(y_holdout)))
        gates.append(_least("test-labels", found, MIN_TEST_LABELS, "rows"))
    return gates


def after_training(
    found: Comparison, champion: tuple[Model, Path], challenger: tuple[Model, Path],
    rows: Table, settings: Settings,
) -> list[Gate]:  # fmt: skip
    """Check the challenger's file beside the champion's."""
    metric = named_metric(found.metric)
    proof = challenger[0].manifest.parity
    models = [champion[0], challenger[0]]
    inputs = [model.inputs(rows) for model in models]
    ours, theirs = (
        found.p50 for found in measure_latencies(models, inputs, seconds=MAX_LATENCY_SECONDS)
    )
    sizes = [path.stat().st_size for _, path in (champion, challenger)]
    return [
        _gain(found, settings),
        *_floor(found, metric, settings),
        _most("parity", float(proof.label_flips) if proof else None, 0.0, "")
        if proof is None or proof.holds
        else Gate("parity", proof.max_abs_diff, 0.0, False, False),
        _most("latency", theirs, ours * settings.latency_factor, "us"),
        _most("size", float(sizes[1]), sizes[0] * settings.size_factor, "bytes"),
    ]


def _gain(found: Comparison, settings: Settings) -> Gate:
    """Check that the whole interval lies above the limit or, after drift, the gain itself."""
    if settings.not_worse:
        return _least("not-worse", found.gain, settings.min_gain, "gain")
    value = found.low
    passed = value is not None and value > settings.min_gain
    return Gate("better", value, settings.min_gain, True, passed, "gain")


def _floor(found: Comparison, metric: Metric, settings: Settings) -> list[Gate]:
    if settings.floor is None:
        return []
    limited = _least if metric.greater_is_better else _most
    return [limited("floor", found.challenger, settings.floor, "score")]


def _least(name: str, value: float | None, limit: float, unit: str) -> Gate:
    return Gate(name, value, limit, True, value is not None and value >= limit, unit)


def _most(name: str, value: float | None, limit: float, unit: str) -> Gate:
    return Gate(name, value, limit, False, value is not None and value <= limit, unit)
