"""Files for a person: what is there is never lost in silence, and there is room for what comes."""

from __future__ import annotations

import shutil
from pathlib import Path

from mulle.errors import RunError, UsageError
from mulle.files.write import check_folder


def check_output(path: Path, *, replace: bool, same: bool = False) -> None:
    """Refuse a file that a person would miss if it were written; find it out before the work.

    Args:
        path: the file to be written.
        replace: whether the person has said that it may be replaced.
        same: whether the file there is an earlier form of the same thing, made by mulle.

    Raises:
        UsageError: it is there and may not be replaced, or is a folder or a device.
        RunError: its folder cannot be written to.
    """
    if path.exists():
        if not path.is_file():
            raise UsageError("output-not-a-file", where=str(path), name=path.name)
        if not (replace or same):
            raise UsageError("output-exists", where=str(path), name=path.name)
    check_folder(path.parent)


def check_room(folder: Path, size: int) -> None:
    """Find out before the work whether a disk has room for it.

    Args:
        folder: where the files will lie; it exists.
        size: bytes that they will take at least.

    Raises:
        RunError: it has less.
    """
    free = shutil.disk_usage(folder).free
    if free < size:
        raise RunError("disk-room", where=str(folder), size=size, free=free)
