"""The counters of a server, under the names that users of Prometheus expect.

No value of a row is among them. A request adds to plain numbers, which cost nothing; they are
handed to Prometheus' counters once a second and when somebody asks. Worker processes share their
counts through files in a folder that the server makes before it starts them: the process that is
asked adds all up.

catalogue  srv-metrics
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from mulle.verbs.serve.http import Response
from mulle.verbs.serve.http.threads import count_left

if TYPE_CHECKING:
    from mulle.verbs.serve.models import LoadedModel

SHARED = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_MEDIA_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_REQUEST = ["method", "path", "status"]
_MODEL = ["model", "version"]

disable_created_metrics()  # type: ignore[no-untyped-call] # series that nobody reads


class Buckets:
    """Counts by bucket and the sum of the values: a histogram that is not handed over yet.

    Args:
        edges: upper edges of the buckets, in order.
    """

    __slots__ = ("_edges", "counts", "total")

    def __init__(self, edges: tuple[float, ...]) -> None:
        self._edges, self.total = edges, 0.0
        self.counts = [0] * (len(edges) + 1)

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self._edges, value)] += 1
        self.total += value

    def hand_over(self, histogram: Any) -> None:
        """Add the counts to a child of a Prometheus histogram, and begin again at 0.

        Its buckets have no public name; `observe` for each value would count them one by one.
        `tests/verbs/serve/test_private_names.py` says so when the names are gone.
        """
        for bucket, count in zip(histogram._buckets, self.counts, strict=True):
            if count:
                bucket.inc(count)
        histogram._sum.inc(self.total)
        self.counts, self.total = [0] * len(self.counts), 0.0


class _Known:
    """The samples that have a number: NaN stands for one that is gone or unknown."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Any]:
        """Yield the families of the registry without NaN."""
        for family in self._registry.collect():
            family.samples = [sample for sample in family.samples if sample.value == sample.value]
            yield family


def _seconds() -> Buckets:
    return Buckets(SECONDS)


class Metrics:
    """The counters of one process.

    Attributes:
        registry: those that Prometheus reads.
        in_work: requests that are worked on now.
        reload_failures: bundles that could not be loaded.
        not_loaded: those that cannot be loaded now.
    """

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        self._requests = Counter("http_requests", "Requests answered.", _REQUEST, registry=own)
        self._seconds = Histogram(
            "http_request_duration_seconds", "From the headers to the last byte.",
            _REQUEST[:2], buckets=SECONDS, registry=own,
        )  # fmt: skip
        self._waiting = Gauge(
            "http_requests_in_progress", "Requests in work.",
            registry=own, multiprocess_mode="livesum",
        )  # fmt: skip
        self._left = Gauge(
            "http_requests_left_running", "Requests given up whose work still runs in a thread.",
            registry=own, multiprocess_mode="livesum",
        )  # fmt: skip
        self._right = Counter(
            "model_infer_request_success", "Predictions answered.", _MODEL, registry=own
        )
        self._wrong = Counter(
            "model_infer_request_failure", "Predictions refused or failed.", _MODEL, registry=own
        )
        self._rows = Counter("model_rows", "Rows answered.", _MODEL, registry=own)
        self._runs = Histogram(
            "model_batch_rows", "Rows of one run.", ["model"], buckets=ROWS, registry=own
        )
        self._info = Gauge(
            "model_info", "1 for each version served.", [*_MODEL, "sha"],
            registry=own, multiprocess_mode="livemax",
        )  # fmt: skip
        self.reload_failures = Counter(
            "model_reload_failures", "Bundles that could not be loaded.", registry=own
        )
        self.not_loaded = Gauge(
            "models_not_loaded", "Bundles that cannot be loaded now.",
            registry=own, multiprocess_mode="livemax",
        )  # fmt: skip
        self.in_work = 0
        self._served: set[tuple[str, str, str]] = set()
        self._requests_by: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._seconds_by: defaultdict[tuple[str, str], Buckets] = defaultdict(
            lambda: Buckets(SECONDS)
        )
        self._batches: defaultdict[str, Buckets] = defaultdict(lambda: Buckets(ROWS))
        self._answered: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])

    def requested(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request.

        Args:
            method: HTTP method.
            path: path of the route, with its `{names}`, not the caller's.
            status: HTTP status of the answer.
            seconds: time from the headers to the last byte.
        """
        self._requests_by[method, path, status] += 1
        self._seconds_by[method, path].observe(seconds)

    def predicted(self, model: str, version: str, rows: int, *, ok: bool = True) -> None:
        """Count one prediction of some rows; `ok` says whether there was an answer."""
        counts = self._answered[model, version]
        if ok:
            counts[0] += 1
            counts[2] += rows
        else:
            counts[1] += 1

    def batches(self, model: str) -> Buckets:
        """Return the counts of a model's batches by their size."""
        return self._batches[model]

    def set_versions(self, models: Sequence[LoadedModel]) -> None:
        """Say which versions are served now."""
        for gone in self._served:
            self._info.labels(*gone).set(0)
        self._served = {
            (h.name, h.version, h.model.manifest.checksums.get("model.onnx", "")[:12])
            for h in models
        }
        for here in self._served:
            self._info.labels(*here).set(1)

    def hand_over(self) -> None:
        """Add the counts to Prometheus' counters."""
        self._waiting.set(self.in_work)
        self._left.set(count_left())
        for request, count in self._requests_by.items():
            self._requests.labels(*request).inc(count)
        self._requests_by.clear()
        for route, seconds in self._seconds_by.items():
            seconds.hand_over(self._seconds.labels(*route))
        for model, batches in self._batches.items():
            batches.hand_over(self._runs.labels(model))
        for names, (right, wrong, rows) in self._answered.items():
            self._right.labels(*names).inc(right)
            self._wrong.labels(*names).inc(wrong)
            self._rows.labels(*names).inc(rows)
        self._answered.clear()

    def exposition(self) -> Response:
        """Return the counts of all processes, as Prometheus reads them."""
        return Response(generate_latest(_Known(self.everyone())), 200, _MEDIA_TYPE)

    def everyone(self) -> CollectorRegistry:
        """Return the counts of all processes."""
        self.hand_over()
        if not os.environ.get(SHARED):
            return self.registry
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry
