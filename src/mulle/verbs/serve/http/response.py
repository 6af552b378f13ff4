"""The answers of handlers: whole, or streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

_JSON = b"application/json"
_encode = msgspec.json.Encoder().encode


class Response:
    """A whole answer.

    Args:
        body: bytes of the body.
        status: HTTP status.
        media_type: media type of the body.
        headers: further headers, their names in lower case.
    """

    __slots__ = ("body", "headers", "media_type", "status")

    def __init__(
        self,
        body: bytes = b"",
        status: int = 200,
        media_type: bytes = _JSON,
        headers: Headers = (),
    ) -> None:
        self.body, self.status, self.media_type, self.headers = body, status, media_type, headers

    async def send(self, send: Send, headers: Headers) -> None:
        """Send the answer; `headers` are those that every answer has."""
        start = [
            (b"content-type", self.media_type),
            (b"content-length", b"%d" % len(self.body)),
            *headers,
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": start})
        await send({"type": "http.response.body", "body": self.body})


class Stream:
    """An answer that is sent while it is made.

    Args:
        parts: parts of the body.
        status: HTTP status.
        media_type: media type of the body.
        headers: further headers, their names in lower case.
    """

    __slots__ = ("headers", "media_type", "parts", "status")

    def __init__(
        self,
        parts: AsyncIterator[bytes],
        status: int = 200,
        media_type: bytes = b"application/x-ndjson",
        headers: Headers = (),
    ) -> None:
        self.parts, self.status, self.media_type, self.headers = parts, status, media_type, headers

    async def send(self, send: Send, headers: Headers) -> None:
        """Send part after part; `headers` are those that every answer has."""
        start = [(b"content-type", self.media_type), *headers, *self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": start})
        async for part in self.parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def json_response(value: Any, status: int = 200, headers: Headers = ()) -> Response:
    """Return a value as JSON; NaN and infinities become null."""
    return Response(_encode(value), status, _JSON, headers)
