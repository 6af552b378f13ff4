"""The connections of one process: how many, of which address, and how slow a client may be."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from typing import TYPE_CHECKING

from mulle.i18n import Lang
from mulle.verbs.serve.http.errors import HTTPError

if TYPE_CHECKING:
    from mulle.verbs.serve.http.connection import Connection

KEEP_ALIVE = 75.0  # seconds between two requests
SLOWEST = 500.0  # bytes of a body a second, after the first seconds
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

    Attributes:
        lang: see above.
        now: time of the event loop at the last look, or at the first connection after a pause.
    """

    def __init__(
        self, max_connections: int, max_per_address: int, read_timeout: float, lang: Lang = "en"
    ) -> None:
        self.lang, self.now = lang, 0.0
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
        address = _address(connection)
        if self._of[address] >= self._max_per_address:
            return False
        if len(self._inside) >= self._max and not self._make_room():
            return False
        self._inside.add(connection)
        self._of[address] += 1
        return True

    def leave(self, connection: Connection) -> None:
        """Free the place of a connection."""
        if connection not in self._inside:
            return
        self._inside.discard(connection)
        address = _address(connection)
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]

    def _make_room(self) -> bool:
        idle = [c for c in self._inside if c.phase == _IDLE and not c.transport.is_closing()]
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
            one.transport.abort()  # the client does not take its answer
        elif not unsent:
            self._check_sending(one, now - one.since, now - one.heard)

    def _check_sending(self, one: Connection, spent: float, silent: float) -> None:
        late = spent > self._timeout
        dripping = silent > self._timeout or (late and one.came < SLOWEST * spent)
        if (one.phase == _HEAD and late) or (one.phase == _BODY and dripping):
            one.refuse(HTTPError(408, "request-slow"))
        elif (one.phase == _REST and late) or (one.phase == _IDLE and spent > self._patience(one)):
            one.transport.close()

    def _patience(self, one: Connection) -> float:
        return KEEP_ALIVE if one.asked else self._timeout


def _address(connection: Connection) -> str:
    return connection.client[0] if connection.client else ""


def _descriptors() -> int:
    """Return how many connections the system's limit of open files leaves room for."""
    if sys.platform == "win32":
        return 1 << 20
    import resource

    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max(1, soft - _SPARE) if soft != resource.RLIM_INFINITY else 1 << 20
