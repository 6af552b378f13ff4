"""Compare a reference and a window: every column, the predictions, the target and the score.

Columns stand in the order of what they may cost: effect x importance x adequacy of the samples.
The effect is the share of rows that moved; the importance that of the column among all (all alike
where it is not known); adequacy is 1 where the interval has no width, and less the wider it is.

catalogue  watch-train-serve watch-serve-serve watch-alert
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from mulle.profile import Answers, CategoryCounts
from mulle.profile.drift import ColumnDrift, Limits, Pair, Status, compare_columns
from mulle.table import Kind, Reading
from mulle.table.reading import AS_IT_IS
from mulle.times import now_iso
from mulle.verbs.watch.estimate import estimated
from mulle.verbs.watch.performance import Performance
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.report import DriftReport
from mulle.verbs.watch.season import in_season
from mulle.verbs.watch.verdict import judge
from mulle.verbs.watch.window import Window

_MIN_WEIGHT = 0.1  # of the mean importance: a column that the model ignores may matter tomorrow
MAX_LABELS = 10  # unknown labels that a report names
_NARROW = 0.05  # half width of an interval at which adequacy is one half
_ORDER = (Status.drifted, Status.cannot_tell, Status.no_drift_seen, Status.not_judged)


def compare(
    reference: Reference,
    window: Window,
    *,
    performance: Sequence[Performance] = (),
    labels_unknown: Mapping[str, int] = MappingProxyType({}),
    limits: Limits | None = None,
    model: str = "",
    rows: str = "",
    reading: Reading = AS_IT_IS,
) -> DriftReport:
    """Compare a reference with a window over its frame.

    All columns, the predictions and the target are one comparison: they share its false-alarm rate.
    A window of part of a year is compared with the same months, where the reference has them.

    Args:
        reference: of a bundle, or of an earlier window (`Window.as_reference`).
        window: the new rows.
        performance: scores on those of them whose labels are known.
        labels_unknown: labels that the model does not know, with their rows.
        limits: numbers of the rule of drift.
        model, rows: names of the two, for people.
        reading: of the new rows.
    """
    of_season, season = in_season(reference, window)
    found = compare_columns(_pairs(of_season, window), limits)
    prediction, target = found.pop(("prediction", ""), None), found.pop(("target", ""), None)
    weights = _weights(reference.importances, [name for _, name in found])
    ranked = {
        name: _ranked(column, reference.importances.get(name), weights[name])
        for (_, name), column in found.items()
    }
    order = sorted(ranked, key=lambda n: (_ORDER.index(ranked[n].status), -ranked[n].priority, n))
    columns = {n: ranked[n] for n in order}
    drifted = [n for n, c in columns.items() if c.drift_detected]
    undecided = [n for n, c in columns.items() if c.status is Status.cannot_tell]
    guessed = estimated(reference.answers, window.answers, of_season.answers)
    verdict = judge(columns, prediction, target, performance, guessed, window.rows)
    return DriftReport(
        **msgspec.structs.asdict(verdict),
        share_of_drifted_columns=len(drifted) / len(columns) if columns else 0.0,
        number_of_drifted_columns=len(drifted),
        number_of_columns=len(columns),
        number_of_undecided_columns=len(undecided),
        n_ref=season.rows if season else max((c.n_ref for c in columns.values()), default=0),
        season=season,
        n_cur=window.rows,
        columns=columns,
        prediction=prediction,
        target=target,
        performance=list(performance),
        estimated_performance=guessed,
        labels_unknown=dict(Counter(labels_unknown).most_common(MAX_LABELS)),
        n_labels_unknown=sum(labels_unknown.values()),
        absent={n: why for n, why in reference.absent.items() if n not in columns},
        model=model,
        reference=reference.name,
        rows=rows,
        left_out=reading.left_out,
        doubts=reading.doubts,
        created=now_iso(),
    )


def _pairs(reference: Reference, window: Window) -> dict[tuple[str, str], Pair]:
    """Everything that is compared, by part and name."""
    pairs = {
        ("column", name): Pair(
            counts, window.columns[name], reference.kinds.get(name, Kind.nominal)
        )
        for name, counts in reference.columns.items()
        if counts.rows and name in window.columns
    }
    before, now = reference.answers, window.answers
    if before is not None and now is not None and before.rows and now.rows:
        pairs["prediction", ""] = _prediction(reference.labels, before, now)
    target = reference.target
    if target is not None and window.target is not None and target.rows and window.target.rows:
        kind = Kind.nominal if isinstance(target, CategoryCounts) else Kind.continuous
        pairs["target", ""] = Pair(target, window.target, kind)
    return pairs


def _prediction(labels: Sequence[str], before: Answers, now: Answers) -> Pair:
    """The probability of the positive class, the chosen classes of more than two, or the values."""
    if len(before.chosen) <= 2:
        return Pair(before.values, now.values, Kind.continuous)
    return Pair(_classes(labels, before), _classes(labels, now), Kind.nominal)


def _classes(labels: Sequence[str], answers: Answers) -> CategoryCounts:
    chosen = dict(zip(labels, answers.chosen, strict=True))
    return CategoryCounts(chosen, answers.rows, complete=False)


def _weights(importances: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """Importances as shares of the largest; all are 1 where none is known."""
    known = {n: max(importances.get(n, 0.0), 0.0) for n in names}
    most = max(known.values(), default=0.0)
    if not most:
        return dict.fromkeys(names, 1.0)
    floor = _MIN_WEIGHT * sum(known.values()) / len(known)
    return {n: max(v, floor) / most for n, v in known.items()}


def _ranked(column: ColumnDrift, importance: float | None, weight: float) -> ColumnDrift:
    priority = 0.0
    if column.score is not None and column.low is not None and column.high is not None:
        adequacy = _NARROW / (_NARROW + max(column.high - column.low, 0.0) / 2)
        priority = min(max(column.score, 0.0), 1.0) * weight * adequacy
    return msgspec.structs.replace(column, importance=importance, priority=priority)
