"""The protocol of the places where records are kept, and the question for some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from mulle.verbs.watch.log.entry import Record
from mulle.verbs.watch.log.settings import Retention

if TYPE_CHECKING:
    import polars as pl


class Query(msgspec.Struct, frozen=True):
    """A choice of records; "" and None stand for all.

    Attributes:
        model, version: name and version of the model that answered.
        since, until: first time, and time that all are before; microseconds since 1970 in UTC.
        labelled: whether only records with a label are wanted.
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
        """Add labels (id, JSON), the last of an id wins; return how many ids have a record."""

    def find(self, ids: Sequence[str]) -> list[Found]:
        """Return the records with these ids; of one id the newest stands last."""

    def scan(self, query: Query, size: int) -> Iterator[pl.DataFrame]:
        """Return records with their labels in order of time, about `size` at a time.

        The columns are those of `Record`, and `label`: JSON, null where there is none.
        """

    def prune(self, retention: Retention, now: int) -> Iterator[int]:
        """Remove what need not be kept, and give the disk back; yield the records of each step.

        A step takes some milliseconds and lets others write after it.
        """

    def compact(self, now: int) -> Iterator[int]:
        """Put small files together; yield after each step how many became one."""

    def release(self) -> None:
        """Give the disk back at once, though others may have to wait or to begin again."""
