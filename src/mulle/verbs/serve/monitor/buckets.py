"""Counted rows in buckets of time, so that a result is about the last hours and no older rows.

A window cannot forget single rows; so the span is cut into buckets, each a window of its own, which
are added up for a result and dropped as a whole when they are too old. Each process writes its own
buckets into a folder that all processes of one version read. A file holds one bucket of one process
and is replaced as a whole, so a reader sees the state of a few seconds ago. What an earlier process
wrote counts until it is too old.
"""

from __future__ import annotations

import contextlib
import logging
import math
import re
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import msgspec

from mulle.bundle import REFERENCE, WATCH
from mulle.errors import DataError, MulleError
from mulle.files import write_bytes
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.watch import Reference, Window

BUCKETS = 24  # of the span
FOLDER = "monitor"  # in the folder of the server's state
log = logging.getLogger("mulle.serve")


class Bucket:
    """The rows of one stretch of time.

    Attributes:
        start: start of the stretch, in seconds since 1970.
        began: moment of its first row, in seconds since 1970.
        window: the rows that were counted.
        answered: number of rows that were answered, counted or not.
    """

    __slots__ = ("answered", "began", "start", "window")

    def __init__(self, start: float, began: float, window: Window, answered: int = 0) -> None:
        self.start, self.began, self.window, self.answered = start, began, window, answered

    def to_bytes(self) -> bytes:
        """Return the bucket as JSON; see `from_bytes`."""
        window = msgspec.Raw(self.window.to_bytes())
        return msgspec.json.encode(_Written(self.start, self.began, self.answered, window))

    @classmethod
    def from_bytes(cls, data: bytes, reference: Reference) -> Bucket:
        """Read what `to_bytes` wrote.

        Raises:
            DataError: the bytes are damaged, or belong to another reference.
        """
        try:
            found = msgspec.json.decode(data, type=_Written)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise DataError("bucket-damaged", error=error) from error
        window = Window.from_bytes(bytes(found.window), reference)
        return cls(found.start, found.began, window, found.answered)


class _Written(msgspec.Struct):
    start: float
    began: float
    answered: int
    window: msgspec.Raw


class BucketTotal:
    """Buckets added up.

    Attributes:
        window: the rows that were counted.
        answered: number of rows answered in the same time.
        since: moment of the first row, in seconds since 1970; None without any.
    """

    def __init__(self, reference: Reference, buckets: Iterable[Bucket] = ()) -> None:
        self.window, self.answered = Window(reference), 0
        self.since: float | None = None
        for bucket in buckets:
            self.window.merge(bucket.window)
            self.answered += bucket.answered
            self.since = min(bucket.began, self.since or bucket.began)


class TimeBuckets:
    """The buckets of one process.

    Args:
        reference: reference of the windows.
        span: seconds that all buckets cover together.
    """

    def __init__(self, reference: Reference, span: float) -> None:
        self._reference, self.length = reference, span / BUCKETS
        self.all: dict[float, Bucket] = {}

    def at(self, now: float) -> Bucket:
        """Return the bucket of a moment, and drop those that are too old.

        >>> buckets = TimeBuckets(Reference("none", {}, {}), 24.0)
        >>> [buckets.at(moment).start for moment in (5.5, 5.9, 31.0)], list(buckets.all)
        ([5.0, 5.0, 31.0], [31.0])
        """
        start = math.floor(now / self.length) * self.length
        bucket = self.all.get(start)
        if bucket is None:
            self.all = {s: b for s, b in self.all.items() if s > start - BUCKETS * self.length}
            bucket = self.all[start] = Bucket(start, now, Window(self._reference))
        return bucket


class BucketFolder:
    """The folder of one version's buckets.

    Args:
        path: the folder; created when the first bucket is written.
        owner: name of this process that no other process has, letters and digits.
        reference: reference of the windows.
    """

    def __init__(self, path: Path, owner: str, reference: Reference) -> None:
        self.path, self._owner, self._reference = path, owner, reference
        self._known: dict[str, tuple[tuple[int, int], Bucket | None]] = {}

    def write(self, start: float, data: bytes) -> None:
        """Write a bucket of this process.

        Raises:
            RunError: the folder cannot be written to.
        """
        write_bytes(self.path / f"{start:.3f}-{self._owner}.json", data)

    def others(self, since: float) -> list[Bucket]:
        """Return the buckets of other processes that start after a moment; remove older files."""
        found, known = [], self._known
        self._known = {}
        for path, start in _files(self.path):
            if start <= since:
                with contextlib.suppress(OSError):
                    path.unlink()
                continue
            if path.stem.endswith(f"-{self._owner}"):
                continue
            with contextlib.suppress(OSError):
                stat = path.stat()
                state = stat.st_mtime_ns, stat.st_size
                old = known.get(path.name)
                bucket = old[1] if old and old[0] == state else self._read(path)
                self._known[path.name] = state, bucket
                if bucket:
                    found.append(bucket)
        return found

    def _read(self, path: Path) -> Bucket | None:
        try:
            return Bucket.from_bytes(path.read_bytes(), self._reference)
        except MulleError as error:
            log.warning("%s is left out: %s", path.name, error.what)
            return None


def folder_of(state: Path, loaded: LoadedModel) -> Path:
    """Return the folder of a version: a readable name, and a hash that no other version has."""
    members = loaded.model.members
    parts = (loaded.name.encode(), loaded.version.encode(), members.get(REFERENCE, b""),
             members.get(WATCH, b""))  # fmt: skip
    digest = blake2b(b"\0".join(parts), digest_size=6).hexdigest()
    return state / FOLDER / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', loaded.name)[:60]}-{digest}"


def prune(state: Path, since: float) -> None:
    """Remove the old buckets of versions that are no longer served."""
    for folder in (state / FOLDER).glob("*/"):
        for path, start in _files(folder):
            if start <= since:
                with contextlib.suppress(OSError):
                    path.unlink()
        with contextlib.suppress(OSError):
            folder.rmdir()  # only if nothing is left


def _files(folder: Path) -> list[tuple[Path, float]]:
    found = []
    for path in folder.glob("*-*.json"):
        with contextlib.suppress(ValueError):
            found.append((path, float(path.stem.rpartition("-")[0])))
    return found
