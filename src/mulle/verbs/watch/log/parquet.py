"""A log in a folder of Parquet parts, which are only ever added and removed as wholes.

    records-FIRST-LAST-ROWS-TOKEN.parquet   the columns of `Record`; FIRST and LAST are times
    labels-AT-TOKEN.parquet                 id, label
    log.json                                {"format": 1}

A part is written to a temporary name and renamed, so a kill leaves it whole or absent. The names
alone tell which parts a question needs, and which are too old to keep.
"""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import polars as pl

from mulle.errors import DataError, UsageError
from mulle.files import write_bytes
from mulle.times import DAY
from mulle.verbs.watch.log.entry import Record
from mulle.verbs.watch.log.settings import Retention
from mulle.verbs.watch.log.sink import Found, Query

FORMAT = 1
_SCHEMA = {name: pl.Int64 if name == "at" else pl.String for name in Record._fields}
_LABELS = {"id": pl.String, "label": pl.String}
_STALE_S = 3600  # a temporary file this old was left behind by a kill


class Part(msgspec.Struct, frozen=True, order=True):
    """A file of records: the times and the number of its rows, as in its name."""

    first: int
    last: int
    rows: int
    path: Path


class ParquetSink:
    """A log in a folder.

    Raises:
        UsageError: a newer mulle wrote it.
        RunError: it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        about = folder / "log.json"
        others = any(not path.name.startswith(".") for path in folder.glob("*"))
        if others and not about.exists() and not self._parts():
            raise UsageError("log-place", where=str(folder), folder=folder.name)
        if not about.exists():
            write_bytes(about, msgspec.json.encode({"format": FORMAT}))
        elif msgspec.json.decode(about.read_bytes()).get("format", FORMAT) > FORMAT:
            raise UsageError("log-newer", where=str(about))

    def append(self, records: Sequence[Record]) -> None:
        """See `Sink`."""
        frame = pl.DataFrame(records, schema=_SCHEMA, orient="row")
        times = [record.at for record in records]
        first, last = min(times), max(times)
        self._write(f"records-{first:017d}-{last:017d}-{frame.height}", frame)

    def label(self, given: Sequence[tuple[str, str]], at: int) -> int:
        """See `Sink`."""
        frame = pl.DataFrame(list(dict(given).items()), schema=_LABELS, orient="row")
        if frame.height:
            self._write(f"labels-{at:017d}", frame)
        known = set[str]()
        for part in self._parts():
            ids = _read(part.path, ["id"])
            if ids is not None:
                known.update(ids.join(frame, on="id", how="semi")["id"])
        return len(known)

    def find(self, ids: Sequence[str]) -> list[Found]:
        """See `Sink`."""
        wanted = pl.DataFrame({"id": ids}, schema={"id": pl.String}).unique()
        read = [_read(part.path, ["id", "at", "model", "version"]) for part in self._parts()]
        matching = [part.join(wanted, on="id", how="semi") for part in read if part is not None]
        if not matching:
            return []
        rows = pl.concat(matching).join(self._labels(), on="id", how="left").sort("at")
        return [Found(*row) for row in rows.select("id", "model", "version", "label").iter_rows()]

    def scan(self, query: Query, size: int) -> Iterator[pl.DataFrame]:
        """See `Sink`; small parts are put together, a large one is cut."""
        labels = self._labels()
        waiting: list[pl.DataFrame] = []
        for part in self._parts():
            records = None if _outside(part, query) else _read(part.path)
            if records is None:
                continue
            waiting.append(_select(records, labels, query))
            if sum(frame.height for frame in waiting) >= size:
                whole = pl.concat(waiting)
                cut = whole.height - whole.height % size
                yield from whole.head(cut).iter_slices(size)
                waiting = [whole.tail(whole.height - cut)]
        if waiting and (rest := pl.concat(waiting)).height:
            yield rest

    def prune(self, retention: Retention, now: int) -> int:
        """See `Sink`; a part goes when none of its rows need be kept."""
        parts, removed = self._parts(), 0
        rows = sum(part.rows for part in parts)
        size = sum(_size(part.path) for part in parts)
        for part in parts:
            too_old = retention.days is not None and part.last < now - retention.days * DAY
            bytes_ = _size(part.path)
            too_many = retention.rows is not None and rows - part.rows >= retention.rows
            too_large = retention.bytes is not None and size > retention.bytes
            if too_old or too_many or too_large:
                part.path.unlink(missing_ok=True)
                rows, size, removed = rows - part.rows, size - bytes_, removed + part.rows
        self._sweep()
        return removed

    def _write(self, name: str, frame: pl.DataFrame) -> None:
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        write_bytes(self.folder / f"{name}-{secrets.token_hex(4)}.parquet", buffer.getvalue())

    def _parts(self) -> list[Part]:
        """Return the parts of records, the oldest first."""
        found = []
        for path in self.folder.glob("records-*.parquet"):
            first, last, rows, _ = path.stem.removeprefix("records-").split("-")
            found.append(Part(int(first), int(last), int(rows), path))
        return sorted(found)

    def _labels(self) -> pl.DataFrame:
        """Return the last label of each id [ids]."""
        paths = sorted(self.folder.glob("labels-*.parquet"))
        frames = [frame for path in paths if (frame := _read(path)) is not None]
        together = pl.concat([pl.DataFrame(schema=_LABELS), *frames])
        return together.unique("id", keep="last", maintain_order=True)

    def _sweep(self) -> None:
        """Remove what a kill left unfinished."""
        for path in self.folder.glob(".*.parquet.*"):
            if path.stat().st_mtime < time.time() - _STALE_S:
                path.unlink(missing_ok=True)


def _read(path: Path, columns: list[str] | None = None) -> pl.DataFrame | None:
    """Return what a part holds; None where another process removed it as too old meanwhile."""
    try:
        # All parts have one schema; reading the bytes keeps no file open for a later removal.
        return pl.read_parquet(io.BytesIO(path.read_bytes()), columns=columns)
    except FileNotFoundError:
        return None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError("log-part-damaged", where=str(path), error=error) from error


def _size(path: Path) -> int:
    """Return the bytes of a file; 0 where another process removed it."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _outside(part: Part, query: Query) -> bool:
    """Return whether the times of a part exclude all of its rows."""
    too_early = query.since is not None and part.last < query.since
    return too_early or (query.until is not None and part.first >= query.until)


def _select(records: pl.DataFrame, labels: pl.DataFrame, query: Query) -> pl.DataFrame:
    """Return the records that are asked for, with their labels, in order of time."""
    at, wanted = pl.col("at"), [pl.lit(value=True)]
    if query.model:
        wanted.append(pl.col("model") == query.model)
    if query.version:
        wanted.append(pl.col("version") == query.version)
    if query.since is not None:
        wanted.append(at >= query.since)
    if query.until is not None:
        wanted.append(at < query.until)
    found = records.filter(*wanted).sort("at", maintain_order=True)
    how = "inner" if query.labelled else "left"
    return found.join(labels, on="id", how=how, maintain_order="left")  # type: ignore[arg-type]
