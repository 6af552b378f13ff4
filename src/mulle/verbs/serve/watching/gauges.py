"""The verdict as Prometheus reads it: of columns only their names, never a value of a row."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from mulle.verbs.serve.metrics import Metrics
from mulle.verbs.serve.watching.judge import Judged
from mulle.verbs.watch.log import LogState

_MODEL = ["model", "version"]
_GONE = float("nan")


class Gauges:
    """The gauges of one process; of several, the latest value counts."""

    def __init__(self, metrics: Metrics) -> None:
        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(
                name, about, [*_MODEL, *labels], registry=metrics.registry,
                multiprocess_mode="mostrecent",
            )  # fmt: skip

        self._score = gauge("model_drift_score", "The measure that decided.", "feature")
        self._detected = gauge("model_drift_detected", "1 where a column drifted.", "feature")
        self._missing = gauge("model_missing_ratio", "Share of rows without a value.", "feature")
        self._whole = gauge("model_dataset_drift", "1 where any column or the answers drifted.")
        self._share = gauge("model_drifted_share", "Share of the columns that drifted.")
        self._rows = gauge("model_watched_rows", "Rows that the verdict is on.")
        self._log = Counter(
            "prediction_log_rows", "What became of rows for the log.", ["became"],
            registry=metrics.registry,
        )  # fmt: skip
        self._told: dict[str, int] = {}
        self._set: set[tuple[str, str, str]] = set()

    def show(self, judged: Judged) -> None:
        """Set what a verdict says."""
        verdict, names = judged.verdict, (judged.name, judged.version)
        for feature, column in verdict.columns.items():
            at = (*names, feature)
            self._score.labels(*at).set(_GONE if column.score is None else column.score)
            self._detected.labels(*at).set(column.drift_detected)
            self._missing.labels(*at).set(judged.missing.get(feature, _GONE))
            self._set.add(at)
        self._whole.labels(*names).set(verdict.dataset_drift)
        self._share.labels(*names).set(verdict.share_of_drifted_columns)
        self._rows.labels(*names).set(verdict.n_cur)

    def forget(self, kept: set[tuple[str, str]]) -> None:
        """Say nothing more of versions that are served no longer."""
        gone = {at for at in self._set if at[:2] not in kept}
        self._set -= gone
        for at in gone:
            for gauge in (self._score, self._detected, self._missing):
                gauge.labels(*at).set(_GONE)
        for names in {at[:2] for at in gone}:
            for gauge in (self._whole, self._share, self._rows):
                gauge.labels(*names).set(_GONE)

    def log(self, state: LogState) -> None:
        """Count what became of rows for the log since the last time."""
        for became in ("written", "sampled_out", "dropped"):
            now = getattr(state, became)
            self._log.labels(became).inc(now - self._told.get(became, 0))
            self._told[became] = now
