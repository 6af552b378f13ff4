"""Uploads of models: streamed to disk, checked, asked, and only then given their name.

    PUT /models/{model}            the bytes of a .mulle file; needs the scope admin
    PUT /models/{model}?replace    the same, where another model stands in its place

It is there only where `allow_upload` in `[security]` names a folder that is served. A model that is
put there answers as soon as the server has looked again, and the file that it replaces is kept for
`mulle rollback`; what cannot be loaded, or is another model than the one in its place, changes
nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from mulle.bundle import accept, check_place, hold_place, is_challenger, load_bytes, put
from mulle.errors import BundleError, RunError, UsageError
from mulle.files import is_full_disk
from mulle.verbs.serve.http import HTTPError, Request, Response, Route, json_response
from mulle.verbs.serve.http.operation import JSON, OCTETS, Operation
from mulle.verbs.serve.models.sources import SUFFIX, version_of
from mulle.verbs.serve.settings import Settings

_NAME = re.compile(r"\w[\w.-]{0,99}")
_PART = 1 << 20  # bytes that a thread writes at once


def routes(settings: Settings) -> Iterator[Route]:
    """Yield the resource above."""
    folder = settings.allow_upload
    free = asyncio.Semaphore(1)  # one upload at a time is written and checked

    async def upload(request: Request) -> Response:
        path = _path(folder, request.params["model"])
        length = request.header(b"content-length")
        if length.isdigit() and int(length) > settings.max_model:
            raise HTTPError(413, "model-large", limit=settings.max_model)
        async with free:
            try:
                data = await _receive(request, settings.max_model)
                await asyncio.to_thread(_place, path, data, replace=request.flag("replace"))
            except (RunError, OSError) as error:
                if is_full_disk(error):
                    raise HTTPError(507, "disk-full") from error
                raise
        version = version_of(hashlib.sha256(data).hexdigest())
        return json_response({"model": path.stem, "bytes": len(data), "version": version}, 201)

    described = Operation(
        "upload", "keys", {OCTETS: "bytes"}, {JSON: "anything"}, ("replace",), status="2XX"
    )
    yield Route("PUT", "/models/{model}", upload, "admin", operation=described)


async def _receive(request: Request, limit: int) -> bytes:
    """Return the bytes of a model; while they come, they wait on disk.

    Raises:
        HTTPError: there are too many (413), or the client has gone.
    """
    size, waiting = 0, bytearray()
    with tempfile.TemporaryFile() as file:
        async for part in request.parts():
            size += len(part)
            if size > limit:
                raise HTTPError(413, "model-large", limit=limit)
            waiting += part
            if len(waiting) >= _PART:
                await asyncio.to_thread(file.write, bytes(waiting))
                waiting.clear()
        file.write(waiting)
        file.seek(0)
        return await asyncio.to_thread(file.read)


def _place(path: Path, data: bytes, *, replace: bool) -> None:
    """Check a model, and put the very bytes that were checked in their place.

    Raises:
        HTTPError: they are no model (422), or another one stands there (409).
        RunError: they cannot be written, or another program moves what stands there for long.
    """
    try:
        manifest = load_bytes(data).manifest
    except BundleError as error:
        raise HTTPError(422, "model-garbage", reason=error.code) from None
    with hold_place(path):
        try:
            check_place(path, manifest)
        except UsageError as error:
            if path.is_dir() or not replace:
                raise HTTPError(409, error.code, **error.values) from None
            accept(path, data)
        put(path, data)


def _path(folder: Path | None, name: str) -> Path:
    """Return the path of a model, which stands in the folder whatever its name is."""
    stem = name.removesuffix(SUFFIX)
    path = Path(folder or ".") / f"{stem}{SUFFIX}"
    if (
        not _NAME.fullmatch(stem)
        or ".." in stem
        or PureWindowsPath(stem).is_reserved()
        or is_challenger(path)
    ):
        raise HTTPError(422, "upload-name", name=name[:100])
    return path
