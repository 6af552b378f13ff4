"""The places of a log: a SQLite file, a database by URL, or a folder of Parquet parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mulle.errors import UsageError

if TYPE_CHECKING:
    from mulle.verbs.watch.log.sink import Sink

SQLITE = (".db", ".sqlite", ".sqlite3")


def open_sink(place: str | Path) -> Sink:
    """Open the place of a log: `*.db` is SQLite, a URL a database, a folder Parquet.

    Raises:
        UsageError: it is none of these.
        RunError: it cannot be opened.
    """
    path = Path(place)
    if "://" in str(place) or (path.suffix in SQLITE and not path.is_dir()):
        from mulle.verbs.watch.log.sql import SqlSink

        return SqlSink(place)
    if path.is_dir() or not path.suffix:
        from mulle.verbs.watch.log.parquet import ParquetSink

        return ParquetSink(path)
    raise UsageError("log-place-kind", where=str(place), name=path.name)
