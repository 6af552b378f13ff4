"""Submitting a job: its rows are on the disk and it is in the database before it is accepted."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from mulle.errors import MulleError, UnknownName
from mulle.files import is_full_disk
from mulle.table.read.encodings import codec_of
from mulle.table.read.reading_file import MAX_ROWS_ABOVE
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.jobs.files import find_inside, on_disk, stamp_of
from mulle.verbs.serve.jobs.job import Job, new_id

if TYPE_CHECKING:
    from mulle.verbs.serve.jobs.service import JobService
    from mulle.verbs.serve.models import LoadedModel

MAX_KEY_LENGTH = 255  # characters of an idempotency key
_WRITE_SIZE = 1 << 20  # bytes that are gathered before they are written
_SMALL = 1 << 20  # bytes of a file that may overtake larger ones
_SUFFIXES = {".csv", ".tsv", ".txt", ".parquet", ".ndjson", ".jsonl"}
_MEDIA = {
    "text/csv": ".csv",
    "application/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/vnd.apache.parquet": ".parquet",
    "application/x-parquet": ".parquet",
    "application/parquet": ".parquet",
    "application/x-ndjson": ".ndjson",
    "application/ndjson": ".ndjson",
    "application/jsonl": ".ndjson",
    "application/x-jsonlines": ".ndjson",
}
_Rows = Annotated[int, msgspec.Meta(ge=0, le=MAX_ROWS_ABOVE)]


class JobRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A job as a caller asks for it: in the query beside a file, or as JSON.

    Attributes:
        model: name of the model; "" for the first.
        version: version or alias; "" for the default.
        format: format of the result; "" for that of the file.
        on_error: effect of a value that cannot be read.
        encoding, delimiter: of a text file; "" where they are to be found.
        skip, header: rows above the header, and of it; None where they are to be found.
        webhook: address to call at the end; "" for none.
        name: name of the file that is sent, for its ending.
        path: path of a file below the data folder.
        rows: rows, instead of a file.
    """

    model: str = ""
    version: str = ""
    format: Literal["", "csv", "ndjson", "json", "jsonl", "parquet"] = ""
    on_error: Literal["fail", "null"] = "fail"
    encoding: str = ""
    delimiter: str = ""
    skip: _Rows | None = None
    header: _Rows | None = None
    webhook: str = ""
    name: str = ""
    path: str = ""
    rows: list[dict[str, Any]] | None = None

    @property
    def layout(self) -> dict[str, Any]:
        """What is decided about the layout of the file."""
        given = {name: getattr(self, name) for name in ("encoding", "delimiter", "skip", "header")}
        return {name: value for name, value in given.items() if value not in ("", None)}

    def form(self, suffix: str) -> str:
        """Return the format in which the result of a file with this ending is written."""
        if not self.format:
            return {".parquet": "parquet", ".ndjson": "json", ".jsonl": "json"}.get(suffix, "csv")
        return self.format if self.format in {"csv", "parquet"} else "json"


def read_request(given: Mapping[str, Any], *, as_json: bool) -> JobRequest:
    """Return the job that a query or a JSON object asks for.

    Args:
        given: names and values.
        as_json: whether they came as JSON, which must say where the rows are.

    Raises:
        HTTPError: a name does not exist, a value is none that it takes, or it is not clear where
            the rows are (422).
    """
    try:
        asked = msgspec.convert(given, JobRequest, strict=as_json)  # a query is all text
    except msgspec.ValidationError as error:
        raise HTTPError(422, "job-request", reason=str(error)[:300]) from None
    sent = not as_json  # as the body
    if sum((sent, bool(asked.path), asked.rows is not None)) != 1:
        raise HTTPError(422, "job-rows")
    if asked.encoding:
        _check_encoding(asked.encoding)
    return asked


def _check_encoding(name: str) -> None:
    try:
        codec_of(name)
    except UnknownName as error:
        reason = f"{error.what} {error.fix}".strip()
        raise HTTPError(422, "job-request", reason=reason) from None


def suffix_of(media_type: str, name: str) -> str:
    """Return the ending of a file that is sent as some type, or under a name.

    Raises:
        HTTPError: it is no sort of table that is streamed (415).

    >>> suffix_of("application/octet-stream", "big.Parquet"), suffix_of("text/csv", "")
    ('.parquet', '.csv')
    """
    suffix = _MEDIA.get(media_type) or PurePosixPath(name).suffix.lower()
    if suffix not in _SUFFIXES:
        raise HTTPError(415, "job-media", received=(name or media_type)[:100])
    return suffix


def owner_of(request: Request) -> str | None:
    """Return whose jobs a request may see; None for all, for an admin or where there are no keys.

    A key sees the jobs that it submitted, and of others not even whether they exist.
    """
    key = request.state.get("key")
    return None if key is None or "admin" in key.scopes else str(key.name)


async def submit(
    jobs: JobService, request: Request, asked: JobRequest, loaded: LoadedModel, body: bytes | None
) -> Job:
    """Accept a job: from now on, a kill of every process loses it no more.

    Args:
        jobs: the jobs of the server.
        request: what the job came with.
        asked: the job as it is asked for.
        loaded: the model that is to answer.
        body: the JSON of the job; None if the file itself is what comes.

    Raises:
        HTTPError: the job cannot be done, or there is no room for it.
    """
    submission = _Submission(jobs, request, asked, loaded)
    return await submission.accept(body)


