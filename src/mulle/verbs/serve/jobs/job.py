"""One job as it is known: what was asked for, how far it is, how it ended."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec


class Status(StrEnum):
    """Where a job stands; the last three are for good."""

    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


ENDED = (Status.done, Status.failed, Status.cancelled)


class Job(msgspec.Struct, kw_only=True):
    """A job; times are seconds since 1970.

    Attributes:
        id: sortable by time.
        owner: the name of the key that it was handed in with; "" where there are no keys.
        home: the state folder that holds its files; who has another one leaves it alone.
        source: the file of rows: its name in the job's folder, or its path below the data folder.
        sent: whether the file was sent with the job.
        small: whether it may overtake larger ones.
        stamp: of a file that was not sent: changes when the file does.
        form: of the result: csv, json (a row a line) or parquet.
        on_error: what a value that cannot be read does: `fail` or `null`.
        model, version: who answers; `kept` is the name of the bundle that is kept for the job.
        chunk: rows that are answered, written and counted together.
        chunks, rows_done: how many are written, and the rows in them.
        rows_total: of the file, where that is known.
        share: of the file that is answered.
        begun, ended: when the work began and ended.
        resumed, resumed_share: when the work was last taken up, and how far it was then.
        tries: how often it was taken up since a chunk was last written.
        lease, lease_until: which process works on it, and until when no other one may.
        error: code and values of what went wrong; `views` makes the sentences.
        key, digest: the caller's idempotency key, and what came with it.
        webhook, webhook_state: who is told of the end: "", waiting, told, or given-up.
        webhook_tries, webhook_next: how often that was tried, and when it is tried next.
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
    """A name for a job: the time in UTC to the microsecond, and eight random digits."""
    return f"{datetime.fromtimestamp(time.time(), UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}"
