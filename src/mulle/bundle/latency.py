"""How long one row takes: the only place where that is measured."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mulle.arrays import Array

if TYPE_CHECKING:
    from mulle.bundle.model import Model

RUNS = 300
SECONDS = 0.3
_WARM_UP = 0.1  # share of the runs, the first, that does not count


class Latency(NamedTuple):
    """Microseconds of one row: median and 99th percentile."""

    p50: float
    p99: float


def measure_latency(
    model: Model, inputs: Mapping[str, Array], *, runs: int = RUNS, seconds: float = SECONDS
) -> Latency:
    """Return how long a model takes for one row, from arrays to label and probabilities.

    Args:
        inputs: one array [N, 1] a column, N at least 1; its rows are taken in turn.
        runs: at most.
        seconds: after which no further row is begun.
    """
    return measure_latencies([model], [inputs], runs=runs, seconds=seconds)[0]


def measure_latencies(
    models: Sequence[Model],
    inputs: Sequence[Mapping[str, Array]],
    *,
    runs: int = RUNS,
    seconds: float = SECONDS,
) -> list[Latency]:
    """Return the latency of each model, measured in turns, so that all meet the same machine.

    Args:
        inputs: of each model, one array [N, 1] a column; all have the same N, at least 1.
        runs: of each model, at most.
        seconds: after which no further round is begun.
    """
    rows = len(next(iter(inputs[0].values())))
    taken: list[list[float]] = [[] for _ in models]
    begin = time.perf_counter()
    for number in range(runs):
        at = number % rows
        for model, columns, times in zip(models, inputs, taken, strict=True):
            row = {name: values[at : at + 1] for name, values in columns.items()}
            start = time.perf_counter()
            model.predict_arrays(row)
            times.append((time.perf_counter() - start) * 1e6)
        if time.perf_counter() - begin > seconds:
            break
    return [_latency(times[int(len(times) * _WARM_UP) :]) for times in taken]


def _latency(times: list[float]) -> Latency:
    p50, p99 = np.percentile(times, [50, 99])
    return Latency(round(float(p50), 1), round(float(p99), 1))
