"""Traffic and drift as numbers over time: for the dashboard, for alerts, and for Prometheus.

Traffic is sampled from the counters of all processes, so that each process shows the same.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from prometheus_client import Counter, Gauge

from mulle.profile.drift import Status
from mulle.verbs.serve.metrics import Metrics
from mulle.verbs.serve.monitor.version import MonitorResult
from mulle.verbs.watch import VerdictStatus
from mulle.verbs.watch.log import LogState

SAMPLE_EVERY = 5.0  # seconds
MAX_SAMPLES = 720  # an hour
OWN_PATHS = ("/dashboard", "/health", "/metrics", "/ready", "/v2/health")  # not counted as traffic
LOG_ROWS = "prediction_log_rows_total"

_MODEL = ["model", "version"]
_GONE = float("nan")  # of which `Metrics` shows no sample
_CANNOT_TELL = (Status.cannot_tell, Status.not_judged)


class Total(NamedTuple):
    """Counts since the start: requests, 4xx and 5xx among them, requests by bucket of seconds."""

    requests: float
    refused: float
    failed: float
    buckets: dict[float, float]


class Sample(msgspec.Struct, frozen=True):
    """The traffic of one stretch of time.

    Attributes:
        at: end of the stretch, in seconds since 1970.
        requests: requests per second.
        refused: requests per second that were the callers' mistakes (4xx).
        failed: requests per second that were the server's faults (5xx).
        p50, p99: latency in milliseconds; None without requests.
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
        self.samples: deque[Sample] = deque(maxlen=MAX_SAMPLES)

    async def keep(self) -> None:
        """Sample while the server runs."""
        while True:
            self.sample()
            await asyncio.sleep(SAMPLE_EVERY)

    def sample(self) -> None:
        """Add the traffic since the last sample."""
        now, total = time.time(), read_total(self._metrics)
        if self._before is not None:
            self.samples.append(sample_between(self._before, total, now, now - self._at))
        self._before, self._at = total, now


def read_total(metrics: Metrics) -> Total:
    """Return what all processes have counted so far."""
    requests = refused = failed = 0.0
    buckets: dict[float, float] = {}
    for family in metrics.everyone().collect():
        for name, labels, value, *_ in family.samples:
            if labels.get("path", "/").startswith(OWN_PATHS) or labels.get("path") == "/":
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
    """Return the rates and quantiles between two counts."""
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
    """Return a quantile in milliseconds, linear inside its bucket like Prometheus' own.

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


class TrafficSnapshot:
    """The traffic of all processes between two checks, as rules of alerts name it.

    Args:
        metrics: counters of all processes.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._before, self._dropped, self._at = (
            read_total(metrics),
            self._dropped_rows(),
            time.time(),
        )

    def take(self) -> dict[str, float | None]:
        """Return shares and rates since the last call; None without requests."""
        now, total, dropped = time.time(), read_total(self._metrics), self._dropped_rows()
        passed = sample_between(self._before, total, now, now - self._at)
        requests = passed.requests
        values = {
            "requests_per_second": requests,
            "error_share": passed.failed / requests if requests else None,
            "refused_share": passed.refused / requests if requests else None,
            "latency_p50_ms": passed.p50,
            "latency_p99_ms": passed.p99,
            "log_dropped": dropped - self._dropped,
        }
        self._before, self._dropped, self._at = total, dropped, now
        return values

    def _dropped_rows(self) -> float:
        return sum(
            sample.value
            for family in self._metrics.everyone().collect()
            for sample in family.samples
            if sample.name == LOG_ROWS and sample.labels["became"] == "dropped"
        )


class Gauges:
    """The drift gauges of one process: of columns only their names, never a value of a row.

    Of several processes, the latest value counts.
    """

    def __init__(self, metrics: Metrics) -> None:
        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(
                name, about, [*_MODEL, *labels], registry=metrics.registry,
                multiprocess_mode="mostrecent",
            )  # fmt: skip

        self._score = gauge("model_drift_score", "Size of the drift of a column.", "feature")
        self._detected = gauge("model_drift_detected", "1 where a column drifted.", "feature")
        self._missing = gauge("model_missing_ratio", "Share of rows without a value.", "feature")
        self._whole = gauge(
            "model_dataset_drift", "1 where the verdict is an alarm: drift, or a worse score."
        )
        self._share = gauge("model_drifted_share", "Share of the columns that drifted.")
        self._rows = gauge("model_monitored_rows", "Rows that were compared.")
        self._log = Counter(
            "prediction_log_rows", "Rows for the log: written, sampled_out or dropped.", ["became"],
            registry=metrics.registry,
        )  # fmt: skip
        self._lost = Counter(
            "prediction_log_lost_rows", "Rows that the log lost, by reason.", ["reason"],
            registry=metrics.registry,
        )  # fmt: skip
        self._logged: dict[str, int] = {}
        self._set: set[tuple[str, str, str]] = set()

    def show(self, result: MonitorResult) -> None:
        """Set the gauges of one version."""
        report, names = result.report, (result.name, result.version)
        for feature, column in report.columns.items():
            at, decided = (*names, feature), column.status not in _CANNOT_TELL
            self._score.labels(*at).set(_GONE if column.score is None else column.score)
            self._detected.labels(*at).set(column.drift_detected if decided else _GONE)
            self._missing.labels(*at).set(result.missing.get(feature, _GONE))
            self._set.add(at)
        decided = report.alarm or report.status is VerdictStatus.no_drift_seen
        self._whole.labels(*names).set(report.alarm if decided else _GONE)
        self._share.labels(*names).set(report.share_of_drifted_columns if decided else _GONE)
        self._rows.labels(*names).set(report.n_cur)

    def clear(self, kept: set[tuple[str, str]]) -> None:
        """Set the gauges of versions that are no longer served to NaN."""
        gone = {at for at in self._set if at[:2] not in kept}
        self._set -= gone
        for at in gone:
            for gauge in (self._score, self._detected, self._missing):
                gauge.labels(*at).set(_GONE)
        for names in {at[:2] for at in gone}:
            for gauge in (self._whole, self._share, self._rows):
                gauge.labels(*names).set(_GONE)

    def count_logged(self, state: LogState) -> None:
        """Count the rows that were written, sampled out or dropped since the last call."""
        for became in ("written", "sampled_out", "dropped"):
            now = getattr(state, became)
            self._log.labels(became).inc(now - self._logged.get(became, 0))
            self._logged[became] = now
        for reason, count in state.reasons.items():
            self._lost.labels(reason).inc(count - self._logged.get(reason, 0))
            self._logged[reason] = count
