"""The comparison of new rows with what a model learned from, as data: computed once, kept as JSON.

Sentences are made of codes and values, so one result can be read in any language.

catalogue  watch-train-serve watch-alert
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from mulle.profile.drift import ColumnDrift, Reason, Status
from mulle.table import Doubt, LeftOut

VERSION = 1


class ScoreStatus(StrEnum):
    """The verdict on a score."""

    worse = "worse"
    kept = "kept"
    cannot_tell = "cannot_tell"


class Performance(msgspec.Struct, frozen=True):
    """A score on the new rows beside that on the held-out rows, with 95 % intervals.

    Attributes:
        metric: name of the metric.
        score, low, high: score on the new rows and its interval.
        rows: number of new rows that were scored.
        reference, reference_low, reference_high: score on the held-out rows and its interval; None
            where it is not recorded.
        status: `worse` where the score is surely worse, `kept` where it is not worse by more than
            chance, `cannot_tell` where nothing can be compared.
        reason_code, reason_values: why, as the code of a sentence and the values of its blanks.
        estimated: whether the score is an estimate without labels.
    """

    metric: str
    score: float
    low: float | None
    high: float | None
    rows: int
    reference: float | None
    reference_low: float | None
    reference_high: float | None
    status: ScoreStatus
    reason_code: str
    reason_values: dict[str, Any]
    estimated: bool = False

    @property
    def reason(self) -> Reason:
        """Code and values of the sentence that says why."""
        return Reason(self.reason_code, self.reason_values)


class DriftResult(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a `DriftReport`.

    Attributes:
        dataset_drift: whether any column, or the predictions, drifted.
        status: `drifted`; else `cannot_tell` where that is so for any column; else
            `no_drift_seen`, or `not_judged` where no column was judged.
        could_hide: largest move of a judged column that these rows cannot rule out, as a share of
            the rows; None where no column was judged.
        n_ref, n_cur: rows of the reference, and current rows.
        reason_code, reason_values: why, as the code of a sentence and the values of its blanks.
        columns: by name, those that matter most first.
        prediction, target: the same for the model's predictions and for the labels, where known.
        performance: scores where labels are known.
        estimated_performance: scores that are estimated without labels.
        labels_unknown: rows whose label the model does not know, by label, the most frequent ones.
        n_labels_unknown: number of those rows.
        absent: what could not be compared: part -> code of the reason.
        model, reference, rows: names of the model, of the reference and of the new rows.
        left_out, doubts: what is not used of the new rows, and what is in doubt, see `Reading`.
        created: time of the comparison, ISO 8601 in UTC.
        version: version of this format.
    """

    dataset_drift: bool
    status: Status
    share_of_drifted_columns: float
    number_of_drifted_columns: int
    number_of_columns: int
    number_of_undecided_columns: int
    could_hide: float | None
    n_ref: int
    n_cur: int
    reason_code: str
    reason_values: dict[str, Any]
    columns: dict[str, ColumnDrift]
    prediction: ColumnDrift | None = None
    target: ColumnDrift | None = None
    performance: list[Performance] = []
    estimated_performance: list[Performance] = []
    labels_unknown: dict[str, int] = {}
    n_labels_unknown: int = 0
    absent: dict[str, str] = {}
    model: str = ""
    reference: str = ""
    rows: str = ""
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    created: str = ""
    version: int = VERSION

    @property
    def reason(self) -> Reason:
        """Code and values of the sentence that says why."""
        return Reason(self.reason_code, self.reason_values)
