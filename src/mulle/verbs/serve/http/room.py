"""How many bytes of bodies one process holds at once, so that memory has an end."""

from __future__ import annotations

from mulle.verbs.serve.http.refusals import Refused


class Room:
    """Bytes that may be held.

    >>> room = Room(10)
    >>> room.take(8); room.give(8); room.take(9)
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0

    def take(self, count: int) -> None:
        """Hold bytes.

        Raises:
            Refused: there is no room for them now (503).
        """
        if self.held + count > self.limit:
            raise Refused(503, "memory-full", ((b"retry-after", b"1"),))
        self.held += count

    def give(self, count: int) -> None:
        """Let go of bytes."""
        self.held -= count
