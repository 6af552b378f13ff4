"""Free pages of a SQLite file, given back to the disk a few at a time.

A file that was made so (`auto_vacuum = INCREMENTAL`) shrinks in small transactions. One of another
make shrinks only as a copy of all of it, for which nobody else may write: that is left to a person
who asks for it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

STEP_PAGES = 256  # pages that one transaction gives back: 1 MB
WAIT_S = 30  # for other writers
_INCREMENTAL = 2


def make_shrinkable(path: Path) -> None:
    """Make an empty SQLite file whose free pages can be given back a few at a time.

    SQLite takes the setting only before the first table, or with a copy of the whole file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _opened(path) as connection:
        connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
        connection.execute("VACUUM")


def is_shrinkable(path: Path) -> bool:
    """Return whether free pages can be given back without copying all of the file."""
    with _opened(path) as connection:
        return _pragma(connection, "auto_vacuum") == _INCREMENTAL


def free_bytes(path: Path) -> int:
    """Return the bytes of the free pages in a file."""
    with _opened(path) as connection:
        return _pragma(connection, "freelist_count") * _pragma(connection, "page_size")


def free_pages(path: Path) -> Iterator[int]:
    """Give free pages back, and yield after each transaction how many; nothing where it cannot."""
    with _opened(path) as connection:
        if _pragma(connection, "auto_vacuum") != _INCREMENTAL:
            return
        while free := _pragma(connection, "freelist_count"):
            # A script is run to its end; `execute` would take one step of it, which is one page.
            connection.executescript(f"PRAGMA incremental_vacuum({STEP_PAGES})")
            if not (freed := free - _pragma(connection, "freelist_count")) > 0:
                return
            yield freed


def copy_without_free_pages(path: Path) -> None:
    """Shrink a file of any make; others wait meanwhile, and it can be shrunk in steps from then on.

    Raises:
        sqlite3.OperationalError: others are in the file, or the disk has no room for the copy.
    """
    with _opened(path) as connection:
        # Of a write-ahead log the setting is refused, so it is put away for the copy.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode = WAL")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, WAIT_S, isolation_level=None)) as connection:
        yield connection
