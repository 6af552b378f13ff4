"""Writing files so that a full disk or a kill loses nothing that was there, and their hashes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mulle.errors import RunError, UsageError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_BACK = 4_096  # bytes that are read at once from the end of a file


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`; it takes the name only when all of it is on disk.

    Raises:
        RunError: the folder cannot be written to, or the disk is full; `path` is as it was.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f".{path.name}.{secrets.token_hex(4)}"
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        ours = {str(temporary), str(path), *map(str, path.parents)}
        if error.filename and str(error.filename) not in ours:
            raise  # of another file, which the block was reading
        raise write_failed(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_failed(path: Path, error: OSError) -> RunError:
    """Return the error of a file that cannot be written, by the name that a person knows."""
    return RunError(
        "write-failed", where=str(path), name=path.name, strerror=error.strerror or error
    )


def is_full_disk(error: BaseException | None) -> bool:
    """Return whether an error, or what led to it, is a disk that takes no more."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__
    return False


def check_writable(path: Path) -> None:
    """Find out now, not after the work, whether a file can be written.

    Raises:
        UsageError: what should be a folder on the way to it is a file.
        RunError: it cannot be written.
    """
    above = next((folder for folder in path.parents if folder.exists()), path.parent)
    if above.exists() and not above.is_dir():
        raise UsageError("output-inside-file", where=str(path), name=str(above))
    probe = path.with_name(f".mulle-{secrets.token_hex(4)}")
    try:
        with replacing(probe) as file:
            file.write(b"")
    except RunError as error:
        raise RunError(
            "write-failed", where=str(path), name=path.name, strerror=error.values["strerror"]
        ) from error
    probe.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all."""
    with replacing(path) as file:
        file.write(data)


def append_bytes(path: Path, data: bytes) -> None:
    """Add `data` to the end of a file; it is on disk when this returns.

    Raises:
        RunError: the file cannot be written, or the disk is full.
    """
    try:
        with path.open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise write_failed(path, error) from error


def cut_half_line(path: Path) -> None:
    """Remove a last line that a kill has cut off, so that the next one stands by itself.

    Raises:
        RunError: the file cannot be written.
    """
    try:
        with path.open("rb+") as file:
            at = size = file.seek(0, os.SEEK_END)
            while at:
                begin = max(0, at - _BACK)
                file.seek(begin)
                found = file.read(at - begin).rfind(b"\n")
                at = begin + found + 1 if found >= 0 else begin
                if found >= 0:
                    break
            if at < size:
                file.truncate(at)
    except FileNotFoundError:
        return
    except OSError as error:
        raise write_failed(path, error) from error


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, text.encode())


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
