"""One HTTP request as a handler sees it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from mulle.i18n import Lang
from mulle.verbs.serve.http.errors import HTTPError
from mulle.verbs.serve.http.language import negotiate_language
from mulle.verbs.serve.http.limits import BodyBudget

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_NO_PARAMETERS = {"application/json", ""}


class Request:
    """Method, path, headers, query and body of a request.

    Slow senders are the business of the connection, see `Connection`.

    Args:
        scope: the ASGI scope.
        receive: the ASGI channel that the body comes by.
        max_body: largest body in bytes.
        budget: bytes of bodies that the process may hold.
        lang: language of answers where the client accepts none that is known.

    Attributes:
        scope: the ASGI scope.
        params: what the `{names}` of the route matched.
        held: bytes of the body that count against the budget; given back after the answer.
        state: notes of guards and handlers for one another (the key, the model chosen).
        since: when the work began, by the monotonic clock: once the body has come; None while it
            is waited for.
    """

    __slots__ = (
        "_budget", "_default_lang", "_headers", "_max_body", "_query", "_receive", "held", "params",
        "scope", "since", "state",
    )  # fmt: skip

    def __init__(
        self, scope: Message, receive: Receive, max_body: int, budget: BodyBudget, lang: Lang
    ) -> None:
        self.scope = scope
        self.params: dict[str, str] = {}
        self.state: dict[str, Any] = {}
        self._receive, self._max_body, self._budget = receive, max_body, budget
        self._default_lang = lang
        self.held = 0
        self.since: float | None = None
        self._query: dict[str, str] | None = None
        self._headers: dict[bytes, bytes] | None = None

    @property
    def method(self) -> str:
        """HTTP method, upper case."""
        method: str = self.scope["method"]
        return method

    @property
    def path(self) -> str:
        """Decoded path, without the query."""
        path: str = self.scope["path"]
        return path

    @property
    def query(self) -> dict[str, str]:
        """Names and values of the query; the last value of a repeated name."""
        if self._query is None:
            text = self.scope["query_string"].decode("latin-1")
            self._query = dict(parse_qsl(text, keep_blank_values=True)) if text else {}
        return self._query

    def flag(self, name: str) -> bool:
        """Return whether the query switches `name` on: `?why`, `?why=1`, `?why=true`."""
        if not self.scope["query_string"]:
            return False
        return self.query.get(name, "no").lower() in {"", "1", "true", "yes"}

    def header(self, name: bytes) -> str:
        """Return the value of a header, the last if repeated; "" if there is none.

        Args:
            name: lower case.
        """
        if self._headers is None:
            self._headers = dict(self.scope["headers"])
        value = self._headers.get(name)
        return value.decode("latin-1") if value else ""

    @property
    def lang(self) -> Lang:
        """Language of the answer: `?lang=`, else Accept-Language, else the server's."""
        asked = self.query.get("lang") or self.header(b"accept-language")
        return negotiate_language(asked, self._default_lang)

    @property
    def media_type(self) -> str:
        """Media type of the body, lower case, without parameters; "" if there is none."""
        given = self.header(b"content-type")
        return given if given in _NO_PARAMETERS else given.partition(";")[0].strip().lower()

    @property
    def client(self) -> str:
        """IP address of the client; "" if it is not known."""
        client = self.scope.get("client")
        return client[0] if client else ""

    async def body(self) -> bytes:
        """Return the whole body.

        Raises:
            HTTPError: the body is too large, or the client has gone.
        """
        self.since = None
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
        self.since = time.monotonic()
        return body

    def put_back(self, body: bytes) -> None:
        """Let `body` be read again by the next caller of `body`."""

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
        """Yield the body as it comes, however large it is.

        Raises:
            HTTPError: the client has gone.
        """
        more = True
        while more:
            self.since = None
            message = await self._receive()
            self.since = time.monotonic()
            if message["type"] == "http.disconnect":
                raise HTTPError(499, "client-gone")
            more = message.get("more_body", False)
            if part := message.get("body", b""):
                yield part

    def _too_large(self) -> HTTPError:
        return HTTPError(413, "body-large", limit=self._max_body)
