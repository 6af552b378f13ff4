"""The settings of a log: how much is logged, how long it is kept, how often it is written."""

from __future__ import annotations

import msgspec

from mulle.errors import UsageError
from mulle.verbs.watch.log.redaction import Redaction


class Retention(msgspec.Struct, frozen=True):
    """The limits of what a log keeps; None is no limit.

    Attributes:
        days: age in days above which predictions are removed.
        rows: number of newest predictions that are kept.
        bytes: approximate size on disk to which the log is cut.
    """

    days: float | None = None
    rows: int | None = None
    bytes: int | None = None

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if (value := getattr(self, name)) is not None and value <= 0:
                raise UsageError("log-retention-range", setting=name, received=value)

    def __bool__(self) -> bool:
        return any(getattr(self, name) is not None for name in self.__struct_fields__)


class LogSettings(msgspec.Struct, frozen=True):
    """The settings of a prediction log.

    Attributes:
        share: share of the predictions that are kept, from 0 to 1; decided by their id.
        redaction: columns that are left out or hashed.
        retention: limits of what is kept.
        queue_rows, queue_bytes: rows that may wait in memory, and the bytes that they may take; an
            entry that comes while more wait is dropped and counted.
        batch_rows: rows that are written at once.
        batch_seconds: longest time that a row waits to be written.
        prune_seconds: time between two removals while the log is open.
        compact_seconds: time between two looks whether small parts can be put together.
        retry_seconds: the first and the longest pause after a failed write.

    Raises:
        UsageError: a number is out of its range.
    """

    share: float = 1.0
    redaction: Redaction = Redaction()
    retention: Retention = Retention()
    queue_rows: int = 100_000
    queue_bytes: int = 256 << 20
    batch_rows: int = 1_000
    batch_seconds: float = 1.0
    prune_seconds: float = 3600.0
    compact_seconds: float = 10.0
    retry_seconds: tuple[float, float] = (0.5, 60.0)

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise UsageError("log-share-range", received=self.share)
        for name in (
            "queue_rows", "queue_bytes", "batch_rows", "batch_seconds", "prune_seconds",
            "compact_seconds",
        ):  # fmt: skip
            if (value := getattr(self, name)) <= 0:
                raise UsageError("log-setting-range", setting=name, received=value)
