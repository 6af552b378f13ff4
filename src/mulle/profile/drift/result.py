"""The outcome of comparing one column: its status, how large the effect is, and what could hide.

A result is data with codes and values; `mulle.profile.drift.render_reason` makes the sentence in a
language.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

import msgspec


class Status(StrEnum):
    """The verdict on a column or on a whole comparison."""

    drifted = "drifted"
    no_drift_seen = "no_drift_seen"
    cannot_tell = "cannot_tell"
    not_judged = "not_judged"


class Reason(NamedTuple):
    """The code of a sentence, and the values of its blanks."""

    code: str
    values: dict[str, Any]


class Check(msgspec.Struct, frozen=True):
    """One measure of one column, with the interval of its true value; None without values."""

    measure: str
    score: float | None
    threshold: float
    low: float | None
    high: float | None
    status: Status


class Picture(msgspec.Struct, frozen=True):
    """Shares of rows to draw over each other, by bins between `edges` or by `labels`."""

    reference: list[float]
    current: list[float]
    edges: list[float] = []
    labels: list[str] = []
    outside: tuple[float, float] = (0.0, 0.0)


class ColumnDrift(msgspec.Struct, frozen=True, kw_only=True):
    """The comparison of one column, of the predictions, or of the target.

    Attributes:
        kind: kind of the column.
        status: the verdict, see `mulle.profile.drift.compare_columns`.
        drift_detected: whether the status is `drifted`.
        measure, score, threshold: of the check that decided, as shares of the rows; `checks` has
            all of them. The score is None where a side has no values.
        low, high: interval of the true effect.
        could_hide: largest effect that these rows cannot rule out, as a share of the rows; None
            where the column was not judged, or a side has no values.
        n_ref, n_cur: rows of the reference, and current rows.
        reason_code, reason_values: why, as the code of a sentence and the values of its blanks.
        rows_needed: current rows that would allow a verdict; None where there is one, or where no
            number of rows would.
        importance: loss of the model's score when the column is shuffled; None where unknown.
        priority: effect x importance x adequacy of the sample, from 0 to 1.
        checks: every measure that was compared with a threshold.
        other_measures: measures that are shown and decide nothing.
        picture: both distributions; None where there is nothing to draw.
    """

    kind: str
    status: Status
    drift_detected: bool
    measure: str
    score: float | None
    threshold: float
    low: float | None = None
    high: float | None = None
    could_hide: float | None = None
    n_ref: int
    n_cur: int
    reason_code: str
    reason_values: dict[str, Any]
    rows_needed: int | None = None
    importance: float | None = None
    priority: float = 0.0
    checks: list[Check] = []
    other_measures: dict[str, float] = {}
    picture: Picture | None = None

    @property
    def reason(self) -> Reason:
        """Code and values of the sentence that says why."""
        return Reason(self.reason_code, self.reason_values)
