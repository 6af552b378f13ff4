"""Remove what a log need not keep, by hand or by schedule."""

from __future__ import annotations

from pathlib import Path

from mulle.errors import UsageError
from mulle.times import micros
from mulle.verbs.watch.log.places import open_sink
from mulle.verbs.watch.log.reader import check_exists
from mulle.verbs.watch.log.settings import Retention


def prune_log(place: str | Path, retention: Retention) -> int:
    """Remove the oldest predictions and labels without one; return the number of predictions.

    Args:
        place: the log.
        retention: what to keep.

    Raises:
        MissingFile: there is no log.
        UsageError: no limit is given, or the place cannot be a log.
        RunError: the log cannot be written.
    """
    check_exists(place)
    if not retention:
        raise UsageError("log-retention")
    sink, now = open_sink(place), micros()
    sink.release()
    removed = sum(sink.prune(retention, now))
    for _ in sink.compact(now):
        pass
    sink.release()
    return removed
