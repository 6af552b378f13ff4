"""The folder of matrices on the disk, which is gone whatever becomes of the run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mulle.errors import RunError
from mulle.files import Holder, hold

NAME = "matrices"


@contextmanager
def matrices_in(run: Path) -> Iterator[Path]:
    """Yield an empty folder in that of a run; it is removed at the end."""
    folder = run / NAME
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left_matrices(home: Path) -> None:
    """Remove what runs that were killed have left, those without an output too.

    Args:
        home: the folder of runs.
    """
    homes = [home, *Path(tempfile.gettempdir()).glob("mulle-*")]
    for left in [found for each in homes for found in each.glob(f"*/{NAME}")]:
        with suppress(RunError, OSError), hold(left.parent / "lock", _busy):
            shutil.rmtree(left, ignore_errors=True)


def _busy(holder: Holder) -> RunError:
    return RunError("run-busy", run="", pid=holder.pid, host=holder.host, since=holder.since)
