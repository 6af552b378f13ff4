"""One HTTP request as a handler sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from mulle.serve.http.refusals import Refused

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Request:
    """Method, path, headers, query and body. Slow senders are the connection's business.

    Attributes:
        scope: as ASGI gives it.
        params: what the route's `{names}` matched.
        state: what guards and handlers note for one another (the key's owner, the model chosen).
    """

    __slots__ = ("_max_body", "_query", "_receive", "params", "scope", "state")

    def __init__(
        self, scope: Message, receive: Receive, params: dict[str, str], max_body: int
    ) -> None:
        self.scope, self.params = scope, params
        self.state: dict[str, Any] = {}
        self._receive, self._max_body = receive, max_body
        self._query: dict[str, str] | None = None

    @property
    def method(self) -> str:
        """In capitals."""
        method: str = self.scope["method"]
        return method

    @property
    def path(self) -> str:
        """Decoded, without the query."""
        path: str = self.scope["path"]
        return path

    @property
    def query(self) -> dict[str, str]:
        """The query's names and values; of a name given twice, the last."""
        if self._query is None:
            text = self.scope["query_string"].decode("latin-1")
            self._query = dict(parse_qsl(text, keep_blank_values=True)) if text else {}
        return self._query

    def flag(self, name: str) -> bool:
        """Whether the query says yes: `?why`, `?why=1`, `?why=true`."""
        return self.query.get(name, "no").lower() in {"", "1", "true", "yes"}

    def header(self, name: str) -> str:
        """A header's value; "" if it is not there. The name is in small letters."""
        wanted = name.encode()
        for key, value in self.scope["headers"]:
            if key == wanted:
                found: str = value.decode("latin-1")
                return found
        return ""

    @property
    def media_type(self) -> str:
        """Of the body, in small letters, without parameters; "" if it is not said."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def client(self) -> str:
        """The address that the request came from."""
        client = self.scope.get("client")
        return client[0] if client else ""

    async def body(self) -> bytes:
        """All of the body.

        Raises:
            Refused: it is too large, or the client has gone.
        """
        length = self.header("content-length")
        if length.isdigit() and int(length) > self._max_body:
            raise self._too_large()
        message = await self._next()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            parts, size = [body], len(body)
            async for part in self.parts():
                parts.append(part)
                size += len(part)
                if size > self._max_body:
                    raise self._too_large()
            body = b"".join(parts)
        if len(body) > self._max_body:
            raise self._too_large()
        return body

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes, for what is larger than `max_body` allows.

        Raises:
            Refused: the client has gone.
        """
        more = True
        while more:
            message = await self._next()
            more = message.get("more_body", False)
            if part := message.get("body", b""):
                yield part

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise Refused(499, "client-gone")
        return message

    def _too_large(self) -> Refused:
        return Refused(413, "body-large", limit=self._max_body)
