"""Removing what a log need not keep, by hand or by schedule."""

from __future__ import annotations

from pathlib import Path

from mulle.errors import UsageError
from mulle.times import micros
from mulle.verbs.watch.log.reader import check_there
from mulle.verbs.watch.log.settings import Retention
from mulle.verbs.watch.log.sink import open_sink


def prune_log(place: str | Path, retention: Retention) -> int:
    """Remove the oldest predictions, and labels that belong to none; how many predictions.

    Args:
        place: the log.
        retention: what to keep.

    Raises:
        MissingFile: there is no log.
        UsageError: nothing says what to keep, or the place is none.
        RunError: the log cannot be written.
    """
    check_there(place)
    if not retention:
        raise UsageError("log-retention")
    return open_sink(place).prune(retention, micros())
