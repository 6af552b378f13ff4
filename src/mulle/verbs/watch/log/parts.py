"""The parts of a log in a folder: their names, which count, and how one takes others' place.

    records-FIRST-LAST-ROWS-TOKEN.parquet   the columns of `Record`; FIRST and LAST are times,
                                            TOKEN is the time of writing and a random end
    replaces-TOKEN.json                     names of the parts whose rows the part of TOKEN holds

A part is written to a temporary name and renamed, so a kill leaves it whole or absent. A part that
takes the place of others is announced first: from the moment it has its name, the others no longer
count, and before that they do. They stay for a while, for those who had begun to read them.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import polars as pl

from mulle.errors import DataError, RunError
from mulle.files import write_bytes
from mulle.verbs.watch.log.entry import Record

SCHEMA = {name: pl.Int64 if name == "at" else pl.String for name in Record._fields}
GRACE_S = 60.0  # for which parts stay whose place was taken
_STALE_S = 3600  # a temporary file this old was left behind by a kill
_MERGED = "m"  # first letter of the token of a part that takes the place of others
_LOCK = ".changing"
_LOCK_S = 600.0  # after which a lock was left behind by a kill
_LOCK_LOOK_S = 0.1


class Part(msgspec.Struct, frozen=True, order=True):
    """A file of records, in order of time.

    Attributes:
        first, last: times of its rows.
        written: tells parts of the same times apart: those that came later stand later.
        rows: number of its rows.
        path: path of the file.
    """

    first: int
    last: int
    written: str
    rows: int
    path: Path

    @property
    def bytes(self) -> int:
        """Bytes of the file; 0 where another process removed it."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def announcement(self) -> Path:
        """File that names the parts whose place this one takes, if it does."""
        return self.path.with_name(f"replaces-{self.path.stem.rpartition('-')[2]}.json")


def list_parts(folder: Path) -> list[Part]:
    """Return the parts whose rows count, the oldest first."""
    found, replaced = [], set[str]()
    for path in folder.glob("records-*.parquet"):
        first, last, rows, token = path.stem.removeprefix("records-").split("-")
        part = Part(int(first), int(last), token.removeprefix(_MERGED), int(rows), path)
        found.append(part)
        if token.startswith(_MERGED):
            replaced.update(_announced(part.announcement))
    return sorted(part for part in found if part.path.name not in replaced)


def write_part(folder: Path, frame: pl.DataFrame, replaced: Sequence[Part] = ()) -> None:
    """Write records as a part; it takes the place of others, if given, in one instant."""
    token = f"{time.time_ns():016x}"
    times: list[int] = frame["at"].to_list()
    if replaced:
        token = _MERGED + max(part.written for part in replaced)[:16]
    token += secrets.token_hex(2)
    if replaced:
        names = [part.path.name for part in replaced]
        write_bytes(folder / f"replaces-{token}.json", msgspec.json.encode(names))
    name = f"records-{min(times):017d}-{max(times):017d}-{frame.height}-{token}.parquet"
    write_frame(folder / name, frame)


def write_frame(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame as Parquet, whole or not at all."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    write_bytes(path, buffer.getvalue())


def read_frame(path: Path, columns: list[str] | None = None) -> pl.DataFrame | None:
    """Return what a file holds; None where another process removed it meanwhile."""
    try:
        # All parts have one schema; reading the bytes keeps no file open for a later removal.
        return pl.read_parquet(io.BytesIO(path.read_bytes()), columns=columns)
    except FileNotFoundError:
        return None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError("log-part-damaged", where=str(path), error=error) from error


def remove_part(part: Part) -> None:
    """Remove a part, and before it those whose place it took: else they would count again."""
    _remove_replaced(part.announcement)
    part.path.unlink(missing_ok=True)


def sweep(folder: Path, grace: float = GRACE_S) -> None:
    """Remove parts whose place was taken, and what a kill left unfinished."""
    now, merged = time.time(), {part.announcement for part in _all_merged(folder)}
    for path in folder.glob("replaces-*.json"):
        age = now - _changed(path, now)
        if path in merged and age >= grace:
            _remove_replaced(path)
        elif path not in merged and age > _STALE_S:
            path.unlink(missing_ok=True)
    for path in folder.glob(".*.parquet.*"):
        if now - _changed(path, now) > _STALE_S:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[bool]:
    """Take the right to change parts that exist; False where another process has it."""
    lock, now = folder / _LOCK, time.time()
    if now - _changed(lock, now) > _LOCK_S:
        lock.unlink(missing_ok=True)
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        yield False
        return
    try:
        yield True
    finally:
        lock.unlink(missing_ok=True)


def wait_to_change(folder: Path, seconds: float) -> contextlib.ExitStack:
    """Return the right to change parts, which is given back when it is closed.

    Raises:
        RunError: another process has it for longer than `seconds`.
    """
    end = time.monotonic() + seconds
    while True:
        stack = contextlib.ExitStack()
        if stack.enter_context(changing(folder)):
            return stack
        if time.monotonic() > end:
            raise RunError("store-busy", where=str(folder), seconds=int(seconds))
        time.sleep(_LOCK_LOOK_S)


def _announced(path: Path) -> list[str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[str])
    except FileNotFoundError:  # they are gone
        return []


def _remove_replaced(announcement: Path) -> None:
    """Remove the parts that an announcement names, first those whose place these took."""
    for name in _announced(announcement):
        gone = announcement.with_name(name)
        token = gone.stem.rpartition("-")[2]
        if token.startswith(_MERGED):
            _remove_replaced(announcement.with_name(f"replaces-{token}.json"))
        gone.unlink(missing_ok=True)
    announcement.unlink(missing_ok=True)


def _all_merged(folder: Path) -> Iterator[Part]:
    for path in folder.glob(f"records-*-{_MERGED}*.parquet"):
        yield Part(0, 0, "", 0, path)


def _changed(path: Path, otherwise: float) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return otherwise
