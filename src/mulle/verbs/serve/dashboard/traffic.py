"""What happened in the last hour, sampled from the counters: all processes tell the same story."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from mulle.verbs.serve.metrics import Metrics

EVERY = 5.0  # seconds
KEPT = 720  # samples: an hour
_OWN = ("/dashboard", "/health", "/metrics", "/ready", "/v2/health")  # who only looks


class Total(NamedTuple):
    """Counts since the start: requests, errors by fault, requests by bucket of seconds."""

    requests: float
    refused: float
    failed: float
    buckets: dict[float, float]


class Sample(msgspec.Struct, frozen=True):
    """One stretch of time.

    Attributes:
        at: its end, in seconds since 1970.
        requests, refused, failed: per second; refused were the callers' mistakes (4xx).
        p50, p99: milliseconds; None where nothing was asked.
    """

    at: float
    requests: float
    refused: float
    failed: float
    p50: float | None
    p99: float | None


class Traffic:
    """Samples of the counters of all processes, the oldest first."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._before: Total | None = None
        self._at = time.time()
        self.samples: deque[Sample] = deque(maxlen=KEPT)

    async def keep(self) -> None:
        """Sample for as long as the server runs."""
        while True:
            self.sample()
            await asyncio.sleep(EVERY)

    def sample(self) -> None:
        """Note what happened since the last time."""
        now, total = time.time(), total_of(self._metrics)
        if self._before is not None:
            self.samples.append(sample_between(self._before, total, now, now - self._at))
        self._before, self._at = total, now


def total_of(metrics: Metrics) -> Total:
    """What all processes have counted so far."""
    requests = refused = failed = 0.0
    buckets: dict[float, float] = {}
    for family in metrics.everyone().collect():
        for name, labels, value, *_ in family.samples:
            if labels.get("path", "/").startswith(_OWN) or labels.get("path") == "/":
                continue
            if name == "http_requests_total":
                requests += value
                refused += value * (labels["status"][0] == "4")
                failed += value * (labels["status"][0] == "5")
            elif name == "http_request_duration_seconds_bucket":
                edge = float(labels["le"])
                buckets[edge] = buckets.get(edge, 0.0) + value
    return Total(requests, refused, failed, buckets)


def sample_between(before: Total, after: Total, at: float, seconds: float) -> Sample:
    """The rates and quantiles of what lies between two counts."""
    span = max(seconds, 1e-3)
    counts = [(e, n - before.buckets.get(e, 0.0)) for e, n in sorted(after.buckets.items())]
    return Sample(
        at,
        (after.requests - before.requests) / span,
        (after.refused - before.refused) / span,
        (after.failed - before.failed) / span,
        quantile(0.5, counts),
        quantile(0.99, counts),
    )


def quantile(q: float, cumulative: Iterable[tuple[float, float]]) -> float | None:
    """A quantile in milliseconds, linear inside its bucket, as Prometheus' histogram_quantile.

    Args:
        q: 0.5 is the median.
        cumulative: upper edges in seconds, ascending, the last infinite, each with the count up
            to it.

    >>> quantile(0.5, [(0.001, 0), (0.002, 10), (float("inf"), 10)])
    1.5
    """
    listed = list(cumulative)
    if not listed or listed[-1][1] <= 0:
        return None
    wanted = q * listed[-1][1]
    low = below = 0.0
    for edge, count in listed:
        if count >= wanted:
            if edge == float("inf"):
                return 1000 * low
            return 1000 * (low + (edge - low) * (wanted - below) / (count - below))
        low, below = edge, count
    return 1000 * low
