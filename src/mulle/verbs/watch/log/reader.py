"""Read a log: rows as they came, their predictions and their labels, for `watch` and `fit`.

catalogue  watch-serve-serve
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import polars as pl

from mulle.errors import DataError, MissingFile, UsageError
from mulle.times import micros
from mulle.verbs.watch.log.places import open_sink
from mulle.verbs.watch.log.sink import Query

BATCH_ROWS = 50_000
_ABOUT = ("id", "request", "at", "model", "version")


class Logged(msgspec.Struct, frozen=True):
    """N predictions from a log, in order of time; row n of each part belongs together.

    Attributes:
        rows: frame [N, columns], as the rows came: JSON's types, dates as ISO text. A model's
            schema conforms them as it does what is served.
        answers: frame [N, keys] of what was answered: `label` or `value`, `probabilities`.
        label: series [N] of the truth that was attached; null where there is none.
        about: frame [N, 5]: id, request, at (UTC), model, version.
    """

    rows: pl.DataFrame
    answers: pl.DataFrame
    label: pl.Series
    about: pl.DataFrame

    def __len__(self) -> int:
        return self.about.height

    def labelled(self, target: str) -> pl.DataFrame:
        """Return the rows that have a label, with it as column `target`: a table to learn from.

        Raises:
            UsageError: the rows have a column of that name.
        """
        if target in self.rows.columns:
            raise UsageError("log-target", column=target)
        return self.rows.with_columns(self.label.alias(target)).filter(self.label.is_not_null())

    def frame(self) -> pl.DataFrame:
        """Return everything side by side [N, ...], with names `log.…` and `answer.…`."""
        about = self.about.rename({name: f"log.{name}" for name in self.about.columns})
        answers = self.answers.rename({name: f"answer.{name}" for name in self.answers.columns})
        parts = [about, self.rows, answers, self.label.alias("log.label").to_frame()]
        return pl.concat([part for part in parts if part.width], how="horizontal")


def scan_log(
    place: str | Path,
    *,
    model: str = "",
    version: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    labelled: bool = False,
    batch_rows: int = BATCH_ROWS,
) -> Iterator[Logged]:
    """Read a log in batches, so that memory stays small however long it is.

    Args:
        place: the log, see `mulle.verbs.watch.log.places.open_sink`.
        model, version: model and version whose predictions are wanted; all if empty.
        since, until: first time, and time that all are before; UTC without a zone.
        labelled: whether only rows with a label are wanted.
        batch_rows: rows at a time.

    Raises:
        MissingFile: there is no log.
        UsageError, RunError: the place is none, or does not answer.
    """
    check_exists(place)
    first, last = (micros(moment) if moment else None for moment in (since, until))
    query = Query(model, version, first, last, labelled)
    for frame in open_sink(place).scan(query, batch_rows):
        yield _decoded(frame, str(place))


def read_log(
    place: str | Path,
    *,
    model: str = "",
    version: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    labelled: bool = False,
) -> Logged:
    """Read a log, or what is asked for of it, as a whole.

    Args, Raises:
        see `scan_log`.
    """
    asked = {"model": model, "version": version, "since": since, "until": until}
    parts = list(scan_log(place, **asked, labelled=labelled))  # type: ignore[arg-type]
    if not parts:
        return _decoded(pl.DataFrame(schema=dict.fromkeys((*_ABOUT, "row", "answer", "label"))), "")
    labels = pl.concat([part.label.to_frame() for part in parts], how="vertical_relaxed")
    return Logged(
        _together([part.rows for part in parts]),
        _together([part.answers for part in parts]),
        labels.to_series(),
        pl.concat([part.about for part in parts]),
    )


def check_exists(place: str | Path) -> None:
    """Refuse a log that does not exist: reading must not make one.

    Raises:
        MissingFile: there is no log.
    """
    path = str(place).removeprefix("sqlite:///")
    if "://" not in path and not Path(path).exists():
        raise MissingFile("log-missing", where=str(Path(place).parent), name=Path(place).name)


def _decoded(records: pl.DataFrame, where: str) -> Logged:
    at = pl.col("at").cast(pl.Datetime("us", "UTC"))
    label = records["label"].cast(pl.String)
    lines = pl.select('{"label":' + label.fill_null("null") + "}").to_series()
    labels = _parsed(lines, where)
    return Logged(
        _parsed(records["row"], where),
        _parsed(records["answer"], where),
        labels["label"] if labels.width else pl.Series("label", [], pl.Null),
        records.select(pl.col("id", "request"), at, pl.col("model", "version")),
    )


def _parsed(objects: pl.Series, where: str) -> pl.DataFrame:
    """Parse JSON objects [N] into a frame [N, keys] with the types of their values."""
    height = len(objects)
    if not height or objects.eq("{}").all():
        return pl.DataFrame(height=height) if height else pl.DataFrame()
    try:
        return pl.read_ndjson("\n".join(objects).encode(), infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        raise DataError("log-unreadable", where=where, error=error) from error


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Stack frames; where types differ, the wider one is taken."""
    return pl.concat(frames, how="diagonal_relaxed")
