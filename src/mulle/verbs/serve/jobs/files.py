"""The files of jobs, each job's in a folder of its own, and their removal when they are not needed.

jobs/ID/input.csv           the rows, as they were sent
jobs/ID/parts/000000.csv    the answers to a chunk, each written whole or not at all
jobs/ID/result.csv          the parts, joined
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mulle.bundle.prediction_frame import Form, join
from mulle.files import is_full_disk, replacing, write_bytes
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.jobs.job import ENDED, Job, Status

if TYPE_CHECKING:
    from mulle.verbs.serve.jobs.bundles import KeptBundles
    from mulle.verbs.serve.jobs.store import JobStore

SPARE = 64 << 20  # bytes that are left free on the disk
DAY = 86_400.0
_ORPHAN = 3600.0  # seconds after which files that belong to no job were left by a crash


class JobFiles:
    """The folders of jobs below a state folder.

    Args:
        state: state folder of the server.
    """

    def __init__(self, state: Path) -> None:
        self._jobs = state / "jobs"

    def home(self) -> str:
        """Return a name that no other state folder has, where servers share a database.

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
        """Return the folder of one job."""
        return self._jobs / name

    def begin(self, name: str, suffix: str, size: int) -> Path:
        """Make the folder of a new job; return the path that its rows are to be written to.

        Args:
            name: id of the job.
            suffix: ending of the file.
            size: bytes that will come, 0 if that is not known.

        Raises:
            HTTPError: the disk is full (507) or cannot be written (503).
        """
        folder = self.folder(name)
        with on_disk():
            folder.mkdir(parents=True)
            if not _has_room(folder, size):
                folder.rmdir()
                raise HTTPError(507, "disk-full")
        return folder / f"input{suffix}"

    def sync(self, name: str) -> None:
        """Put the folder of a job itself on the disk, where the system can be asked to."""
        for folder in (self.folder(name), self._jobs, self._jobs.parent):
            with contextlib.suppress(OSError):
                handle = os.open(folder, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)

    def write_part(self, job: Job, number: int, data: bytes) -> None:
        """Write the answers to a chunk; writing the same again changes nothing.

        Args:
            job: the job.
            number: number of the chunk, from 0.
            data: the answers.

        Raises:
            HTTPError: the disk is full (507) or cannot be written (503).
            RunError: likewise.
        """
        with on_disk():
            if not _has_room(self.folder(job.id), len(data)):
                raise HTTPError(507, "disk-full")
        write_bytes(self._part(job, number), data)

    def size_of_parts(self, job: Job) -> int:
        """Return the bytes of the parts that are counted."""
        parts = (self._part(job, number) for number in range(job.chunks))
        return sum(part.stat().st_size for part in parts if part.exists())

    def join(self, job: Job) -> None:
        """Join the parts to the result.

        Raises:
            RunError: the disk is full.
        """
        parts = [self._part(job, number) for number in range(job.chunks)]
        with replacing(self.result(job)) as file:
            join(parts, Form(job.form), file)

    def result(self, job: Job) -> Path:
        """Return the path of the answers."""
        return self.folder(job.id) / f"result.{job.form}"

    def keep_result(self, job: Job) -> None:
        """Remove all files of a job but its result."""
        shutil.rmtree(self.folder(job.id) / "parts", ignore_errors=True)
        for path in self.folder(job.id).glob("input.*"):
            path.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove all files of a job."""
        shutil.rmtree(self.folder(name), ignore_errors=True)

    def names(self) -> list[str]:
        """Return the ids of jobs that have a folder."""
        with contextlib.suppress(OSError):
            return [path.name for path in self._jobs.iterdir()]
        return []

    def is_orphan(self, name: str) -> bool:
        """Return whether nothing was written to a folder for so long that nothing will be."""
        folder = self.folder(name)
        with contextlib.suppress(OSError):
            newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            return newest < time.time() - _ORPHAN
        return False

    def _part(self, job: Job, number: int) -> Path:
        return self.folder(job.id) / "parts" / f"{number:06}.{job.form}"


def clean_up(store: JobStore, files: JobFiles, bundles: KeptBundles, keep_days: float) -> None:
    """Remove jobs that ended long ago, and files that a crash left behind.

    Args:
        store: the jobs.
        files: folders of the jobs.
        bundles: bundles that are kept for jobs.
        keep_days: days for which an ended job and its result are kept.
    """
    for name in store.ended_before(time.time() - keep_days * DAY):
        if store.remove(name):
            files.remove(name)
    statuses = store.statuses()
    for name in files.names():
        status = statuses.get(name)
        left = status is None or (status in ENDED and status is not Status.done)
        if left and files.is_orphan(name):
            files.remove(name)
    bundles.remove_others(store.needed_bundles())


@contextlib.contextmanager
def on_disk() -> Iterator[None]:
    """Turn the errors of a disk into those of HTTP: full (507), or not to be written (503)."""
    try:
        yield
    except OSError as error:
        if is_full_disk(error):
            raise HTTPError(507, "disk-full") from error
        raise HTTPError(503, "jobs-closed", reason=str(error.strerror)) from error


def _has_room(folder: Path, size: int) -> bool:
    return shutil.disk_usage(folder).free >= size + SPARE


def find_inside(folder: Path, path: str) -> Path:
    """Return the file that a caller means by a path below a folder.

    Raises:
        HTTPError: the path leads out of the folder, or there is no such file; the error
            does not say which, for that would show what else is on the machine (422).
    """
    parts = re.split(r"[\\/]", path)
    safe = path and "\0" not in path and ":" not in path and not {"", ".", ".."} & {*parts}
    if safe:
        with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: links in a circle
            home = folder.resolve(strict=True)
            file = home.joinpath(*parts).resolve(strict=True)
            if file.is_relative_to(home) and file.is_file():
                return file
    raise HTTPError(422, "job-path", path=path[:200])


def stamp_of(path: Path) -> str:
    """Return a text that changes when a file does."""
    state = path.stat()
    return f"{state.st_size}-{state.st_mtime_ns}"
