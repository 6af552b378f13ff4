"""Files for a person: what is there is never lost in silence, and there is room for what comes."""

from __future__ import annotations

import contextlib
import filecmp
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mulle.errors import RunError, UsageError
from mulle.files.write import check_writable


def check_output(path: Path, *, replace: bool, same: bool = False) -> None:
    """Refuse a file that a person would miss if it were written; find it out before the work.

    Args:
        path: the file to be written.
        replace: whether the person allows that it is replaced.
        same: whether the file there is an earlier form of the same thing, made by mulle.

    Raises:
        UsageError: it is there and may not be replaced, or is a folder or a device.
        RunError: its folder cannot be written to.
    """
    if path.exists():
        if not path.is_file():
            raise UsageError("output-not-a-file", where=str(path), name=path.name or str(path))
        if not (replace or same):
            raise UsageError("output-exists", where=str(path), name=path.name)
    check_writable(path)


@contextlib.contextmanager
def filling(folder: Path, *, replace: bool) -> Iterator[Path]:
    """Yield an empty folder whose files move to `folder` when all of them are made.

    Args:
        folder: made if it is not there; what else lies in it stays.
        replace: whether the person allows that files of other contents are replaced.

    Raises:
        UsageError: such a file is there; nothing has moved then.
        RunError: the folder cannot be written to.
    """
    there = folder.is_dir()
    check_writable(folder / "any" if there else folder)
    place_of_work = folder if there else folder.parent
    with tempfile.TemporaryDirectory(prefix=".mulle-", dir=place_of_work) as temporary:
        made = Path(temporary)
        yield made
        files = [path for path in sorted(made.rglob("*")) if path.is_file()]
        places = [folder / path.relative_to(made) for path in files]
        for path, place in zip(files, places, strict=True):
            same = place.is_file() and filecmp.cmp(path, place, shallow=False)
            check_output(place, replace=replace, same=same)
        for path, place in zip(files, places, strict=True):
            path.replace(place)


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
