"""Working on one job: chunk by chunk, each written before it is counted.

A kill at any moment costs the chunk in work: a part that was written and not counted is written
again, the same; a part that was counted is never made again; and the result is joined of the parts.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any, Protocol

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from mulle.bundle.batch import OnError, predict_file
from mulle.bundle.prediction_frame import Form, to_bytes
from mulle.errors import MulleError
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.jobs.bundles import Bundles
from mulle.verbs.serve.jobs.files import Files, inside, is_of_disk, stamp
from mulle.verbs.serve.jobs.job import Job, Status
from mulle.verbs.serve.jobs.leases import Leases

MOST_TRIES = 20  # without a chunk written, after which a job is taken to be what ends processes
log = logging.getLogger("mulle.serve")


class Ended(Protocol):
    """Who is told that a job ended, or took a chunk."""

    def __call__(self, job: Job, status: Status | None, rows: int) -> None:
        """Count."""


class Runner:
    """Works on jobs that are leased to this process.

    Args:
        data: the folder with files that need not be sent.
        stop: set when the process is to end.
        counted: told of each chunk (without a status) and of each end.
    """

    def __init__(
        self,
        leases: Leases,
        files: Files,
        bundles: Bundles,
        data: Path | None,
        stop: threading.Event,
        counted: Ended,
    ) -> None:
        self._leases, self._files, self._bundles = leases, files, bundles
        self._data, self._stop, self._counted = data, stop, counted

    def run(self, job: Job) -> None:
        """Work on a job until it ends, is taken away, or the process is to end."""
        heart = _Heart(self._leases, job.id)
        try:
            if job.tries > MOST_TRIES:
                self._end(job, Status.failed, {"code": "job-crashes"})
            elif self._answer(job):
                self._files.join(job)
                self._end(job, Status.done)
        except Exception as error:
            if _is_of_the_book(error):
                raise  # the job is as it was; it is taken up again when the lease has run out
            self._end(job, Status.failed, _told(error, job))
        finally:
            heart.stop()

    def _answer(self, job: Job) -> bool:
        """Write the answers to all chunks that are left; whether all of them are written."""
        model, form = self._bundles.load(job.kept), Form(job.form)
        path = self._input(job)
        found = predict_file(model, path, rows=job.chunk, on_error=_on_error(job))
        job.rows_total = found.height
        for batch in found.start(job.rows_done):
            data = to_bytes(batch.predictions, form, header=not job.chunks)
            self._files.write_part(job, job.chunks, data)
            job.chunks, job.share = job.chunks + 1, batch.share
            job.rows_done += batch.predictions.height
            if not self._leases.progress(job):
                self._lost(job)
                return False
            self._counted(job, None, batch.predictions.height)
            if self._stop.is_set():
                self._leases.release(job.id)
                return False
        self._input(job)
        return True

    def _input(self, job: Job) -> Path:
        """The file of rows, the same as when the job was accepted."""
        if job.sent:
            return self._files.folder(job.id) / job.source
        path = inside(self._data, job.source) if self._data else None
        if path is None or stamp(path) != job.stamp:
            raise HTTPError(422, "job-input-changed", path=job.source)
        return path

    def _end(self, job: Job, status: Status, error: dict[str, Any] | None = None) -> None:
        if not self._leases.end(job.id, status, error):
            self._lost(job)
            return
        if status is Status.done:
            self._files.keep_result(job)
        else:
            self._files.remove(job.id)
        self._counted(job, status, 0)

    def _lost(self, job: Job) -> None:
        """Another process has the job, or it was cancelled: then nobody needs its files."""
        if self._leases.status(job.id) in {None, Status.cancelled}:
            self._files.remove(job.id)


class _Heart(threading.Thread):
    """Renews the lease of a job while it is worked on, however long one chunk takes."""

    def __init__(self, leases: Leases, name: str) -> None:
        super().__init__(name="job-lease", daemon=True)
        self._leases, self._job, self._done = leases, name, threading.Event()
        self.start()

    def run(self) -> None:
        """See the class."""
        while not self._done.wait(self._leases.seconds / 3):
            try:
                if not self._leases.renew(self._job):
                    return
            except Exception as error:  # as long as the lease lasts, nothing is lost
                log.warning("the lease of job %s was not renewed: %s", self._job, error)

    def stop(self) -> None:
        """Renew no more."""
        self._done.set()


def _on_error(job: Job) -> OnError:
    return "null" if job.on_error == "null" else "fail"


def _is_of_the_book(error: Exception) -> bool:
    """Whether it is the book of jobs that cannot be read or written, not the job that is wrong."""
    return isinstance(error, SQLAlchemyError) or getattr(error, "code", "").startswith("store-")


def _told(error: Exception, job: Job) -> dict[str, Any]:
    """An error as it is kept; in words it is put when somebody asks, in their language."""
    if is_of_disk(error):
        return {"code": "disk-full"}
    if isinstance(error, MulleError):
        return {"code": error.code, "values": msgspec.to_builtins(error.values, enc_hook=str)}
    log.error("job %s failed", job.id, exc_info=error)
    return {"code": "server-fault"}
