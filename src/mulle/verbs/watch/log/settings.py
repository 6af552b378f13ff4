"""How much is logged, how long it is kept, and how often it is written."""

from __future__ import annotations

import msgspec

from mulle.errors import UsageError
from mulle.verbs.watch.log.redaction import Redaction


class Retention(msgspec.Struct, frozen=True):
    """What a log keeps; None is no limit.

    Attributes:
        days: older predictions go.
        rows: the newest stay.
        bytes: on disk, about; the newest stay.
    """

    days: float | None = None
    rows: int | None = None
    bytes: int | None = None

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if (value := getattr(self, name)) is not None and value <= 0:
                _refuse(f"retention.{name}", value, "more than 0, or leave it out for no limit")

    def __bool__(self) -> bool:
        return any(getattr(self, name) is not None for name in self.__struct_fields__)


class LogSettings(msgspec.Struct, frozen=True):
    """The settings of a prediction log.

    Attributes:
        share: of the predictions, kept; decided by their id.
        redaction: columns that are left out or hashed.
        retention: what is kept, and for how long.
        queue_rows: rows that may wait in memory; more are dropped and counted.
        batch_rows: rows that are written at once.
        batch_seconds: how long a row waits to be written, at most.
        prune_seconds: how often the retention is applied while the log is open.
        retry_seconds: the first and the longest pause after a failed write.

    Raises:
        UsageError: a number is out of its range.
    """

    share: float = 1.0
    redaction: Redaction = Redaction()
    retention: Retention = Retention()
    queue_rows: int = 20_000
    batch_rows: int = 1_000
    batch_seconds: float = 1.0
    prune_seconds: float = 3600.0
    retry_seconds: tuple[float, float] = (0.5, 60.0)

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            _refuse("share", self.share, "a share from 0 to 1")
        for name in ("queue_rows", "batch_rows", "batch_seconds", "prune_seconds"):
            if (value := getattr(self, name)) <= 0:
                _refuse(name, value, "more than 0")


def _refuse(name: str, value: float, wanted: str) -> None:
    raise UsageError("log-setting", name=name, value=value, wanted=wanted)
