"""Where records are kept: a SQLite file, a database by URL, or a folder of Parquet parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from mulle.errors import UsageError
from mulle.verbs.watch.log.entry import Record
from mulle.verbs.watch.log.settings import Retention

if TYPE_CHECKING:
    import polars as pl

SQLITE = (".db", ".sqlite", ".sqlite3")


class Query(msgspec.Struct, frozen=True):
    """Which records to read; "" and None stand for all.

    Attributes:
        model, version: who answered.
        since, until: from and before when, in microseconds since 1970 in UTC.
        labelled: only those whose label is known.
    """

    model: str = ""
    version: str = ""
    since: int | None = None
    until: int | None = None
    labelled: bool = False


class Found(NamedTuple):
    """A record that was looked up by its id.

    Attributes:
        id: id of the prediction.
        model: name of the model that answered.
        version: version of the model.
        label: the true label as JSON; None where it is not known yet.
    """

    id: str
    model: str
    version: str
    label: str | None


class Sink(Protocol):
    """A place for records. Each call that changes it is done whole or not at all."""

    def append(self, records: Sequence[Record]) -> None:
        """Add records; they are on disk when this returns."""

    def label(self, labels: Sequence[tuple[str, str]], at: int) -> int:
        """Add labels (id, JSON), the last of an id wins; how many ids have a record."""

    def find(self, ids: Sequence[str]) -> list[Found]:
        """Return the records with these ids; of one id the newest stands last."""

    def scan(self, query: Query, size: int) -> Iterator[pl.DataFrame]:
        """Records with their labels in order of time, about `size` at a time.

        The columns are those of `Record`, and `label`: JSON, null where there is none.
        """

    def prune(self, retention: Retention, now: int) -> int:
        """Remove what need not be kept; how many records."""


def open_sink(place: str | Path) -> Sink:
    """The place of a log: `*.db` is SQLite, `postgresql+psycopg://` a database, a folder Parquet.

    Raises:
        UsageError: it is none of these.
        RunError: it cannot be opened.
    """
    path = Path(place)
    if "://" in str(place) or (path.suffix in SQLITE and not path.is_dir()):
        from mulle.verbs.watch.log.sql import SqlSink

        return SqlSink(place)
    if path.is_dir() or not path.suffix:
        from mulle.verbs.watch.log.parts import PartsSink

        return PartsSink(path)
    raise UsageError("log-place-kind", where=str(place), name=path.name)
