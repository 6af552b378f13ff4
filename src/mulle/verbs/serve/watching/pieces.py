"""Counted rows in stretches of time, so that a verdict is on the last hours and no older rows.

A window cannot forget single rows; so the span is cut into pieces, each a window of its own, which
are added up for a verdict and let go of as a whole when they are too old.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from mulle.errors import DataError
from mulle.verbs.watch import Reference, Window

PIECES = 24  # of the span


class Piece:
    """The rows of one stretch.

    Attributes:
        start: in seconds since 1970; its first rows came at `began`.
        answered: rows that were answered; of those, `window.rows` were counted.
    """

    __slots__ = ("answered", "began", "start", "window")

    def __init__(self, start: float, began: float, window: Window, answered: int = 0) -> None:
        self.start, self.began, self.window, self.answered = start, began, window, answered

    def to_bytes(self) -> bytes:
        """As JSON; see `from_bytes`."""
        window = msgspec.Raw(self.window.to_bytes())
        return msgspec.json.encode(_Written(self.start, self.began, self.answered, window))

    @classmethod
    def from_bytes(cls, data: bytes, reference: Reference) -> Piece:
        """What `to_bytes` wrote.

        Raises:
            DataError: it is damaged, or of another reference.
        """
        try:
            found = msgspec.json.decode(data, type=_Written)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise DataError("piece-damaged", error=error) from error
        window = Window.from_bytes(bytes(found.window), reference)
        return cls(found.start, found.began, window, found.answered)


class _Written(msgspec.Struct):
    start: float
    began: float
    answered: int
    window: msgspec.Raw


class Total:
    """Pieces added up.

    Attributes:
        window: their rows.
        answered: rows answered in the same time.
        since: when the first of them came; None without any.
    """

    def __init__(self, reference: Reference, pieces: Iterable[Piece] = ()) -> None:
        self.window, self.answered = Window(reference), 0
        self.since: float | None = None
        for piece in pieces:
            self.window.merge(piece.window)
            self.answered += piece.answered
            self.since = min(piece.began, self.since or piece.began)


class Pieces:
    """The pieces of one process.

    Args:
        reference: what windows count over.
        span: seconds of all of them.
    """

    def __init__(self, reference: Reference, span: float) -> None:
        self._reference, self.length = reference, span / PIECES
        self.all: dict[float, Piece] = {}

    def at(self, now: float) -> Piece:
        """The piece of a moment; those that are too old go.

        >>> pieces = Pieces(Reference("none", {}, {}), 24.0)
        >>> [pieces.at(moment).start for moment in (5.5, 5.9, 31.0)], list(pieces.all)
        ([5.0, 5.0, 31.0], [31.0])
        """
        start = math.floor(now / self.length) * self.length
        piece = self.all.get(start)
        if piece is None:
            self.all = {s: p for s, p in self.all.items() if s > start - PIECES * self.length}
            piece = self.all[start] = Piece(start, now, Window(self._reference))
        return piece
