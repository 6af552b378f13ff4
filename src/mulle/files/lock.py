"""A lock between programs that the system itself releases when its holder dies, even by a kill.

SQLite has one that is the same on every system: an open transaction on a file of its own. Beside it
lies a note on its holder, for the sentence that refuses the next program.
"""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from mulle.errors import RunError
from mulle.files.write import write_bytes


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock: process, host, since when, for which run; `?` for what is not known."""

    pid: int | str = "?"
    host: str = "?"
    since: str = "?"
    run: str = "?"


class Lock:
    """A lock that is held, with the note of its holder."""

    def __init__(self, path: Path) -> None:
        self._path = _note_of(path)
        now = datetime.now(UTC).isoformat(" ", "seconds")
        self._holder = Holder(os.getpid(), platform.node(), now)
        self._write()

    def note(self, *, run: str) -> None:
        """Note the run that the lock is held for."""
        self._holder = msgspec.structs.replace(self._holder, run=run)
        self._write()

    def forget(self) -> None:
        """Remove the note."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        with contextlib.suppress(RunError):  # the lock holds without its note
            write_bytes(self._path, msgspec.json.encode(self._holder))


@contextlib.contextmanager
def hold(
    path: Path, busy: RunError | Callable[[Holder], RunError], *, wait_s: float = 0.0
) -> Iterator[Lock]:
    """Hold the lock file at `path` while the block runs.

    Args:
        path: the lock file; it is created, and stays.
        busy: error that is raised where another program holds it, or what makes it.
        wait_s: seconds to wait for that program.

    Raises:
        RunError: another program holds it, or the folder cannot be written to.
    """
    import sqlite3  # here: most programs that write files hold no lock

    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
        connection.execute("PRAGMA journal_mode=MEMORY")  # a full disk hinders no lock
        connection.execute("BEGIN EXCLUSIVE")
    except (sqlite3.Error, OSError) as error:
        if connection is not None:
            connection.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise RunError(
                "lock-failed", where=str(path.parent), name=path.name, error=error
            ) from error
        raise busy if isinstance(busy, RunError) else busy(_holder(path)) from None
    lock = Lock(path)
    try:
        yield lock
    finally:
        lock.forget()
        connection.close()


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.holder")


def _holder(path: Path) -> Holder:
    """Return what the holder has noted; a holder of `?` where there is no note, or not yet."""
    try:
        return msgspec.json.decode(_note_of(path).read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return Holder()
