"""Uploads of models: streamed to disk, checked, and only then given their name.

    PUT /models/{model}    the bytes of a .mulle file; needs the scope admin

It is there only where `allow_upload` in `[security]` names a folder that is served. A model that is
put there answers as soon as the server has looked again; what cannot be loaded changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from mulle.bundle import load
from mulle.errors import BundleError
from mulle.files import replacing
from mulle.verbs.serve.http import HTTPError, Request, Response, Route, json_response
from mulle.verbs.serve.http.operation import JSON, OCTETS, Operation
from mulle.verbs.serve.settings import Settings

_NAME = re.compile(r"\w[\w.-]{0,99}")


def routes(settings: Settings) -> Iterator[Route]:
    """Yield the resource above."""
    folder = settings.allow_upload
    free = asyncio.Semaphore(1)  # one upload at a time is written and checked

    async def put(request: Request) -> Response:
        path = _path(folder, request.params["model"])
        length = request.header(b"content-length")
        if length.isdigit() and int(length) > settings.max_model:
            raise HTTPError(413, "model-large", limit=settings.max_model)
        async with free:
            size = await _take(request, path, settings.max_model)
        return json_response({"model": path.stem, "bytes": size}, 201)

    described = Operation("upload", "keys", {OCTETS: "bytes"}, {JSON: "anything"}, status="2XX")
    yield Route("PUT", "/models/{model}", put, "admin", operation=described)


async def _take(request: Request, path: Path, limit: int) -> int:
    """Stream a model to disk, check it and rename it; return its size in bytes."""
    stack, size = contextlib.ExitStack(), 0
    file = await asyncio.to_thread(stack.enter_context, replacing(path))
    try:
        async for part in request.parts():
            size += len(part)
            if size > limit:
                raise HTTPError(413, "model-large", limit=limit)
            file.write(part)
        file.flush()
        await asyncio.to_thread(load, Path(file.name))
    except BundleError as error:
        _undo(stack, error)
        raise HTTPError(422, "model-garbage", reason=error.code) from None
    except BaseException as error:
        _undo(stack, error)
        raise
    await asyncio.to_thread(stack.close)
    return size


def _undo(stack: contextlib.ExitStack, error: BaseException) -> None:
    with contextlib.suppress(type(error)):
        stack.__exit__(type(error), error, error.__traceback__)


def _path(folder: Path | None, name: str) -> Path:
    """Return the path of a model, which stands in the folder whatever its name is."""
    if not _NAME.fullmatch(name) or ".." in name or PureWindowsPath(name).is_reserved():
        raise HTTPError(422, "upload-name", name=name[:100])
    return Path(folder or ".") / f"{name}.mulle"
