"""One version under watch: its rows are counted as they come, and compared when somebody asks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.bundle import Model
from mulle.errors import MulleError
from mulle.times import iso_of
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.monitor.buckets import (
    BUCKETS,
    BucketFolder,
    BucketTotal,
    TimeBuckets,
    folder_of,
)
from mulle.verbs.serve.monitor.buffer import Batch, SampleBuffer
from mulle.verbs.watch import (
    DriftReport,
    KnownLabels,
    Reference,
    Window,
    compare,
    read_labels,
)

Inputs = Mapping[str, Array]
BUSY = 0.005  # share of a core that counting may take; beyond it batches are left out
BURST = 0.02  # seconds that it may take at once, after a while of less
READ_EVERY = 5.0  # seconds between two readings of labels, at least
READ_SHARE = 50  # times the duration of the last reading that lie between two, at least
log = logging.getLogger("mulle.serve")


class VersionMonitor:
    """The counts of one version.

    Args:
        loaded: the version.
        state: folder of the server's state.
        span: seconds that a result looks back.
        owner: name of this process in the names of its files.
        wake: event that is set when there are enough rows to count.

    Attributes:
        reference: what the rows are compared with.
        buffer: batches that wait to be counted.
        trouble: why the counts cannot be shared; "" if they can.

    Raises:
        BundleError: the reference in the bundle is damaged.
    """

    def __init__(
        self, loaded: LoadedModel, state: Path, span: float, owner: str, wake: threading.Event
    ) -> None:
        self.loaded, self.span = loaded, span
        self.reference = Reference.of(loaded.model, loaded.name)
        self.buffer = SampleBuffer(wake)
        self.trouble = ""
        self._buckets = TimeBuckets(self.reference, span)
        self._folder = BucketFolder(folder_of(state, loaded), owner, self.reference)
        self._counting, self._totalling = threading.Lock(), threading.Lock()
        self._unwritten: set[float] = set()
        self._counted_at, self._allowed = time.monotonic(), BURST
        self._cost = 0.0  # seconds of a row, as a moving average

    def count(self) -> None:
        """Count what waits, unless that took too long lately; set the share of what comes."""
        with self._counting:
            batches, answered, since = self.buffer.take()
            if not answered:
                return
            bucket = self._buckets.at(since)
            bucket.answered += answered
            self._unwritten.add(bucket.start)
            begun, before = time.thread_time(), bucket.window.rows
            if batches and self._allowed > 0:
                inputs, scores = _concatenate(
                    self.loaded.model, list(self.reference.columns), batches
                )
                recorded = self.reference.answers is not None
                predictions = self.loaded.model.with_labels(scores) if recorded else None
                bucket.window.update(inputs, predictions)
            self._set_share(answered, bucket.window.rows - before, time.thread_time() - begun)

    def share(self) -> None:
        """Write what was counted here, for the other processes and for the next start."""
        with self._counting:
            some = [self._buckets.all[s] for s in self._unwritten if s in self._buckets.all]
            written = [(bucket.start, bucket.to_bytes()) for bucket in some]
            self._unwritten.clear()
        try:
            for start, data in written:
                self._folder.write(start, data)
            self.trouble = ""
        except MulleError as error:
            self.trouble = error.what
            self._unwritten.update(start for start, _ in written)

    def total(self) -> BucketTotal:
        """Return the rows of the span, of all processes."""
        since = time.time() - self.span - self.span / BUCKETS
        with self._totalling:
            others = self._folder.others(since)
            with self._counting:
                own = [bucket for bucket in self._buckets.all.values() if bucket.start > since]
                return BucketTotal(self.reference, [*own, *others])

    def compare(self, labels: LoggedLabels | None) -> MonitorResult:
        """Compare what was counted with what the version learned from; takes a while.

        Args:
            labels: the true labels of a log; None without a log.
        """
        total, now = self.total(), time.time()
        known = labels.read(self, total.window) if labels else None
        loaded = self.loaded
        report = compare(
            self.reference, total.window, performance=known.performance if known else (),
            labels_unknown=known.labels_unknown if known else {},
            model=f"{loaded.name}@{loaded.version}", rows=_format_span(total.since, now),
        )  # fmt: skip
        missing = {n: c.missing / c.rows for n, c in total.window.columns.items() if c.rows}
        return MonitorResult(
            loaded.name, loaded.version, report, total.since, now, total.answered, missing,
            self.span,
        )  # fmt: skip

    def _set_share(self, answered: int, counted: int, took: float) -> None:
        """Count all that comes while there is time to spare; else as much as keeps to BUSY."""
        now = time.monotonic()
        passed, self._counted_at = now - self._counted_at, now
        self._allowed = min(self._allowed + BUSY * passed, BURST) - took
        if counted:
            self._cost += (took / counted - self._cost) * (0.2 if self._cost else 1.0)
        whole = self._cost * answered / max(passed, 1e-3)  # of a core, were all of them counted
        spare = self._allowed > BURST / 2 or whole <= BUSY
        self.buffer.share = 1.0 if spare else BUSY / whole


@dataclass(frozen=True)
class MonitorResult:
    """The comparison of one version with its training rows, and the rows it is about.

    Attributes:
        name: name of the model.
        version: version of the model.
        report: the comparison.
        since: moment of the first row, in seconds since 1970; None without any.
        at: moment of the comparison, in seconds since 1970.
        answered: number of rows answered in that time; `report.n_cur` of them were counted.
        missing: share of rows without a value, by column.
        span: seconds that the result looks back.
    """

    name: str
    version: str
    report: DriftReport
    since: float | None
    at: float
    answered: int
    missing: dict[str, float]
    span: float
    _pages: dict[str, bytes] = field(default_factory=dict)

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return the report as `mulle watch --format json` gives it, and the rows it is about."""
        return self.report.to_dict(lang) | {"monitor": self.describe_rows()}

    def to_html(self, lang: str) -> bytes:
        """Return the page of the report; rendered once in each language."""
        if lang not in self._pages:
            self._pages[lang] = self.report.to_html(lang).encode()
        return self._pages[lang]

    def describe_rows(self) -> dict[str, Any]:
        """Return the model, the time, and the number of rows that were answered and counted."""
        return {
            "model": self.name,
            "version": self.version,
            "since": None if self.since is None else iso_of(self.since),
            "until": iso_of(self.at),
            "window_seconds": self.span,
            "rows_answered": self.answered,
            "rows_counted": self.report.n_cur,
            "share_counted": self.report.n_cur / self.answered if self.answered else None,
        }


