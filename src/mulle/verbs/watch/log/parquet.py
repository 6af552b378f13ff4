"""A log in a folder of Parquet parts, which are only ever added and removed as wholes.

    records-….parquet           see `parts`
    labels-AT-TOKEN.parquet     id, label
    log.json                    {"format": 1}

The names alone tell which parts a question needs, and which are too old to keep. Small parts are
put together as the log grows, see `compact`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import polars as pl

from mulle.errors import UsageError
from mulle.files import write_bytes
from mulle.times import DAY
from mulle.verbs.watch.log.compact import FAN, groups_to_merge
from mulle.verbs.watch.log.entry import Record
from mulle.verbs.watch.log.parts import (
    SCHEMA,
    Part,
    changing,
    list_parts,
    read_frame,
    remove_part,
    sweep,
    wait_to_change,
    write_frame,
    write_part,
)
from mulle.verbs.watch.log.settings import Retention
from mulle.verbs.watch.log.sink import Found, Query

FORMAT = 1
_LABELS = {"id": pl.String, "label": pl.String}
_SMALL_LABELS = 1 << 20  # bytes of a file of labels that others are put together with
_WAIT_S = 10.0  # for another process that changes parts


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
        if others and not about.exists() and not list_parts(self.folder):
            raise UsageError("log-place", where=str(folder), folder=folder.name)
        if not about.exists():
            write_bytes(about, msgspec.json.encode({"format": FORMAT}))
        elif msgspec.json.decode(about.read_bytes()).get("format", FORMAT) > FORMAT:
            raise UsageError("log-newer", where=str(about))

    def append(self, records: Sequence[Record]) -> None:
        """See `Sink`."""
        write_part(self.folder, pl.DataFrame(records, schema=SCHEMA, orient="row"))

    def label(self, given: Sequence[tuple[str, str]], at: int) -> int:
        """See `Sink`."""
        frame = pl.DataFrame(list(dict(given).items()), schema=_LABELS, orient="row")
        if frame.height:
            self._write_labels(at, frame)
        known = set[str]()
        for part in list_parts(self.folder):
            ids = read_frame(part.path, ["id"])
            if ids is not None:
                known.update(ids.join(frame, on="id", how="semi")["id"])
        return len(known)

    def find(self, ids: Sequence[str]) -> list[Found]:
        """See `Sink`."""
        wanted = pl.DataFrame({"id": ids}, schema={"id": pl.String}).unique()
        columns = ["id", "at", "model", "version"]
        read = [read_frame(part.path, columns) for part in list_parts(self.folder)]
        matching = [part.join(wanted, on="id", how="semi") for part in read if part is not None]
        if not matching:
            return []
        rows = pl.concat(matching).join(self._labels(), on="id", how="left").sort("at")
        return [Found(*row) for row in rows.select("id", "model", "version", "label").iter_rows()]

    def scan(self, query: Query, size: int) -> Iterator[pl.DataFrame]:
        """See `Sink`; small parts are put together, a large one is cut."""
        labels = self._labels()
        waiting: list[pl.DataFrame] = []
        for part in list_parts(self.folder):
            records = None if _outside(part, query) else read_frame(part.path)
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

    def prune(self, retention: Retention, now: int) -> Iterator[int]:
        """See `Sink`; a part of which some rows must be kept is written again without the others.

        Raises:
            RunError: another process changes the parts for too long.
        """
        with wait_to_change(self.folder, _WAIT_S):
            sweep(self.folder)
            if retention.days is not None:
                yield from self._prune_days(now - int(retention.days * DAY))
            parts = list_parts(self.folder)
            if retention.rows is not None:
                surplus = sum(part.rows for part in parts) - retention.rows
                yield from self._prune_oldest(parts, [part.rows for part in parts], surplus)
            if retention.bytes is not None:
                parts = list_parts(self.folder)
                sizes = [part.bytes for part in parts]
                yield from self._prune_oldest(parts, sizes, sum(sizes) - retention.bytes)

    def compact(self, now: int) -> Iterator[int]:
        """See `Sink`; where another process is at it, nothing is done."""
        with changing(self.folder) as may:
            if not may:
                return
            sweep(self.folder)
            self._merge_labels()
            for group in groups_to_merge(list_parts(self.folder), now):
                frames = [f for part in group if (f := read_frame(part.path)) is not None]
                whole = pl.concat([pl.DataFrame(schema=SCHEMA), *frames])
                if whole.height:
                    write_part(self.folder, whole.sort("at", maintain_order=True), group)
                yield len(group)

    def release(self) -> None:
        """See `Sink`; parts whose place was taken go, though somebody may be reading them."""
        sweep(self.folder, grace=0.0)

    def _prune_days(self, cutoff: int) -> Iterator[int]:
        """Remove what is older than a moment."""
        for part in list_parts(self.folder):
            if part.last < cutoff:
                remove_part(part)
                yield part.rows
            elif part.first < cutoff and (frame := read_frame(part.path)) is not None:
                kept = frame.filter(pl.col("at") >= cutoff)
                write_part(self.folder, kept, [part])
                yield frame.height - kept.height

    def _prune_oldest(
        self, parts: Sequence[Part], sizes: Sequence[int], surplus: int
    ) -> Iterator[int]:
        """Remove the oldest rows until `surplus` of the sum of `sizes` is gone."""
        for part, size in zip(parts, sizes, strict=True):
            if surplus <= 0:
                return
            if size <= surplus:
                remove_part(part)
                yield part.rows
            elif (frame := read_frame(part.path)) is not None:
                gone = -(-part.rows * surplus // size)  # rounded up
                kept = frame.sort("at", maintain_order=True).slice(gone)
                if kept.height:
                    write_part(self.folder, kept, [part])
                else:
                    remove_part(part)
                yield frame.height - kept.height
            surplus -= size

    def _write_labels(self, at: int, frame: pl.DataFrame) -> None:
        write_frame(self.folder / f"labels-{at:017d}-{secrets.token_hex(4)}.parquet", frame)

    def _labels(self) -> pl.DataFrame:
        """Return the last label of each id [ids]."""
        while True:
            frames = [read_frame(path) for path in self._label_files()]
            if all(frame is not None for frame in frames):  # else they were put together meanwhile
                return _last_of_each([frame for frame in frames if frame is not None])

    def _label_files(self) -> list[Path]:
        """Return the files of labels, the oldest first."""
        return sorted(self.folder.glob("labels-*.parquet"))

    def _merge_labels(self) -> None:
        """Put the newest files of labels together where they are many and small.

        After a kill between the two steps the labels are there twice, which changes nothing.
        """
        files = self._label_files()
        while files and files[0].stat().st_size >= _SMALL_LABELS:
            files.pop(0)
        if len(files) < FAN:
            return
        at = int(files[-1].stem.split("-")[1])
        frames = [frame for path in files if (frame := read_frame(path)) is not None]
        self._write_labels(at + 1, _last_of_each(frames))
        for path in files:
            path.unlink(missing_ok=True)


def _last_of_each(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    together = pl.concat([pl.DataFrame(schema=_LABELS), *frames])
    return together.unique("id", keep="last", maintain_order=True)


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
