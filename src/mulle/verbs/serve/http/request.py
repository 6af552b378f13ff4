"""One HTTP request as a handler sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from mulle.verbs.serve.http.errors import HTTPError
from mulle.verbs.serve.http.limits import BodyBudget

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_PLAIN = {"application/json", ""}


class Request:
    """Method, path, headers, query and body. Slow senders are the connection's business.

    Attributes:
        scope: as ASGI gives it.
        params: what the route's `{names}` matched.
        held: bytes of its body that the budget for bodies counts; given back when it is answered.
        state: what guards and handlers note for one another (the key's owner, the model chosen).
    """

    __slots__ = (
        "_budget",
        "_headers",
        "_max_body",
        "_query",
        "_receive",
        "held",
        "params",
        "scope",
        "state",
    )  # fmt: skip

    def __init__(self, scope: Message, receive: Receive, max_body: int, budget: BodyBudget) -> None:
        self.scope = scope
        self.params: dict[str, str] = {}
        self.state: dict[str, Any] = {}
        self._receive, self._max_body, self._budget = receive, max_body, budget
        self.held = 0
        self._query: dict[str, str] | None = None
        self._headers: dict[bytes, bytes] | None = None

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
        if not self.scope["query_string"]:
            return False
        return self.query.get(name, "no").lower() in {"", "1", "true", "yes"}

    def header(self, name: bytes) -> str:
        """The value of a header named in small letters, of two the last; "" if there is none."""
        if self._headers is None:
            self._headers = dict(self.scope["headers"])
        value = self._headers.get(name)
        return value.decode("latin-1") if value else ""

    @property
    def media_type(self) -> str:
        """Of the body, in small letters, without parameters; "" if it is not said."""
        given = self.header(b"content-type")
        return given if given in _PLAIN else given.partition(";")[0].strip().lower()

    @property
    def client(self) -> str:
        """The address that the request came from."""
        client = self.scope.get("client")
        return client[0] if client else ""

    async def body(self) -> bytes:
        """All of the body.

        Raises:
            HTTPError: it is too large, or the client has gone.
        """
        length = self.header(b"content-length")
        if len(length) > 5 and int(length) > self._max_body:  # digits, as the parser saw to
            raise self._too_large()
        message = await self._receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            body = await self._rest(body)
        elif message["type"] == "http.disconnect":
            raise HTTPError(499, "client-gone")
        if len(body) > self._max_body:
            raise self._too_large()
        return body

    def put_back(self, body: bytes) -> None:
        """Let a body that was read be read again, by those who come after."""

        async def again() -> Message:
            return {"type": "http.request", "body": body}

        self._receive = again

    async def _rest(self, begun: bytes) -> bytes:
        parts, size = [begun], len(begun)
        async for part in self.parts():
            self._budget.take(len(part))
            self.held += len(part)
            parts.append(part)
            size += len(part)
            if size > self._max_body:
                raise self._too_large()
        return b"".join(parts)

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes, for what is larger than `max_body` allows.

        Raises:
            HTTPError: the client has gone.
        """
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise HTTPError(499, "client-gone")
            more = message.get("more_body", False)
            if part := message.get("body", b""):
                yield part

    def _too_large(self) -> HTTPError:
        return HTTPError(413, "body-large", limit=self._max_body)
