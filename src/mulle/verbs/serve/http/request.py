"""One HTTP request as a handler sees it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from mulle.i18n import Lang
from mulle.verbs.serve.http.encoding import decoder_of
from mulle.verbs.serve.http.errors import HTTPError
from mulle.verbs.serve.http.language import negotiate_language
from mulle.verbs.serve.http.limits import BodyBudget
from mulle.verbs.serve.http.proxies import NO_PROXIES, TrustedProxies

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

CREDENTIALS = (b"authorization", b"x-api-key")
_NO_PARAMETERS = {"application/json", ""}


def check_credentials(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Refuse two headers of one kind that say who asks: a proxy before may have checked the other.

    Args:
        headers: names, lower case, with their values.

    Raises:
        HTTPError: there are two (400).
    """
    names = [name for name, _ in headers]
    for name in CREDENTIALS:
        if names.count(name) > 1:
            raise HTTPError(400, "header-twice", name=name.decode())


class Request:
    """Method, path, headers, query and body of a request.

    Slow senders are the business of the connection, see `Connection`.

    Args:
        scope: the ASGI scope.
        receive: the ASGI channel that the body comes by.
        max_body: largest body in bytes.
        budget: bytes of bodies that the process may hold.
        lang: language of answers where the client accepts none that is known.
        proxies: proxies whose word on their clients is believed.

    Attributes:
        scope: the ASGI scope.
        params: what the `{names}` of the route matched.
        held: bytes of the body that count against the budget; given back after the answer.
        state: notes of guards and handlers for one another (the key, the model chosen).
        since: when the work began, by the monotonic clock: once the body has come; None while it
            is waited for.
    """

    __slots__ = (
        "_budget", "_default_lang", "_headers", "_max_body", "_proxies", "_query", "_receive",
        "held", "params", "scope", "since", "state",
    )  # fmt: skip

    def __init__(
        self, scope: Message, receive: Receive, max_body: int, budget: BodyBudget, lang: Lang,
        proxies: TrustedProxies = NO_PROXIES,
    ) -> None:  # fmt: skip
        self.scope = scope
        self.params: dict[str, str] = {}
        self.state: dict[str, Any] = {}
        self._receive, self._max_body, self._budget = receive, max_body, budget
        self._default_lang, self._proxies = lang, proxies
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
    def charset(self) -> str:
        """Charset that the media type of the body names, lower case; "" if it names none."""
        for part in self.header(b"content-type").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip('"').lower()
        return ""

    @property
    def client(self) -> str:
        """IP address of the client; "" if it is not known. A trusted proxy is asked for its own."""
        peer = self.scope.get("client")
        address: str = peer[0] if peer else ""
        return self._proxies.client_of(address, self.scope["headers"])

    @property
    def host(self) -> str:
        """Name and port that the client asked for; "" if it gave none."""
        forwarded = self.header(b"x-forwarded-host") if self._is_forwarded() else ""
        return forwarded or self.header(b"host")

    @property
    def scheme(self) -> str:
        """Scheme that the client asked by: `http`, or `https` where a trusted proxy says so."""
        forwarded = self._is_forwarded() and self.header(b"x-forwarded-proto") == "https"
        return "https" if forwarded else "http"

    def _is_forwarded(self) -> bool:
        peer = self.scope.get("client")
        return peer is not None and self._proxies.trusts(peer[0])

    async def body(self) -> bytes:
        """Return the whole body.

        Raises:
            HTTPError: the body is too large, or the client has gone.
        """
        self.since = None
        length = self.header(b"content-length")
        if len(length) > 5 and int(length) > self._max_body:  # digits, as the parser saw to
            raise self._too_large()
        if self.header(b"content-encoding"):
            whole = await self._rest(b"")
            self.since = time.monotonic()
            return whole
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
        headers = self.scope["headers"]  # it is inflated by now
        self.scope["headers"] = [one for one in headers if one[0] != b"content-encoding"]
        self._headers = None

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
        """Yield the body as it comes, inflated, however large it is.

        Raises:
            HTTPError: the client has gone, or the body is compressed in another way than its
                header says (400) or than is read here (415).
        """
        decoder = decoder_of(self.header(b"content-encoding"))
        if decoder is None:
            async for part in self._sent():
                yield part
            return
        async for part in self._sent():
            for piece in decoder.inflate(part):
                yield piece
            await asyncio.sleep(0)  # a small part may have become many pieces
        decoder.end()

    async def _sent(self) -> AsyncIterator[bytes]:
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
