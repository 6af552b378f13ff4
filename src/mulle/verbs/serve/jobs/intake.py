"""Taking a job in: its rows are on the disk and it is in the book before it is called accepted."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from typing import TYPE_CHECKING, Any

import msgspec

from mulle.errors import MulleError
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.jobs.files import full_disk, inside, is_of_disk, stamp
from mulle.verbs.serve.jobs.job import Job, new_id
from mulle.verbs.serve.jobs.order import Order, suffix_of
from mulle.verbs.serve.jobs.webhook import may_be_called

if TYPE_CHECKING:
    from pathlib import Path

    from mulle.verbs.serve.jobs.desk import Desk
    from mulle.verbs.serve.models import LoadedModel

_PIECE = 1 << 20  # bytes that are gathered before they are written
_SMALL = 1 << 20  # bytes of a file that may overtake larger ones
_LONGEST_KEY = 255


def owner_of(request: Request) -> str | None:
    """Whose jobs a request may see: None for everybody's, for an admin or where there are no keys.

    A key sees the jobs that were handed in with it, and of others not even whether they are there.
    """
    key = request.state.get("key")
    return None if key is None or "admin" in key.scopes else str(key.name)


class Intake:
    """One request that hands in a job.

    Args:
        desk: that takes it.
        loaded: who is to answer.
    """

    def __init__(self, desk: Desk, request: Request, order: Order, loaded: LoadedModel) -> None:
        self._desk, self._request, self._order, self._loaded = desk, request, order, loaded
        self._digest = hashlib.sha256(request.scope["query_string"])
        self._id = new_id()
        self._key = request.header(b"idempotency-key")
        self._owner = getattr(request.state.get("key"), "name", "")
        if len(self._key) > _LONGEST_KEY:
            raise HTTPError(422, "job-order", reason="Idempotency-Key")

    async def accept(self, body: bytes | None) -> Job:
        """The job, accepted: a kill of everything loses it no more.

        Args:
            body: the JSON of the order; None if the file itself is what comes.

        Raises:
            HTTPError: the order cannot be carried out, or there is no room for it.
        """
        private = self._desk.settings.allow_private_webhooks
        address = self._order.webhook
        if address and not await asyncio.to_thread(may_be_called, address, private=private):
            raise HTTPError(422, "job-webhook", url=address[:200])
        await asyncio.to_thread(self._desk.book)  # before much is sent for nothing
        try:
            if body is None:
                source = await self._upload()
            else:
                self._digest.update(body)
                source = await asyncio.to_thread(self._given)
            job = await asyncio.to_thread(self._keep, source)
        except BaseException:
            await asyncio.to_thread(self._desk.files.remove, self._id)
            raise
        if job.id != self._id:  # the same was sent before
            await asyncio.to_thread(self._desk.files.remove, self._id)
            if job.digest != self._digest.hexdigest():
                raise HTTPError(422, "job-key", name=self._key)
        self._desk.wake()
        return job

    async def _upload(self) -> dict[str, Any]:
        """Write what comes to the disk; no more than a piece of it is in memory."""
        suffix = suffix_of(self._request.media_type, self._order.name)
        limit = self._desk.settings.max_upload
        length = self._request.header(b"content-length")
        size = int(length) if length.isdigit() else 0
        if size > limit:
            raise HTTPError(413, "upload-large", limit=limit)
        path = await asyncio.to_thread(self._desk.files.begin, self._id, suffix, size)
        waiting, came = bytearray(), 0
        with full_disk(), path.open("wb") as file:
            async for part in self._request.parts():
                came += len(part)
                if came > limit:
                    raise HTTPError(413, "upload-large", limit=limit)
                waiting += part
                if len(waiting) >= _PIECE:
                    piece, waiting = bytes(waiting), bytearray()
                    await asyncio.to_thread(self._write, file, piece)
            await asyncio.to_thread(self._write, file, bytes(waiting), end=True)
        return {"source": path.name, "form": self._order.form(suffix)}

    def _given(self) -> dict[str, Any]:
        """A file below the data folder, or rows, which are kept as a file."""
        order = self._order
        if order.rows is None:
            return self._below_data(order.path)
        path = self._desk.files.begin(self._id, ".ndjson", 0)
        lines = b"".join(msgspec.json.encode(row) + b"\n" for row in order.rows)
        with full_disk(), path.open("wb") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        return {"source": path.name, "form": order.form(".ndjson"), "rows_total": len(order.rows)}

    def _below_data(self, path: str) -> dict[str, Any]:
        folder: Path | None = self._desk.settings.data_dir
        if folder is None:
            raise HTTPError(422, "job-no-data-dir")
        found = inside(folder, path)
        suffix = suffix_of("", found.name)
        with full_disk():
            self._desk.files.begin(self._id, suffix, 0)  # where the answers will be
        return {
            "source": path, "sent": False, "stamp": stamp(found), "form": self._order.form(suffix)
        }  # fmt: skip

    def _small(self, source: dict[str, Any]) -> bool:
        folder = self._desk.files.folder(self._id)
        return "sent" not in source and (folder / str(source["source"])).stat().st_size <= _SMALL

    def _write(self, file: Any, data: bytes, *, end: bool = False) -> None:
        self._digest.update(data)
        file.write(data)
        if end:
            file.flush()
            os.fsync(file.fileno())

    def _keep(self, source: dict[str, Any]) -> Job:
        desk, order, loaded = self._desk, self._order, self._loaded
        desk.files.settle(self._id)
        try:
            job = Job(
                id=self._id,
                home=desk.files.home(),
                small=self._small(source),
                created=time.time(),
                model=loaded.name,
                version=loaded.version,
                kept=desk.bundles.keep(loaded),
                chunk=loaded.model.manifest.batch_rows,
                on_error=order.on_error,
                owner=self._owner,
                key=f"{self._owner}/{self._key}" if self._key else None,
                digest=self._digest.hexdigest(),
                webhook=order.webhook,
                webhook_state="waiting" if order.webhook else "",
                **source,
            )
            return desk.book().add(job)
        except HTTPError:
            raise
        except (MulleError, OSError) as error:
            if is_of_disk(error):
                raise HTTPError(507, "disk-full") from error
            reason = getattr(error, "code", "disk")
            raise HTTPError(503, "jobs-closed", reason=reason) from error
