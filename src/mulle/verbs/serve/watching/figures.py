"""The server's own figures between two checks, as rules of alerts name them."""

from __future__ import annotations

import time

from mulle.verbs.serve.dashboard.traffic import sample_between, total_of
from mulle.verbs.serve.metrics import Metrics

DROPPED = "prediction_log_rows_total"


class Figures:
    """What all processes counted since the last check.

    Args:
        metrics: the counters.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._before, self._dropped, self._at = total_of(metrics), self._lost(), time.time()

    def taken(self) -> dict[str, float | None]:
        """Shares and rates since the last time; None where nothing was asked."""
        now, total, dropped = time.time(), total_of(self._metrics), self._lost()
        passed = sample_between(self._before, total, now, now - self._at)
        asked = passed.requests
        figures = {
            "requests_per_second": asked,
            "error_share": passed.failed / asked if asked else None,
            "refused_share": passed.refused / asked if asked else None,
            "latency_p50_ms": passed.p50,
            "latency_p99_ms": passed.p99,
            "log_dropped": dropped - self._dropped,
        }
        self._before, self._dropped, self._at = total, dropped, now
        return figures

    def _lost(self) -> float:
        return sum(
            sample.value
            for family in self._metrics.everyone().collect()
            for sample in family.samples
            if sample.name == DROPPED and sample.labels["became"] == "dropped"
        )
