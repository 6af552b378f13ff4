"""What a bundle carries for `watch` beside the profile of its training rows: `watch.json`.

Everything is counted when the model is made: the columns of the training rows, what the shipped
file itself answered on the held-out rows, and what came true of it. A bundle that was written
before this member existed has none, and is answered with what it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mulle.bundle.manifest import damaged
from mulle.errors import BundleError
from mulle.profile import Answers, CategoryCounts, NumberCounts, TextCounts

VERSION = 1


class Scored(msgspec.Struct, frozen=True):
    """The metric that models were chosen by, on the held-out rows; the interval may be unknown."""

    metric: str
    score: float
    low: float | None = None
    high: float | None = None
    rows: int = 0
    validation: float | None = None


class Recorded(msgspec.Struct, frozen=True):
    """The content of `watch.json`.

    Attributes:
        columns: counts of the training rows, of the columns that the profile does not count
            exactly: numbers, dates and texts.
        target: counts of the target on the training rows.
        answers: what the bundle answered on the held-out rows, with what came true.
        score: how good it was on them.
        importances: by column, the loss of score when it is shuffled: mean and deviation.
    """

    columns: dict[str, NumberCounts | TextCounts] = {}
    target: CategoryCounts | NumberCounts | None = None
    answers: Answers | None = None
    score: Scored | None = None
    importances: dict[str, tuple[float, float]] = {}
    version: int = VERSION

    def to_json(self) -> bytes:
        """As written in a bundle."""
        return msgspec.json.encode(self)


def parse_recorded(data: bytes, where: str = "") -> Recorded:
    """What `to_json` wrote.

    Raises:
        BundleError: it is damaged, or of a later version.
    """
    try:
        head: Any = msgspec.json.decode(data)
        version = head.get("version", 1) if isinstance(head, Mapping) else None
        if isinstance(version, int) and version > VERSION:
            raise BundleError("watch-newer", where=where, version=version, VERSION=VERSION)
        return msgspec.convert(head, Recorded)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        if isinstance(error, BundleError):
            raise
        raise damaged(where, f"watch.json cannot be read ({error})") from error