class LoggedLabels:
    """The true labels of predictions in a log, and the scores that they give.

    Labels come late and to any process, so they are read from the log, which all processes share.
    The longer a reading takes, the less often it is repeated.

    Args:
        place: place of the log.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._read: dict[tuple[str, str], tuple[float, KnownLabels | None]] = {}

    def read(self, version: VersionMonitor, window: Window) -> KnownLabels | None:
        """Return the labels of the span with their scores; add them to the window."""
        known = self._known(version)
        if known is not None and window.target is not None:
            window.add_target(known.target)
        return known

    def _known(self, version: VersionMonitor) -> KnownLabels | None:
        loaded, now = version.loaded, time.monotonic()
        key = loaded.name, loaded.version
        due, known = self._read.get(key, (0.0, None))
        if now < due:
            return known
        since = datetime.fromtimestamp(time.time() - version.span, UTC)
        try:
            known = read_labels(
                loaded.model, version.reference, self._place, since, loaded.name, loaded.version
            )
        except MulleError as error:
            if error.code != "log-missing":
                log.warning("the labels of the log cannot be read: %s", error.what)
        except Exception as error:  # a database that is away says so in its own words
            log.warning("the labels of the log cannot be read: %s", type(error).__name__)
        took = time.monotonic() - now
        self._read[key] = now + took + max(READ_EVERY, READ_SHARE * took), known
        return known


def _concatenate(model: Model, names: list[str], batches: list[Batch]) -> tuple[Inputs, Array]:
    """Put batches below each other: counting them one by one would take ten times as long."""
    alone: list[Batch] = []
    parts: list[Batch] = []
    for batch in batches:
        (parts if isinstance(batch[0][names[0]], np.ndarray) else alone).append(batch)
    if alone:
        packed = model.pack([cells for cells, _ in alone])
        parts.append((packed, np.concatenate([scores for _, scores in alone])))
    if len(parts) == 1:
        return parts[0]
    inputs = {name: np.concatenate([arrays[name] for arrays, _ in parts]) for name in names}
    return inputs, np.concatenate([scores for _, scores in parts])


def _format_span(since: float | None, now: float) -> str:
    """Write from when to when, in UTC."""
    if since is None:
        return ""
    begin, end = (datetime.fromtimestamp(moment, UTC) for moment in (since, now))
    last = "%H:%M" if begin.date() == end.date() else "%Y-%m-%d %H:%M"
    return f"{begin:%Y-%m-%d %H:%M} – {end.strftime(last)} UTC"
