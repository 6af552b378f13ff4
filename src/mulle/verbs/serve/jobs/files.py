"""The files of jobs, each job's in a folder of its own.

jobs/ID/input.csv           as it was sent
jobs/ID/parts/000000.csv    the answers to a chunk, each written whole or not at all
jobs/ID/result.csv          the parts, joined
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from mulle.bundle.prediction_frame import Form, join
from mulle.files import replacing, write_bytes
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.jobs.job import Job

SPARE = 64 << 20  # bytes that are left free on the disk
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_ORPHAN = 3600.0  # seconds after which files that belong to no job were left by a crash


class Files:
    """The folders of jobs below a state folder."""

    def __init__(self, state: Path) -> None:
        self._jobs = state / "jobs"

    def home(self) -> str:
        """What tells this state folder from others, where servers share a database.

        Raises:
            OSError: the folder cannot be written.
        """
        path = self._jobs.parent / "home"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            mine = path.with_name(f"home-{secrets.token_hex(8)}")
            mine.write_text(secrets.token_hex(16), encoding="utf-8")
            with contextlib.suppress(OSError):
                path.hardlink_to(mine)  # of processes that begin together one is the first
            mine.unlink()
        return path.read_text(encoding="utf-8")

    def folder(self, name: str) -> Path:
        """Of one job."""
        return self._jobs / name

    def begin(self, name: str, suffix: str, size: int) -> Path:
        """Where the file of a new job is to be written.

        Args:
            size: bytes that will come, 0 if that is not known.

        Raises:
            HTTPError: there is no room for them (507).
        """
        folder = self.folder(name)
        with full_disk():
            folder.mkdir(parents=True)
            if shutil.disk_usage(folder).free < size + SPARE:
                folder.rmdir()
                raise HTTPError(507, "disk-full")
        return folder / f"input{suffix}"

    def settle(self, name: str) -> None:
        """See that the folder itself is on the disk, where the system can be asked to."""
        for folder in (self.folder(name), self._jobs, self._jobs.parent):
            with contextlib.suppress(OSError):
                handle = os.open(folder, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def write_part(self, job: Job, number: int, data: bytes) -> None:
        """The answers to a chunk; the same again changes nothing.

        Raises:
            RunError: the disk is full.
        """
        write_bytes(self._part(job, number), data)

    def join(self, job: Job) -> None:
        """Make the result of the parts.

        Raises:
            RunError: the disk is full.
        """
        parts = [self._part(job, number) for number in range(job.chunks)]
        with replacing(self.result(job)) as file:
            join(parts, Form(job.form), file)

    def result(self, job: Job) -> Path:
        """The file of answers."""
        return self.folder(job.id) / f"result.{job.form}"

    def keep_result(self, job: Job) -> None:
        """Remove what made the result."""
        shutil.rmtree(self.folder(job.id) / "parts", ignore_errors=True)
        for path in self.folder(job.id).glob("input.*"):
            path.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove all files of a job."""
        shutil.rmtree(self.folder(name), ignore_errors=True)

    def names(self) -> list[str]:
        """Jobs that have a folder."""
        with contextlib.suppress(OSError):
            return [path.name for path in self._jobs.iterdir()]
        return []

    def is_orphan(self, name: str) -> bool:
        """Whether nothing was written to a folder for so long that nothing will be."""
        with contextlib.suppress(OSError):
            newest = max(
                p.stat().st_mtime for p in (self.folder(name), *self.folder(name).iterdir())
            )
            return newest < time.time() - _ORPHAN
        return False

    def _part(self, job: Job, number: int) -> Path:
        return self.folder(job.id) / "parts" / f"{number:06}.{job.form}"


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """Turn a disk that is full (507) or cannot be written (503) into a refusal."""
    try:
        yield
    except OSError as error:
        if is_of_disk(error):
            raise HTTPError(507, "disk-full") from error
        raise HTTPError(503, "jobs-closed", reason=error.strerror or "disk") from error


def is_of_disk(error: BaseException | None) -> bool:
    """Whether an error, or what led to it, is a disk that takes no more."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__
    return False


def inside(folder: Path, path: str) -> Path:
    """The file that a caller means by a path below a folder.

    Raises:
        HTTPError: the path leads out of the folder, or there is no such file; which of them is not
            told, for that would tell what else is on the machine (422).
    """
    parts = re.split(r"[\\/]", path)
    plain = path and "\0" not in path and ":" not in path and not {"", ".", ".."} & {*parts}
    if plain:
        with contextlib.suppress(OSError):
            home = folder.resolve(strict=True)
            found = home.joinpath(*parts).resolve(strict=True)
            if found.is_relative_to(home) and found.is_file():
                return found
    raise HTTPError(422, "job-path", path=path[:200])


def stamp(path: Path) -> str:
    """What changes when a file does."""
    state = path.stat()
    return f"{state.st_size}-{state.st_mtime_ns}"
