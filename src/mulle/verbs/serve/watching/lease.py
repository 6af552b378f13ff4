"""Which of several processes does what only one should: judge for the metrics, and raise alerts.

A file names the one, who writes it anew at each tick. Who finds it old writes its own name, and is
the one if that still stands there at the next tick; so nobody waits and no lock is left behind.
Two may be the one for a tick, when a process was held up: what they do bears that.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from mulle.errors import RunError
from mulle.files import write_text


class Lease:
    """The right of one process.

    Args:
        path: the file.
        owner: a name that no other process has.
        seconds: after which the file is old; several ticks.

    Attributes:
        held: whether this process is the one.
    """

    def __init__(self, path: Path, owner: str, seconds: float) -> None:
        self._path, self._owner, self._seconds = path, owner, seconds
        self.held = False

    def tick(self) -> None:
        """Renew the lease, or try to take an old one; called every few seconds."""
        holder, age = self._seen()
        self.held = holder == self._owner
        if self.held or age > self._seconds:
            try:
                write_text(self._path, self._owner)
            except RunError:  # where nothing can be written, nothing can be shared
                self.held = True

    def release(self) -> None:
        """Let another process be the one at once."""
        if self.held and self._seen()[0] == self._owner:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self.held = False

    def _seen(self) -> tuple[str, float]:
        try:
            age = time.time() - self._path.stat().st_mtime
            return self._path.read_text(encoding="utf-8"), age
        except (OSError, UnicodeDecodeError):
            return "", float("inf")
