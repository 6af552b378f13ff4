"""One job: what was asked for, how far it is, how it ended."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec


class Status(StrEnum):
    """Status of a job; the last three are final."""

    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


ENDED = (Status.done, Status.failed, Status.cancelled)


class Job(msgspec.Struct, kw_only=True):
    """A job, as the database holds it; moments are seconds since 1970.

    Attributes:
        id: unique name, sortable by the time of submission.
        created: when the job was accepted.
        owner: name of the key that submitted the job; "" where there are no keys.
        home: state folder that holds the files; servers with another one leave the job alone.
        source: file of rows: its name in the job's folder, or its path below the data folder.
        sent: whether the file was sent with the job.
        small: whether the job may overtake larger ones.
        stamp: state of a file that was not sent; changes when the file does.
        form: format of the result: csv, json (one row a line) or parquet.
        on_error: effect of a value that cannot be read: `fail` or `null`.
        layout: what is decided about the layout of the file, as in `mulle.read`.
        model, version: name and version of the model.
        kept: name of the bundle that is kept for the job.
        chunk: rows that are answered, written and counted together.
        chunks, rows_done: number of chunks written, and of the rows in them.
        rows_total: number of rows of the file; None where it is not known yet.
        share: share of the file that is answered, 0 to 1.
        begun, ended: when the work began and ended.
        resumed, resumed_share: when the work was last taken up, and the share done by then.
        tries: how often the work was taken up since a chunk was last written.
        lease, lease_until: process that works on the job, and until when no other one may.
        error: code and values of what went wrong; `views` makes the sentences.
        key, digest: idempotency key of the caller, and SHA-256 of the request that came with it.
        webhook: address to call at the end; "" for none.
        webhook_state: state of that call: "", waiting, delivered or given-up.
        webhook_tries, webhook_next: number of calls so far, and when the next one is due.
    """

    id: str
    created: float
    home: str
    owner: str = ""
    source: str
    form: str
    model: str
    version: str
    kept: str
    chunk: int
    sent: bool = True
    small: bool = False
    stamp: str = ""
    on_error: str = "fail"
    layout: dict[str, Any] = {}
    status: Status = Status.queued
    chunks: int = 0
    rows_done: int = 0
    rows_total: int | None = None
    share: float = 0.0
    begun: float | None = None
    ended: float | None = None
    resumed: float | None = None
    resumed_share: float = 0.0
    tries: int = 0
    lease: str = ""
    lease_until: float = 0.0
    error: dict[str, Any] | None = None
    key: str | None = None
    digest: str = ""
    webhook: str = ""
    webhook_state: str = ""
    webhook_tries: int = 0
    webhook_next: float | None = None


def new_id() -> str:
    """Return a new id: the time in UTC to the microsecond, and eight random digits."""
    return f"{datetime.fromtimestamp(time.time(), UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}"
