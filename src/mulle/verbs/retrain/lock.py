"""A lock between programs that the system itself releases when its holder dies, even by a kill.

SQLite has one that is the same on every system: an open transaction on a file of its own.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from mulle.errors import RunError


@contextlib.contextmanager
def hold(path: Path, busy: RunError, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock file at `path` while the block runs.

    Args:
        path: the lock file; it is created, and stays.
        busy: error that is raised where another program holds it.
        wait_s: seconds to wait for that program.

    Raises:
        RunError: another program holds it, or the folder cannot be written to.
    """
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
        raise busy from None
    try:
        yield
    finally:
        connection.close()
