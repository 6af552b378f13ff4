"""One verdict from a reference and a window, computed once: every column, answers, target, score.

Columns stand in the order of what they may cost: effect x importance x adequacy of the samples.
The effect is the share of rows that moved; the importance that of the column among all (all alike
where it is not known); adequacy is 1 where the rows tell exactly, and less the less they tell.

catalogue  watch-train-serve watch-serve-serve watch-alert
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from mulle.profile import Answers, CategoryCounts
from mulle.table import Kind
from mulle.times import now_iso
from mulle.verbs.watch.decide import Limits, judge
from mulle.verbs.watch.performance import estimated
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.verdict import ColumnVerdict, Performance, Reason, Status, Verdict
from mulle.verbs.watch.window import Window

_FLOOR = 0.1  # of the mean importance: a column that the model does without may matter tomorrow
_ORDER = (Status.drifted, Status.unknown, Status.stable, Status.not_judged)


def compare(
    reference: Reference,
    window: Window,
    *,
    performance: Sequence[Performance] = (),
    limits: Limits | None = None,
    model: str = "",
    rows: str = "",
) -> Verdict:
    """What moved between what was seen before and a window over its frame.

    Args:
        reference: of a bundle, or of an earlier window (`Window.as_reference`).
        window: the new rows.
        performance: scores on those of them whose labels are known.
        limits: what counts as drift.
        model, rows: what the two are called.
    """
    counted = {n: c for n, c in reference.columns.items() if c.rows and n in window.columns}
    weights = _weights(reference.importances, list(counted))
    judged: dict[str, ColumnVerdict] = {}
    for name, here in counted.items():
        found = judge(
            here, window.columns[name], reference.kinds.get(name, Kind.nominal),
            columns=len(counted), importance=reference.importances.get(name), limits=limits,
        )  # fmt: skip
        judged[name] = _weighed(found, weights[name])
    order = sorted(judged, key=lambda n: (_ORDER.index(judged[n].status), -judged[n].priority, n))
    columns = {n: judged[n] for n in order}
    prediction, target = _prediction(reference, window, limits), _target(reference, window, limits)
    drifted = [n for n, c in columns.items() if c.drift_detected]
    unknown = [n for n, c in columns.items() if c.status is Status.unknown]
    moved = bool(drifted) or (prediction is not None and prediction.drift_detected)
    absent = {n: why for n, why in reference.absent.items() if n not in counted}
    status = _status(columns, unknown, moved=moved)
    n_ref = max((c.rows for c in counted.values()), default=0)
    return Verdict(
        dataset_drift=moved,
        status=status,
        share_of_drifted_columns=len(drifted) / len(columns) if columns else 0.0,
        number_of_drifted_columns=len(drifted),
        number_of_columns=len(columns),
        number_of_unknown_columns=len(unknown),
        n_ref=n_ref,
        n_cur=window.rows,
        reason=_reason(columns, drifted, unknown, status, window.rows),
        columns=columns,
        prediction=prediction,
        target=target,
        performance=list(performance),
        estimated_performance=estimated(reference.answers, window.answers),
        absent=absent,
        model=model,
        reference=reference.name,
        rows=rows,
        created=now_iso(),
    )


def _weights(importances: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """Shares of 1 of the most important column; all are 1 where none is known."""
    known = {n: max(importances.get(n, 0.0), 0.0) for n in names}
    most = max(known.values(), default=0.0)
    if not most:
        return dict.fromkeys(names, 1.0)
    floor = _FLOOR * sum(known.values()) / len(known)
    return {n: max(v, floor) / most for n, v in known.items()}


def _weighed(column: ColumnVerdict, weight: float) -> ColumnVerdict:
    if column.score is None or column.low is None or column.high is None:
        return column
    margin = column.margin or 0.05
    adequacy = margin / (margin + max(column.high - column.low, 0.0) / 2)
    effect = min(max(column.score, 0.0), 1.0)
    return msgspec.structs.replace(column, priority=effect * weight * adequacy)


def _prediction(
    reference: Reference, window: Window, limits: Limits | None
) -> ColumnVerdict | None:
    """Of the probability of the positive class, the chosen classes of more, or the values."""
    here, there = reference.answers, window.answers
    if here is None or there is None or not there.rows or not here.rows:
        return None
    if len(here.chosen) <= 2:
        return judge(here.values, there.values, Kind.continuous, limits=limits)
    chosen = (_classes(reference.labels, answers) for answers in (here, there))
    return judge(next(chosen), next(chosen), Kind.nominal, limits=limits)


def _classes(labels: Sequence[str], answers: Answers) -> CategoryCounts:
    chosen = dict(zip(labels, answers.chosen, strict=True))
    return CategoryCounts(chosen, answers.rows, complete=False)


def _target(reference: Reference, window: Window, limits: Limits | None) -> ColumnVerdict | None:
    here, there = reference.target, window.target
    if here is None or there is None or not there.rows or not here.rows:
        return None
    kind = Kind.nominal if isinstance(here, CategoryCounts) else Kind.continuous
    return judge(here, there, kind, limits=limits)


def _status(columns: Mapping[str, ColumnVerdict], unknown: Sequence[str], *, moved: bool) -> Status:
    if moved:
        return Status.drifted
    return Status.unknown if unknown or not columns else Status.stable


def _reason(
    columns: Mapping[str, ColumnVerdict], drifted: Sequence[str], unknown: Sequence[str],
    status: Status, rows: int,
) -> Reason:  # fmt: skip
    values = {"drifted": len(drifted), "columns": len(columns), "unknown": len(unknown),
              "rows": rows, "first": list(drifted[:3])}  # fmt: skip
    if not columns:
        return Reason("nothing-recorded", values)
    if status is Status.drifted:
        return Reason("drifted" if drifted else "answers-drifted", values)
    if status is Status.stable:
        return Reason("stable", values)
    needed = [columns[n].rows_needed for n in unknown]
    most = max((k for k in needed if k), default=None)
    return Reason("unknown", values | {"needed": most}) if most else Reason("unknowable", values)
