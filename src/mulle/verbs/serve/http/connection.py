"""The connection of one client: what arrives too slowly, too large or broken ends here.

The limiter looks at all connections once a second; no request has a timer of its own, and what the
hot path pays is a few assignments. Phases of a connection, and what each may take:

    idle    between requests                           keep-alive seconds
    head    from a request's first byte to its blank line    read_timeout
    body    until its last byte              read_timeout without any byte, and in each stretch of
                                             that length at least body_rate bytes a second
    work    until its answer is sent         read_timeout without a byte that the client takes
    rest    of a body whose answer is sent   read_timeout

"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from mulle.verbs.serve.http.connections import ConnectionLimiter
from mulle.verbs.serve.http.errors import RETRY, HTTPError, to_problem, to_response
from mulle.verbs.serve.http.request import check_credentials

MAX_HEADERS = 100
MAX_HEAD = 1 << 16  # bytes of request line and headers
MAX_URL = 1 << 13  # bytes
MAX_FRAMING = 16  # bytes on the wire for each byte of a body
LINGER = 0.3  # seconds that an idle connection is kept when the server stops
IDLE, HEAD, BODY, WORK, REST = range(5)


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with limits for its client.

    It overrides and reads private names of uvicorn; `tests/verbs/serve/test_private_names.py` says
    which are gone.

    Args:
        limiter: the connections of the process.
    """

    def __init__(self, *args: Any, limiter: ConnectionLimiter, **named: Any) -> None:
        super().__init__(*args, **named)
        self.limiter = limiter
        self.phase, self.since = IDLE, 0.0  # when the phase began
        self.address = ""  # that it is counted for
        self.heard = 0.0  # when the client last sent, or took, a byte that counts
        self.came = 0  # bytes of the head, then of the body
        self.raw = 0  # bytes of the body with its framing
        self.unsent = 0  # bytes that waited to be sent at the last look
        self.asked = 0  # requests so far
        self.headers = []
        self.running: RequestResponseCycle | None = None
        self.unwanted = False  # the request asks for another protocol, and is answered in this one
        self.refused = False
        self.leaving = False  # the server stops: one more request is answered

    # called by the transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let the client in, or refuse it where all places are taken."""
        super().connection_made(transport)
        if not self.limiter.enter(self):
            self.refuse(HTTPError(503, "connections-many", RETRY))

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place of the connection."""
        self.limiter.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse data, unless the connection is being ended."""
        if self.refused:
            return
        if self.phase <= HEAD:
            self.came += len(data)
        elif self.phase == BODY:
            self.raw += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self.unwanted:
                self._stay(data[upgrade.args[0] :])
            else:
                self.limiter.leave(self)
                self.handle_websocket_upgrade()
        except httptools.HttpParserError as error:
            cause = error.__context__
            self.refuse(cause if isinstance(cause, HTTPError) else HTTPError(400, "request-broken"))
        else:
            if (self.phase == HEAD and self.came > MAX_HEAD) or len(self.headers) > MAX_HEADERS:
                self.refuse(HTTPError(431, "head-large"))
            elif self.raw > MAX_HEAD + MAX_FRAMING * self.came:
                self.refuse(HTTPError(400, "request-broken"))

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer a client that has closed its side after its request."""
        if self.phase not in (WORK, IDLE) or self.cycle is None or self.cycle.response_complete:
            self._disconnect()
            return False
        self.cycle.keep_alive = False
        return True

    def _stay(self, body: bytes) -> None:
        """Parse the request again without its wish for another protocol (h2c, as Java sends it).

        The parser takes what follows such a request for that protocol, so it would lose the body.
        """
        method, kept = self.parser.get_method(), (b"connection", b"upgrade", b"http2-settings")
        lines = [b"%s: %s\r\n" % header for header in self.headers if header[0] not in kept]
        self.parser = httptools.HttpRequestParser(self)
        self.phase = IDLE
        self.data_received(b"%s %s HTTP/1.1\r\n%s\r\n" % (method, self.url, b"".join(lines)) + body)

    # called by the parser

    def on_message_begin(self) -> None:
        """Begin a request at its first byte."""
        super().on_message_begin()
        self.phase, self.since, self.unwanted = HEAD, self.limiter.now, False

    def on_headers_complete(self) -> None:
        """Start to answer a request.

        Raises:
            HTTPError: the head of the request is too large, or it is no request of HTTP.
        """
        if self.came > MAX_HEAD and sum(map(_size, self.headers)) > MAX_HEAD:
            raise HTTPError(431, "head-large")
        if len(self.headers) > MAX_HEADERS:
            raise HTTPError(431, "head-large")
        if len(self.url) > MAX_URL:
            raise HTTPError(414, "url-long")
        if self.url[:1] != b"/" and not self.url.startswith((b"http://", b"https://")):
            raise HTTPError(400, "request-broken")  # OPTIONS *
        if self.parser.get_method() == b"CONNECT":  # what follows it would never be a request
            raise HTTPError(400, "request-broken")
        self._check_host()
        check_credentials(self.headers)
        if self.parser.should_upgrade() and not self._should_upgrade():
            self.unwanted = True
            return
        self.limiter.forward(self)
        now = self.limiter.now
        self.phase, self.since, self.heard = BODY, now, now
        self.came = self.raw = 0
        self.asked += 1
        super().on_headers_complete()
        if not self.parser.should_upgrade():
            self.headers = []  # takes the trailers, which are ignored
        if self.leaving:
            self.cycle.keep_alive = False

    def _check_host(self) -> None:
        """Refuse a request without a Host, or with several (RFC 9112, 3.2).

        Raises:
            HTTPError: see above (400).
        """
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() != "1.0"):
            raise HTTPError(400, "host-missing")

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self.heard = self.limiter.now
        self.came += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request at its last byte."""
        if self.unwanted:
            return
        super().on_message_complete()
        self.came = self.raw = 0
        cycle = self.cycle
        self.phase = IDLE if cycle is None or cycle.response_complete else WORK
        if self.phase == IDLE:
            self.limiter.rest(self)
        self.since = self.heard = self.limiter.now

    # called by uvicorn

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Go on with the next request; an idle connection needs no timer, the limiter sees it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.phase == WORK:
            self.phase, self.since = IDLE, self.limiter.now
            self.limiter.rest(self)
        elif self.phase == BODY:
            self.phase, self.since = REST, self.limiter.now

    def shutdown(self) -> None:
        """Finish what has begun; an idle client may have one on its way, and gets a moment."""
        self.leaving = True
        if self.phase in (BODY, WORK) and self.cycle is not None:
            self.cycle.keep_alive = False
        self.loop.call_later(LINGER, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self.phase == IDLE and not self.transport.is_closing():
            self.transport.close()

    # the end of a connection

    def abort(self) -> None:
        """End the connection at once, whatever is not sent yet."""
        self._disconnect()
        self.transport.abort()

    def _disconnect(self) -> None:
        """Let no handler write any more: the transport is closed some time before it says so."""
        if self.running is not None and not self.running.response_complete:
            self.running.disconnected = True
            self.running.message_event.set()

    def refuse(self, error: HTTPError) -> None:
        """Send an error and end the connection; requests that came whole are answered before."""
        if self.refused or self.transport.is_closing():
            return
        self.refused = True
        with contextlib.suppress(RuntimeError):
            self.transport.pause_reading()
        begun = [self.running, *(cycle for cycle, _ in reversed(self.pipeline))]
        open = [cycle for cycle in begun if cycle is not None and not cycle.response_complete]
        broken = open.pop() if open and open[-1].more_body else None
        if broken is not None and self.pipeline:
            self.pipeline.popleft()
        if open:
            open[-1].keep_alive = False
        elif broken is not None and broken.response_started:
            self.transport.close()
        else:
            self._send_error(error)
            self.transport.close()
        if broken is not None:
            broken.disconnected = True
            broken.message_event.set()

    def _send_error(self, error: HTTPError) -> None:
        answer = to_response(to_problem(error, self.limiter.lang))
        head = [
            STATUS_LINE[answer.status],
            *(b"%s: %s\r\n" % pair for pair in self.server_state.default_headers),
            *(b"%s: %s\r\n" % pair for pair in answer.headers),
            b"content-type: %s\r\n" % answer.media_type,
            b"content-length: %d\r\n" % len(answer.body),
            b"connection: close\r\n\r\n",
            answer.body,
        ]
        self.transport.write(b"".join(head))


def _size(header: tuple[bytes, bytes]) -> int:
    return len(header[0]) + len(header[1]) + 4
