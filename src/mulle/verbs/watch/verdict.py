"""The one verdict on new rows: their columns, the predictions, the labels and the scores together.

The exit code of `mulle watch`, `mulle retrain --if-drift`, alerts, metrics, the dashboard, the page
and the JSON all read this one. In this order the first that holds is the verdict:

worse           a score with labels is surely worse or, where labels cannot tell, its estimate is
drifted         a column, the labels or the predictions drifted
cannot_tell     for more columns than not, larger moves than 25 % of the rows could hide
no_drift_seen   no column drifted; a move below X could hide in those that have rows enough
not_judged      too few rows on either side, or nothing but dates, identifiers and images

`alarm` is true of the first two. What is unknown never raises one.

catalogue  watch-alert
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from mulle.profile.drift import ColumnDrift, Reason, Status
from mulle.verbs.watch.performance import Performance, ScoreStatus


class VerdictStatus(StrEnum):
    """The verdict on a whole comparison."""

    worse = "worse"
    drifted = "drifted"
    no_drift_seen = "no_drift_seen"
    cannot_tell = "cannot_tell"
    not_judged = "not_judged"


class Cause(StrEnum):
    """What raises the alarm."""

    score = "score"
    estimate = "estimate"
    columns = "columns"
    target = "target"
    prediction = "prediction"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on new rows.

    Attributes:
        status: the verdict, as above.
        alarm: whether somebody should act: exit code 3, a reason to retrain, an alert.
        causes: what raises the alarm, most important first.
        dataset_drift: whether a column, the labels or the predictions drifted.
        could_hide: largest move that these rows cannot rule out in the columns without drift (in
            all of them where none is), as a share of the rows; None where no column was judged.
        reason_code, reason_values: why, as the code of a sentence and the values of its blanks.
    """

    status: VerdictStatus
    alarm: bool = False
    causes: list[Cause] = []
    dataset_drift: bool
    could_hide: float | None
    reason_code: str
    reason_values: dict[str, Any]

    @property
    def reason(self) -> Reason:
        """Code and values of the sentence that says why."""
        return Reason(self.reason_code, self.reason_values)


def judge(
    columns: Mapping[str, ColumnDrift],
    prediction: ColumnDrift | None,
    target: ColumnDrift | None,
    performance: Sequence[Performance],
    estimated: Sequence[Performance],
    rows: int,
) -> Verdict:
    """Return the verdict on new rows.

    Args:
        columns: the comparison of each column, those that matter most first.
        prediction, target: the comparison of the predictions and of the labels; None without.
        performance: scores with labels.
        estimated: scores that are estimated without labels.
        rows: number of new rows.
    """
    causes = [*_score_causes(performance, estimated), *_drift_causes(columns, prediction, target)]
    status, reason = judge_drift(columns, prediction, target, rows)
    calm = list(_with_status(columns, Status.no_drift_seen)) or columns.values()
    verdict = VerdictStatus(status)
    if lost := worse_score(performance, estimated):
        verdict, reason = VerdictStatus.worse, lost.reason
    return Verdict(
        status=verdict,
        alarm=bool(causes),
        causes=causes,
        dataset_drift=status is Status.drifted,
        could_hide=_largest_hidden(calm),
        reason_code=reason.code,
        reason_values=reason.values,
    )


def worse_score(
    performance: Sequence[Performance], estimated: Sequence[Performance]
) -> Performance | None:
    """Return the score that is surely worse; an estimate only where no label can tell."""
    known = [p for p in performance if p.status is not ScoreStatus.cannot_tell]
    counted = known or estimated
    return next((p for p in counted if p.status is ScoreStatus.worse), None)


def judge_drift(
    columns: Mapping[str, ColumnDrift],
    prediction: ColumnDrift | None,
    target: ColumnDrift | None,
    rows: int,
) -> tuple[Status, Reason]:
    """Return the verdict on the columns, the labels and the predictions alone, and its reason."""
    values: dict[str, Any] = {"columns": len(columns), "rows": rows}
    drifted = [n for n, c in columns.items() if c.status is Status.drifted]
    if causes := _drift_causes(columns, prediction, target):
        values |= {"drifted": len(drifted), "first": drifted[0] if drifted else ""}
        return Status.drifted, Reason(_DRIFTED[causes[0]], values)
    if not columns:
        return Status.cannot_tell, Reason("nothing-recorded", values)
    calm, unsure = (
        list(_with_status(columns, s)) for s in (Status.no_drift_seen, Status.cannot_tell)
    )
    if len(unsure) > len(calm):
        values |= {"undecided": len(unsure)}
        needed = max((c.rows_needed for c in unsure if c.rows_needed), default=None)
        if needed:
            return Status.cannot_tell, Reason("too-few-rows", values | {"needed": needed})
        return Status.cannot_tell, Reason("undecided", values)
    if not calm:
        return Status.not_judged, _not_judged(columns, values)
    values |= {"columns": len(calm), "hidden": _largest_hidden(calm)}
    return Status.no_drift_seen, Reason("no-drift-seen", values)


def _not_judged(columns: Mapping[str, ColumnDrift], values: dict[str, Any]) -> Reason:
    """Say how many rows it takes, or that nothing but dates and the like is there."""
    few = [c.reason_values["needed"] for c in columns.values() if c.reason_code == "few-rows"]
    if not few:
        return Reason("nothing-judged", values)
    reference = max(c.n_ref for c in columns.values())
    return Reason("not-judged", values | {"reference": reference, "needed": max(few)})


_DRIFTED = {
    Cause.columns: "drifted",
    Cause.target: "target-drifted",
    Cause.prediction: "answers-drifted",
}


def _score_causes(
    performance: Sequence[Performance], estimated: Sequence[Performance]
) -> Iterator[Cause]:
    lost = worse_score(performance, estimated)
    if lost is not None:
        yield Cause.estimate if lost.estimated else Cause.score


def _drift_causes(
    columns: Mapping[str, ColumnDrift], prediction: ColumnDrift | None, target: ColumnDrift | None
) -> list[Cause]:
    parts = [
        (Cause.columns, columns.values()),
        (Cause.target, [target]),
        (Cause.prediction, [prediction]),
    ]
    return [
        cause for cause, found in parts if any(c is not None and c.drift_detected for c in found)
    ]


def _largest_hidden(columns: Iterable[ColumnDrift]) -> float | None:
    return max((c.could_hide for c in columns if c.could_hide is not None), default=None)


def _with_status(columns: Mapping[str, ColumnDrift], status: Status) -> Iterator[ColumnDrift]:
    return (c for c in columns.values() if c.status is status)
