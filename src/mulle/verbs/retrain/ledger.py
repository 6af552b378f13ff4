"""The ledger: every step of every retraining, one JSON object a line, never changed afterwards.

A line is on the disk when `write` returns. A kill can leave half a line at the end and nothing
worse: it is left out in reading and taken away by the next writer.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import RunError
from mulle.files import append_bytes, cut_half_line, hold
from mulle.times import now_iso

FILE = "retrain.jsonl"
LAST = {"promoted", "refused", "nothing-to-do", "written", "failed", "abandoned", "rolled-back"}
MAX_WAIT_SECONDS = 30.0  # for other programs that write


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step.

    Attributes:
        loop: name of the retraining.
        model: registered name, or file.
        step: code of the step: `triggered`, `rows-taken`, `plan-taken`, `trained`,
            `compared`, `gate`, `promoting`, `refused`, ...; those of `LAST` end a loop.
        at: time, ISO 8601 in UTC.
        values: the evidence.
    """

    loop: str
    model: str
    step: str
    at: str
    values: dict[str, Any] = {}


class Ledger:
    """The ledger of a folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ledger = Ledger(Path(folder))
    ...     _ = ledger.write("20260102-030405-1f2e", "credit", "triggered", by="hand")
    ...     [(entry.step, entry.values) for entry in ledger.entries("credit")]
    [('triggered', {'by': 'hand'})]
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def write(self, loop: str, model: str, step: str, **values: Any) -> Entry:
        """Add one step; it is on disk when this returns.

        Raises:
            RunError: others were writing for half a minute, or the disk is full.
        """
        at = now_iso(milliseconds=True)
        entry = Entry(loop, model, step, at, values)
        line = msgspec.json.encode(entry) + b"\n"
        busy = RunError("ledger-busy", where=str(self.path), seconds=MAX_WAIT_SECONDS)
        with hold(self.path.with_name(f"{FILE}.lock"), busy, wait_s=MAX_WAIT_SECONDS):
            cut_half_line(self.path)
            append_bytes(self.path, line)
        return entry

    def entries(self, model: str = "") -> list[Entry]:
        """Return all steps, or those of one model, the oldest first."""
        return [entry for entry in self._read() if model in {"", entry.model}]

    def _read(self) -> Iterator[Entry]:
        if not self.path.exists():
            return
        for line in self.path.read_bytes().splitlines():
            try:
                yield msgspec.json.decode(line, type=Entry)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue  # cut off by a crash


def new_loop() -> str:
    """Return a name for a retraining: the time and four random digits."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
