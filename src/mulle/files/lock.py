"""A lock between programs that the system itself releases when its holder dies, even by a kill.

SQLite has one that is the same on every system: an open transaction on a file of its own. Beside it
lies a note of who holds it, for the sentence that refuses the next one.
"""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import RunError
from mulle.files.write import write_bytes

_UNKNOWN = "?"


class Lock:
    """A lock that is held, with the note of its holder: process, host, since when, and more."""

    def __init__(self, path: Path) -> None:
        self._path = _note_of(path)
        self._values: dict[str, Any] = {
            "pid": os.getpid(),
            "host": platform.node(),
            "since": datetime.now(UTC).isoformat(" ", "seconds"),
        }

    def note(self, **values: Any) -> None:
        """Add to the note; the lock holds without it too."""
        self._values |= values
        with contextlib.suppress(RunError):
            write_bytes(self._path, msgspec.json.encode(self._values))

    def forget(self) -> None:
        """Remove the note."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def hold(path: Path, busy: RunError, *, wait_s: float = 0.0) -> Iterator[Lock]:
    """Hold the lock file at `path` while the block runs.

    Args:
        path: the lock file; it is created, and stays.
        busy: error that is raised where another program holds it; `pid`, `host`, `since` and what
            else the holder has noted become its values where it has none of that name.
        wait_s: seconds to wait for that program.

    Raises:
        RunError: another program holds it, or the folder cannot be written to.
    """
    import sqlite3  # here: most programs that write files hold no lock

    connection = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
    except (sqlite3.Error, OSError) as error:
        if connection is not None:
            connection.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise RunError(
                "lock-failed", where=str(path.parent), name=path.name, error=error
            ) from error
        busy.values = _holder(path) | busy.values
        raise busy from None
    lock = Lock(path)
    lock.note()
    try:
        yield lock
    finally:
        lock.forget()
        connection.close()


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.holder")


def _holder(path: Path) -> dict[str, Any]:
    """Return what the holder has noted; `?` for what it has not, or not yet."""
    unknown: dict[str, Any] = dict.fromkeys(("pid", "host", "since", "run"), _UNKNOWN)
    try:
        return unknown | msgspec.json.decode(_note_of(path).read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError):
        return unknown
