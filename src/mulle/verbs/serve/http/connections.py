"""The connections of one process: how many, of which address, and how slow a client may be."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import TYPE_CHECKING

from mulle.i18n import Lang
from mulle.verbs.serve.http.errors import RETRY, HTTPError
from mulle.verbs.serve.http.proxies import NO_PROXIES, TrustedProxies

if TYPE_CHECKING:
    from mulle.verbs.serve.http.connection import Connection

KEEP_ALIVE = 75.0  # seconds between two requests
LIVE_RATE = 500.0  # bytes a second of a body that is answered while it comes
_LOOK = 1.0  # seconds between two looks at all connections
_SPARE = 64  # descriptors that the process needs for other things
_IDLE, _HEAD, _BODY, _, _REST = range(5)


class ConnectionLimiter:
    """The connections of one process; each worker process has its own.

    Args:
        max_connections: number of connections.
        max_per_address: number of connections of one address.
        read_timeout: seconds, see `Settings`.
        lang: language of errors for clients whose request cannot be read.
        body_rate: bytes that a client must send in a second of each `read_timeout` of a body.
        proxies: proxies that connect for many clients; they are not counted as one.

    Attributes:
        lang: see above.
        now: time of the event loop at the last look, or at the first connection after a pause.
    """

    def __init__(
        self,
        max_connections: int,
        max_per_address: int,
        read_timeout: float,
        lang: Lang = "en",
        *,
        body_rate: float = 8 << 10,
        proxies: TrustedProxies = NO_PROXIES,
    ) -> None:
        self.lang, self.now = lang, 0.0
        self._body_rate, self._proxies = body_rate, proxies
        self._max, self._max_per_address = max_connections, max_per_address
        self._timeout = read_timeout + _LOOK  # `now` may be that old; nobody is cut too early
        self._inside: set[Connection] = set()
        self._of: Counter[str] = Counter()
        self._looking = False

    def enter(self, connection: Connection) -> bool:
        """Let a connection in; return False where all places are taken by connections in use."""
        if not self._looking:
            self._begin()
        connection.since = connection.heard = self.now
        address = peer_of(connection)
        if self._proxies.trusts(address):
            address = ""  # until it says whose request it passes on
        if not self._has_room(address) and not self._make_room(address):
            return False
        if len(self._inside) >= self._max and not self._make_room():
            return False
        self._inside.add(connection)
        self._count(connection, address)
        return True

    def leave(self, connection: Connection) -> None:
        """Free the place of a connection."""
        if connection not in self._inside:
            return
        self._inside.discard(connection)
        self._count(connection, "")

    def forward(self, connection: Connection) -> None:
        """Count a connection of a trusted proxy for the client whose request it passes on.

        Raises:
            HTTPError: the client has all connections that one address may have (503).
        """
        peer = peer_of(connection)
        if not self._proxies.trusts(peer):
            return
        client = self._proxies.client_of(peer, connection.headers)
        client = "" if client == peer else client
        if client != connection.address and not self._has_room(client):
            raise HTTPError(503, "connections-many", RETRY)
        self._count(connection, client)

    def rest(self, connection: Connection) -> None:
        """Note that a connection is idle: one of a trusted proxy stands for nobody then."""
        if self._proxies.trusts(peer_of(connection)):
            self._count(connection, "")

    def _count(self, connection: Connection, address: str) -> None:
        """Count a connection for an address, "" for none."""
        before, connection.address = connection.address, address
        if before:
            self._of[before] -= 1
            if not self._of[before]:
                del self._of[before]
        if address:
            self._of[address] += 1

    def _has_room(self, address: str) -> bool:
        return not address or self._of[address] < self._max_per_address

    def _make_room(self, address: str = "") -> bool:
        """Close the connection that was idle longest, of an address if one is given."""
        idle = [
            c
            for c in self._inside
            if c.phase == _IDLE
            and not c.transport.is_closing()
            and (not address or c.address == address)
        ]
        if not idle:
            return False
        longest = min(idle, key=lambda c: c.since)
        longest.transport.close()
        self.leave(longest)
        return True

    def _begin(self) -> None:
        self._looking = True
        self._max = min(self._max, _descriptors())
        loop = asyncio.get_running_loop()
        self.now = loop.time()
        loop.call_later(_LOOK, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        held_up = now - self.now > 2 * _LOOK  # the loop was; what clients sent is not read yet
        self.now = now
        if not held_up:
            for connection in tuple(self._inside):
                self._check(connection, now)
        self._looking = bool(self._inside)
        if self._looking:
            loop.call_later(_LOOK, self._look, loop)

    def _check(self, one: Connection, now: float) -> None:
        unsent = one.transport.get_write_buffer_size()
        if unsent != one.unsent or one.flow.read_paused:  # the client reads, or waits for us
            one.unsent, one.since, one.heard = unsent, now, now
        elif unsent and now - one.heard > self._timeout:
            one.abort()  # the client does not take its answer
        elif not unsent:
            self._check_sending(one, now)

    def _check_sending(self, one: Connection, now: float) -> None:
        spent, silent = now - one.since, now - one.heard
        late = spent > self._timeout
        rate = self._body_rate
        if one.cycle is not None and one.cycle.response_started:
            rate = min(rate, LIVE_RATE)  # rows that come as they happen, each answered
        dripping = silent > self._timeout or (late and one.came < rate * spent)
        if late and one.phase == _BODY and not dripping:
            one.since, one.came, one.raw = now, 0, 0  # the rate holds for each stretch of a body
        if (one.phase == _HEAD and late) or (one.phase == _BODY and dripping):
            one.refuse(HTTPError(408, "request-slow"))
        elif (one.phase == _REST and late) or (one.phase == _IDLE and spent > self._patience(one)):
            one.transport.close()

    def _patience(self, one: Connection) -> float:
        return KEEP_ALIVE if one.asked else self._timeout


def peer_of(connection: Connection) -> str:
    """Return the address that a connection comes from."""
    return connection.client[0] if connection.client else ""


def _descriptors() -> int:
    """Return how many connections the system's limit of open files leaves room for."""
    if sys.platform == "win32":
        return 1 << 20
    import resource

    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max(1, soft - _SPARE) if soft != resource.RLIM_INFINITY else 1 << 20
