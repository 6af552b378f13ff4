"""Read the bytes of a file that a person names, or say why they cannot be read.

A device or a pipe has no end, or no beginning to come back to, and is refused.
"""

from __future__ import annotations

import difflib
import os
import stat
from pathlib import Path

from mulle.errors import DataError, MissingFile, UsageError


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file.

    Args:
        path: of the file; a link is followed.

    Raises:
        MissingFile: there is no such file.
        UsageError: it is a folder, a device or a pipe, may not be read, or changes meanwhile.
        DataError: it is empty.
    """
    before = check_file(path)
    try:
        data = path.read_bytes()
        after = path.stat()
    except FileNotFoundError:
        raise _missing(path) from None
    except OSError as error:
        raise UsageError("file-unreadable", path=path, reason=error.strerror or error) from None
    if not data:
        raise DataError("file-empty", where=str(path))
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UsageError("file-changes", path=path)
    return data


def check_file(path: Path) -> os.stat_result:
    """Return the facts of a regular file; refuse all else.

    Raises:
        MissingFile: there is no such file.
        UsageError: it is a folder, a device or a pipe, or may not be looked at.
    """
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a zero byte in the name
        raise _missing(path) from None
    except OSError as error:
        raise UsageError("file-unreadable", path=path, reason=error.strerror or error) from None
    if stat.S_ISDIR(facts.st_mode):
        raise UsageError("file-is-folder", path=path)
    if not stat.S_ISREG(facts.st_mode):
        raise UsageError("file-not-regular", path=path)
    return facts


def _missing(path: Path) -> MissingFile:
    try:
        beside = [p.name for p in path.parent.iterdir()]
    except (OSError, ValueError):
        return MissingFile("folder-missing", path=path, folder=path.parent)
    if near := difflib.get_close_matches(path.name, beside, n=3, cutoff=0.5):
        return MissingFile("file-misnamed", path=path, near=near)
    return MissingFile("file-missing", path=path)
