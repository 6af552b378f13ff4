"""New rows, counted as they come: a fixed amount of memory a column, a few microseconds a row.

A window counts over the frame of a reference, so that the two can be laid over each other. Windows
of several processes are added up exactly, whichever rows each has seen. As bytes it is JSON.

catalogue  watch-train-serve watch-serve-serve
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.errors import DataError
from mulle.metrics import Predictions
from mulle.profile import Answers, AnyCounts, CategoryCounts, NumberCounts
from mulle.profile.counting import add_values, as_frame, known_categories
from mulle.profile.counts import Count, frames_differ
from mulle.profile.seasons import MONTHS, count_months, months_of
from mulle.table import Table
from mulle.verbs.watch.reference import Reference

VERSION = 1


class _State(msgspec.Struct):
    """A window as it is written."""

    rows: int
    columns: dict[str, AnyCounts]
    answers: Answers | None = None
    target: CategoryCounts | NumberCounts | None = None
    months: list[Count] = []
    version: int = VERSION


class Window:
    """Rows counted over the frame of a reference.

    Attributes:
        rows: number of rows that were added.
        columns: counts by column.
        answers: predictions of the model, as far as they were given.
        target: labels or values, as far as they were given.
        months: rows by month of the year, January first, where the reference is counted by month.

    >>> from mulle.table import Kind
    >>> reference = Reference("made", {"x": Kind.continuous}, {"x": NumberCounts([0.0, 1.0])})
    >>> window = Window(reference)
    >>> window.update({"x": np.array([[0.5], [np.nan], [3.0]])})
    >>> window.rows, window.columns["x"].counts, window.columns["x"].missing
    (3, [0, 1, 1], 1)
    """

    def __init__(self, reference: Reference) -> None:
        self.rows = 0
        self.columns: dict[str, AnyCounts] = {n: c.empty() for n, c in reference.columns.items()}
        self.answers = reference.answers.empty() if reference.answers else None
        self.target = reference.target.empty() if reference.target else None
        self.months = [0] * MONTHS
        self._dates = reference.seasons.column if reference.seasons else None
        self._labels = reference.labels
        self._known = {n: known_categories(c) for n, c in reference.columns.items()}

    def update(
        self,
        rows: Mapping[str, Array] | Table | pl.DataFrame,
        predictions: Predictions | None = None,
        target: Array | None = None,
    ) -> None:
        """Count further rows.

        Args:
            rows: as they enter the model: arrays [n] or [n, 1] by column (float64 with NaN, int64
                microseconds, text with the token for missing; see `mulle.graph`), or a table in
                the schema of the model. Columns that the reference does not know are left out.
            predictions: what the model gave for them, with its labels.
            target: class codes or values [n], where they are known.

        Raises:
            DataError: a column is absent, or not as long as the others.
        """
        frame = rows.frame if isinstance(rows, Table) else rows
        absent = [n for n in self.columns if n not in _names(frame)]
        if absent:
            raise DataError("window-column-missing", column=absent[0])
        lengths = {len(frame[n]) for n in self.columns}
        lengths |= {len(a) for a in (*(predictions or ()), target) if a is not None}
        if len(lengths) > 1:
            raise DataError("window-lengths", lengths=sorted(lengths))
        for name, counts in self.columns.items():
            add_values(counts, frame[name], self._known[name])
        if self._dates is not None and self._dates in _names(frame):
            self._add_months(count_months(months_of(frame[self._dates])))
        self.rows += lengths.pop() if lengths else 0
        if predictions is not None:
            self.add_predictions(predictions)
        if target is not None:
            self.add_target(target)

    def add_predictions(self, predictions: Predictions) -> None:
        """Count further predictions, with the labels that the model gave."""
        if self.answers is None:
            self.answers = Answers.of(*predictions)
        else:
            self.answers.add(*predictions)

    def add_target(self, target: Array) -> None:
        """Count further labels or values: class codes or values [n]."""
        if not len(target):
            return
        if isinstance(self.target, NumberCounts):
            self.target.add(np.asarray(target, np.float64))
        elif isinstance(self.target, CategoryCounts):
            found = np.bincount(target, minlength=len(self._labels)).tolist()
            self.target.add(dict(zip(self._labels, found, strict=True)), 0, self._labels)

    def _add_months(self, months: list[int]) -> None:
        self.months = [a + b for a, b in zip(self.months, months, strict=True)]

    def merge(self, other: Window) -> None:
        """Add the rows of a window over the same reference.

        Raises:
            DataError: the two were not counted over the same frame.
        """
        kinds = [{n: type(c) for n, c in w.columns.items()} for w in (self, other)]
        if kinds[0] != kinds[1]:
            raise frames_differ()
        for name, counts in self.columns.items():
            theirs: Any = other.columns[name]
            counts.merge(theirs)
        for part in ("answers", "target"):
            ours, theirs = getattr(self, part), getattr(other, part)
            if ours is None:
                setattr(self, part, theirs)
            elif theirs is not None:
                ours.merge(theirs)
        self._add_months(other.months)
        self.rows += other.rows

    def to_bytes(self) -> bytes:
        """Return the counts as JSON; read by `from_bytes`."""
        state = _State(self.rows, self.columns, self.answers, self.target, self.months)
        return msgspec.json.encode(state)

    @classmethod
    def from_bytes(cls, data: bytes, reference: Reference) -> Window:
        """Read what `to_bytes` wrote, over the same reference.

        Raises:
            DataError: the bytes are damaged, of a later version, or of another reference.
        """
        try:
            state = msgspec.json.decode(data, type=_State)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise DataError("window-damaged", error=error) from error
        if state.version > VERSION:
            raise DataError("window-newer", version=state.version, supported=VERSION)
        window, read = cls(reference), cls(reference)
        read.rows, read.columns = state.rows, state.columns
        read.answers, read.target = state.answers, state.target
        if len(state.months) == MONTHS:  # a window of an earlier version has none
            read.months = state.months
        window.merge(read)
        return window

    def as_reference(self, reference: Reference, name: str = "") -> Reference:
        """Return the counts as the reference of later rows."""
        columns = {n: as_frame(c, reference.columns[n]) for n, c in self.columns.items()}
        return replace(
            reference, name=name or "earlier rows", columns=columns, answers=self.answers,
            target=self.target, seasons=None,
        )  # fmt: skip


def reference_of(table: Table, name: str = "rows") -> Reference:
    """Make the reference of later rows from a table alone.

    >>> from mulle.table import read
    >>> found = reference_of(read(pl.DataFrame({"x": [0.5, 1.5, None]})))
    >>> found.columns["x"].rows, found.columns["x"].missing
    (3, 1)
    """
    kinds = {c.name: c.kind for c in table.schema.columns}
    framed = Reference(name, kinds, {}).framed_by(table)
    window = Window(framed)
    window.update(table)
    return window.as_reference(framed, name)


def _names(frame: Mapping[str, Any] | pl.DataFrame) -> Collection[str]:
    return frame.columns if isinstance(frame, pl.DataFrame) else frame.keys()
