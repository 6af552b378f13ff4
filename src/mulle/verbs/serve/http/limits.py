"""The limits of what one request may send; every protocol asks here, so that none can differ."""

from __future__ import annotations

from mulle.verbs.serve.http.errors import HTTPError


class BodyBudget:
    """Bytes of bodies that one process may hold at once, so that its memory has an end.

    Args:
        limit: number of bytes.

    >>> budget = BodyBudget(10)
    >>> budget.take(8); budget.give_back(8); budget.take(9)
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.held = limit, 0

    def take(self, count: int) -> None:
        """Reserve some bytes.

        Raises:
            HTTPError: the budget is used up for the moment (503).
        """
        if self.held + count > self.limit:
            raise HTTPError(503, "memory-full", ((b"retry-after", b"1"),))
        self.held += count

    def give_back(self, count: int) -> None:
        """Give some bytes back."""
        self.held -= count
