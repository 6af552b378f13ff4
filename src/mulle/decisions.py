"""A decision is a choice that was made for the user: what, why, on which evidence, over what else.

The log is one JSON object a line, written as it happens, so that a killed run still tells what
it did. A decision carries a code and values; the sentences stand in `page`, in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mulle.files import append_bytes, cut_half_line


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """One choice.

    Attributes:
        code: what sort of choice, in kebab case (`metric-chosen`).
        subject: what it is about: a column, a plan, a stage; "" for the whole run.
        values: what was chosen, why, and the evidence; the blanks of the sentence in `page`.
        alternatives: what else was considered, each with its evidence.
        at: seconds since the run began.
    """

    code: str
    subject: str = ""
    values: dict[str, Any] = {}
    alternatives: list[dict[str, Any]] = []
    at: float = 0.0


class DecisionLog:
    """Decisions in the order they were made, kept in memory and, given a path, in a file.

    >>> log = DecisionLog()
    >>> log.add("metric-chosen", metric="roc_auc").values
    {'metric': 'roc_auc'}
    >>> len(log)
    1
    """

    def __init__(self, path: Path | None = None, *, clock: Any = None) -> None:
        self.path = path
        self._clock = clock or (lambda: 0.0)
        if path:
            cut_half_line(path)
        self._entries: list[Decision] = list(read_decisions(path)) if path else []

    def add(
        self,
        code: str,
        subject: str = "",
        *,
        alternatives: list[dict[str, Any]] | None = None,
        **values: Any,
    ) -> Decision:
        """Record one decision; with a path it is on disk when this returns."""
        decision = Decision(code, subject, values, alternatives or [], round(self._clock(), 3))
        self._entries.append(decision)
        if self.path:
            append_bytes(self.path, msgspec.json.encode(decision) + b"\n")
        return decision

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def of(self, code: str) -> list[Decision]:
        """All decisions of one code."""
        return [d for d in self._entries if d.code == code]


def read_decisions(path: Path) -> Iterator[Decision]:
    """The decisions of a log file; a last line cut off by a crash is left out."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        try:
            yield msgspec.json.decode(line, type=Decision)
        except msgspec.DecodeError:
            return
