"""What is counted, under the names that users of Prometheus expect; never a value of a row.

Worker processes share their counts through files in a folder that the server makes before it
starts them: each counts for itself, and whoever is asked adds all up.

catalogue  srv-metrics
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from mulle.serve.http import Response

if TYPE_CHECKING:
    from mulle.serve.models import Hosted, Shelf

SHARED = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_TEXT = b"text/plain; version=0.0.4; charset=utf-8"

disable_created_metrics()  # type: ignore[no-untyped-call] # a second series for each counter, which nobody asked for


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        ask = ["method", "path", "status"]
        model = ["model", "version"]
        self._requests = Counter("http_requests", "Requests answered.", ask, registry=own)
        self._seconds = Histogram(
            "http_request_duration_seconds", "From the headers to the last byte.",
            ["method", "path"], buckets=_SECONDS, registry=own,
        )  # fmt: skip
        self.in_progress = Gauge(
            "http_requests_in_progress", "Requests in work.",
            registry=own, multiprocess_mode="livesum",
        )  # fmt: skip
        self._right = Counter(
            "model_infer_request_success", "Predictions made.", model, registry=own
        )
        self._wrong = Counter(
            "model_infer_request_failure", "Predictions refused or failed.", model, registry=own
        )
        self._rows = Counter("model_rows", "Rows answered.", model, registry=own)
        self._batch = Histogram(
            "model_batch_rows", "Rows of one run.", ["model"], buckets=_ROWS, registry=own
        )
        self._info = Gauge(
            "model_info", "1 for each version served.", [*model, "sha"],
            registry=own, multiprocess_mode="livemax",
        )  # fmt: skip
        self.reload_failures = Counter(
            "model_reload_failures", "Bundles that could not be loaded.", registry=own
        )
        self._asked: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._served: set[tuple[str, str, str]] = set()
        self._models: dict[tuple[str, str], tuple[Counter, Counter, Counter]] = {}

    def asked(self, method: str, path: str, status: int, seconds: float) -> None:
        """Note one request; `path` is the route's, with its names, not the caller's."""
        key = (method, path, status)
        pair = self._asked.get(key)
        if pair is None:
            counter = self._requests.labels(method, path, str(status))
            pair = self._asked[key] = counter, self._seconds.labels(method, path)
        pair[0].inc()
        pair[1].observe(seconds)

    def predicted(self, hosted: Hosted, rows: int, *, ok: bool = True) -> None:
        """Note one prediction of some rows."""
        key = (hosted.name, hosted.version)
        three = self._models.get(key)
        if three is None:
            three = self._models[key] = (
                self._right.labels(*key), self._wrong.labels(*key), self._rows.labels(*key)
            )  # fmt: skip
        three[0 if ok else 1].inc()
        if ok:
            three[2].inc(rows)

    def batched(self, model: str) -> Histogram:
        """Where the sizes of a model's batches are counted."""
        return self._batch.labels(model)

    def shelved(self, shelf: Shelf) -> None:
        """Say which versions are served now."""
        for gone in self._served:
            self._info.labels(*gone).set(0)
        self._served = {
            (h.name, h.version, h.model.manifest.checksums.get("model.onnx", "")[:12])
            for h in shelf.all()
        }
        for here in self._served:
            self._info.labels(*here).set(1)

    def exposition(self) -> Response:
        """All processes' counts, as Prometheus reads them."""
        registry = self.registry
        if os.environ.get(SHARED):
            from prometheus_client.multiprocess import MultiProcessCollector

            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), 200, _TEXT)
