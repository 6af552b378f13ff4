"""How long one row takes, as a caller meets it: the only place where that is measured."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.graph import MISSING_DATE, MISSING_STRING

if TYPE_CHECKING:
    from mulle.bundle.model import Model

RUNS = 300
SECONDS = 0.3
_WARM_UP = 0.1  # share of the runs, the first, that does not count
_EPOCH = datetime(1970, 1, 1)


class Latency(NamedTuple):
    """Microseconds of one row: median and 99th percentile."""

    p50: float
    p99: float


def measure_latency(
    model: Model, inputs: Mapping[str, Array], *, runs: int = RUNS, seconds: float = SECONDS
) -> Latency:
    """Return how long a model takes for one row, from a dict to the label.

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
    rows = min(runs, len(next(iter(inputs[0].values()))))
    given = [to_rows(columns, rows) for columns in inputs]
    taken: list[list[float]] = [[] for _ in models]
    begin = time.perf_counter()
    for number in range(runs):
        for model, dicts, times in zip(models, given, taken, strict=True):
            row = dicts[number % rows]
            start = time.perf_counter()
            model.predict(row)
            times.append((time.perf_counter() - start) * 1e6)
        if time.perf_counter() - begin > seconds:
            break
    return [_latency(times[int(len(times) * _WARM_UP) :]) for times in taken]


def to_rows(inputs: Mapping[str, Array], count: int) -> list[dict[str, Any]]:
    """Return the first rows of a graph's inputs as a caller would give them.

    >>> to_rows({"a": np.array([[1.5], [np.nan]]), "b": np.array([["x"], ["y"]])}, 2)
    [{'a': 1.5, 'b': 'x'}, {'a': None, 'b': 'y'}]
    """
    columns = {name: [*map(_to_plain, x[:count, 0].tolist())] for name, x in inputs.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _to_plain(value: Any) -> Any:
    if value in (MISSING_STRING, MISSING_DATE) or value != value:
        return None
    if isinstance(value, int):
        try:
            return _EPOCH + timedelta(microseconds=value)
        except OverflowError:  # a year that Python has not
            return None
    return value


def _latency(times: list[float]) -> Latency:
    p50, p99 = np.percentile(times, [50, 99])
    return Latency(round(float(p50), 1), round(float(p99), 1))
