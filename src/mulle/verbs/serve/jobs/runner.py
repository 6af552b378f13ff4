"""Working on one job, chunk by chunk, each written before it is counted.

A kill at any moment costs the chunk in work: a part that was written and not counted is written
again, the same; a part that was counted is never made again; and the parts are joined at the end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec
import polars as pl
from sqlalchemy.exc import SQLAlchemyError

from mulle.bundle.batch import OnError, predict_file
from mulle.bundle.prediction_frame import Form, to_bytes
from mulle.errors import MulleError
from mulle.files import is_full_disk
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.http.limits import JobLimits
from mulle.verbs.serve.jobs.bundles import KeptBundles
from mulle.verbs.serve.jobs.files import JobFiles, find_inside, stamp_of
from mulle.verbs.serve.jobs.job import Job, Status
from mulle.verbs.serve.jobs.store import JobStore

HIDDEN = "…"  # stands for a value that must not be written
MAX_TRIES = 20  # without a chunk written, after which the job is taken to be what ends processes
log = logging.getLogger("mulle.serve")


class Count(Protocol):
    """A counter of chunks and ends."""

    def __call__(self, job: Job, status: Status | None, rows: int) -> None:
        """Count the rows of a chunk (status None), or the end of a job."""


class Runner:
    """Works on jobs that are leased to this process.

    Args:
        store: the jobs.
        files: folders of the jobs.
        bundles: bundles that are kept for jobs.
        data: folder with files that need not be sent; None for none.
        stop: set when the process is to end.
        count: called after each chunk and each end.
        limits: of rows and of results.
        hides: returns whether the values of a column must not be written.
    """

    def __init__(
        self,
        store: JobStore,
        files: JobFiles,
        bundles: KeptBundles,
        data: Path | None,
        stop: threading.Event,
        count: Count,
        limits: JobLimits,
        hides: Callable[[str], bool] = lambda column: False,
    ) -> None:
        self._hides = hides
        self._store, self._files, self._bundles = store, files, bundles
        self._data, self._stop, self._count = data, stop, count
        self._limits = limits

    def run(self, job: Job) -> None:
        """Work on a job until it ends, its lease is lost, or the process is to end."""
        heartbeat = _Heartbeat(self._store, job.id)
        try:
            if job.tries > MAX_TRIES:
                self._end(job, Status.failed, {"code": "job-crashes"})
            elif self._answer(job):
                self._files.join(job)
                self._end(job, Status.done)
        except Exception as error:
            if _is_of_the_store(error):
                raise  # the job is as it was; it is taken up again when the lease has run out
            self._end(job, Status.failed, _to_stored(error, job, self._hides))
        finally:
            heartbeat.stop()

    def _answer(self, job: Job) -> bool:
        """Write the answers to all chunks that are left; return whether all are written."""
        model, form = self._bundles.load(job.kept), Form(job.form)
        path = self._input(job)
        on_error: OnError = "null" if job.on_error == "null" else "fail"
        predictions = predict_file(
            model,
            path,
            rows=job.chunk,
            on_error=on_error,
            reading=job.layout,
            check=lambda frame: self._limits.check_text(frame.height, text_bytes(frame)),
        )
        job.rows_total = predictions.height
        self._limits.check_rows(predictions.height or 0)
        size = self._files.size_of_parts(job)
        for batch in predictions.start(job.rows_done):
            data = to_bytes(batch.predictions, form, header=not job.chunks)
            size += len(data)
            self._limits.check_rows(job.rows_done + batch.predictions.height)
            self._limits.check_result(size)
            self._files.write_part(job, job.chunks, data)
            job.chunks, job.share = job.chunks + 1, batch.share
            job.rows_done += batch.predictions.height
            if not self._store.record_progress(job):
                self._give_up(job)
                return False
            self._count(job, None, batch.predictions.height)
            if self._stop.is_set():
                self._store.release(job.id)
                return False
        self._input(job)
        return True

    def _input(self, job: Job) -> Path:
        """Return the file of rows; it must be the same as when the job was accepted."""
        if job.sent:
            return self._files.folder(job.id) / job.source
        path = find_inside(self._data, job.source) if self._data else None
        if path is None or stamp_of(path) != job.stamp:
            raise HTTPError(422, "job-input-changed", path=job.source)
        return path

    def _end(self, job: Job, status: Status, error: dict[str, Any] | None = None) -> None:
        if not self._store.end(job.id, status, error):
            self._give_up(job)
            return
        if status is Status.done:
            self._files.keep_result(job)
        else:
            self._files.remove(job.id)
        self._count(job, status, 0)

    def _give_up(self, job: Job) -> None:
        """Leave a job that another process has; remove the files of one that was cancelled."""
        current = self._store.get(job.id)
        if current is None or current.status is Status.cancelled:
            self._files.remove(job.id)


class _Heartbeat(threading.Thread):
    """Renews the lease of a job while it is worked on, however long one chunk takes."""

    def __init__(self, store: JobStore, name: str) -> None:
        super().__init__(name="job-lease", daemon=True)
        self._store, self._job, self._done = store, name, threading.Event()
        self.start()

    def run(self) -> None:
        """Renew the lease until the work ends or the lease is lost."""
        while not self._done.wait(self._store.lease / 3):
            try:
                if not self._store.renew(self._job):
                    return
            except Exception as error:  # as long as the lease lasts, nothing is lost
                log.warning("the lease of job %s was not renewed: %s", self._job, error)

    def stop(self) -> None:
        """Renew the lease no more."""
        self._done.set()


def text_bytes(frame: pl.DataFrame) -> int:
    """Return the bytes of all texts of a frame; one that stands in many rows counts for each."""
    lengths = frame.select(pl.selectors.string().str.len_bytes().cast(pl.UInt64).sum())
    return sum(lengths.row(0)) if lengths.width else 0


def _is_of_the_store(error: Exception) -> bool:
    """Return whether the database failed, not the job."""
    return isinstance(error, SQLAlchemyError) or getattr(error, "code", "").startswith("store-")


def _to_stored(error: Exception, job: Job, hides: Callable[[str], bool]) -> dict[str, Any]:
    """Return an error as code and values; its sentences are made when a caller asks for them."""
    if is_full_disk(error):
        return {"code": "disk-full"}
    if isinstance(error, MulleError):
        values = msgspec.to_builtins(error.values, enc_hook=str)
        if "received" in values and hides(str(values.get("column", ""))):
            values["received"] = HIDDEN
        return {"code": error.code, "values": values}
    log.error("job %s failed", job.id, exc_info=error)
    return {"code": "server-fault"}