class _Submission:
    """One request that submits a job."""

    def __init__(
        self, jobs: JobService, request: Request, asked: JobRequest, loaded: LoadedModel
    ) -> None:
        self._jobs, self._request, self._asked, self._loaded = jobs, request, asked, loaded
        self._digest = hashlib.sha256(request.scope["query_string"])
        self._id = new_id()
        self._key = request.header(b"idempotency-key")
        self._owner = getattr(request.state.get("key"), "name", "")
        if len(self._key) > MAX_KEY_LENGTH:
            raise HTTPError(422, "job-key-long", limit=MAX_KEY_LENGTH)

    async def accept(self, body: bytes | None) -> Job:
        await self._check_webhook()
        await asyncio.to_thread(self._jobs.connect)  # before much is sent for nothing
        try:
            if body is None:
                source = await self._upload()
            else:
                self._digest.update(body)
                source = await asyncio.to_thread(self._from_json)
            job = await asyncio.to_thread(self._store, source)
        except BaseException:
            await asyncio.to_thread(self._jobs.files.remove, self._id)
            raise
        if job.id != self._id:  # the same was sent before
            await asyncio.to_thread(self._jobs.files.remove, self._id)
            if job.digest != self._digest.hexdigest():
                raise HTTPError(422, "job-key", name=self._key)
        self._jobs.wake()
        return job

    async def _check_webhook(self) -> None:
        from mulle.verbs.serve.jobs.webhooks import may_be_called

        url, private = self._asked.webhook, self._jobs.settings.allow_private_webhooks
        if url and not await asyncio.to_thread(may_be_called, url, private=private):
            raise HTTPError(422, "job-webhook", url=url[:200])

    async def _upload(self) -> dict[str, Any]:
        """Write what comes to the disk; no more than a piece of it is in memory."""
        suffix = suffix_of(self._request.media_type, self._asked.name)
        self._digest.update(suffix.encode())  # the same bytes as another type are another job
        limit = self._jobs.settings.max_upload
        length = self._request.header(b"content-length")
        size = int(length) if length.isdigit() else 0
        if size > limit:
            raise HTTPError(413, "upload-large", limit=limit)
        path = await asyncio.to_thread(self._jobs.files.begin, self._id, suffix, size)
        waiting, received = bytearray(), 0
        with on_disk(), path.open("wb") as file:
            async for part in self._request.parts():
                received += len(part)
                if received > limit:
                    raise HTTPError(413, "upload-large", limit=limit)
                waiting += part
                if len(waiting) >= _WRITE_SIZE:
                    piece, waiting = bytes(waiting), bytearray()
                    await asyncio.to_thread(self._write, file, piece)
            await asyncio.to_thread(self._write, file, bytes(waiting), end=True)
        return {"source": path.name, "form": self._asked.form(suffix)}

    def _from_json(self) -> dict[str, Any]:
        """Take a file below the data folder, or rows, which are kept as a file."""
        rows = self._asked.rows
        if rows is None:
            return self._below_data(self._asked.path)
        path = self._jobs.files.begin(self._id, ".ndjson", 0)
        lines = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        with on_disk(), path.open("wb") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        form = self._asked.form(".ndjson")
        return {"source": path.name, "form": form, "rows_total": len(rows)}

    def _below_data(self, path: str) -> dict[str, Any]:
        folder = self._jobs.settings.data_dir
        if folder is None:
            raise HTTPError(422, "job-no-data-dir")
        file = find_inside(folder, path)
        suffix = suffix_of("", file.name)
        with on_disk():
            self._jobs.files.begin(self._id, suffix, 0)  # where the answers will be
        form = self._asked.form(suffix)
        return {"source": path, "sent": False, "stamp": stamp_of(file), "form": form}

    def _is_small(self, source: dict[str, Any]) -> bool:
        folder = self._jobs.files.folder(self._id)
        return "sent" not in source and (folder / str(source["source"])).stat().st_size <= _SMALL

    def _write(self, file: Any, data: bytes, *, end: bool = False) -> None:
        self._digest.update(data)
        file.write(data)
        if end:
            file.flush()
            os.fsync(file.fileno())

    def _store(self, source: dict[str, Any]) -> Job:
        jobs, asked, loaded = self._jobs, self._asked, self._loaded
        jobs.files.sync(self._id)
        try:
            job = Job(
                id=self._id,
                home=jobs.files.home(),
                small=self._is_small(source),
                created=time.time(),
                model=loaded.name,
                version=loaded.version,
                kept=jobs.bundles.keep(loaded),
                chunk=loaded.model.manifest.batch_rows,
                on_error=asked.on_error,
                layout=asked.layout,
                owner=self._owner,
                key=f"{self._owner}/{self._key}" if self._key else None,
                digest=self._digest.hexdigest(),
                webhook=asked.webhook,
                webhook_state="waiting" if asked.webhook else "",
                **source,
            )
            return jobs.connect().add(job)
        except HTTPError:
            raise
        except (MulleError, OSError) as error:
            if is_full_disk(error):
                raise HTTPError(507, "disk-full") from error
            reason = error.code if isinstance(error, MulleError) else str(error.strerror)
            raise HTTPError(503, "jobs-closed", reason=reason) from error
