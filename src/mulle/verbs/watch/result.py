"""The comparison of new rows with what a model learned from, as data: computed once, kept as JSON.

Sentences are made of codes and values, so one result can be read in any language.

catalogue  watch-train-serve watch-alert
"""

from __future__ import annotations

import msgspec

from mulle.profile.drift import ColumnDrift
from mulle.table import Doubt, LeftOut
from mulle.verbs.watch.performance import Performance
from mulle.verbs.watch.season import Season
from mulle.verbs.watch.verdict import Verdict

VERSION = 2
UNNAMED = "rows"  # what rows are called that no file holds


class DriftResult(Verdict, frozen=True, kw_only=True):
    """The fields of a `DriftReport`: the verdict, and what it rests on.

    Attributes:
        n_ref, n_cur: rows of the reference, and current rows.
        columns: by name, those that matter most first.
        prediction, target: the same for the model's predictions and for the labels, where known.
        performance: scores where labels are known.
        estimated_performance: scores that are estimated without labels.
        labels_unknown: rows whose label the model does not know, by label, the most frequent ones.
        n_labels_unknown: number of those rows.
        absent: what could not be compared: part -> code of the reason.
        model, reference, rows: names of the model, of the reference and of the new rows.
        season: the months whose rows alone were compared with; None where all were.
        left_out, doubts: what is not used of the new rows, and what is in doubt, see `Reading`.
        created: time of the comparison, ISO 8601 in UTC.
        version: version of this format.
    """

    share_of_drifted_columns: float
    number_of_drifted_columns: int
    number_of_columns: int
    number_of_undecided_columns: int
    n_ref: int
    n_cur: int
    columns: dict[str, ColumnDrift]
    prediction: ColumnDrift | None = None
    target: ColumnDrift | None = None
    performance: list[Performance] = msgspec.field(default_factory=list)
    estimated_performance: list[Performance] = msgspec.field(default_factory=list)
    labels_unknown: dict[str, int] = msgspec.field(default_factory=dict)
    n_labels_unknown: int = 0
    absent: dict[str, str] = msgspec.field(default_factory=dict)
    model: str = ""
    reference: str = ""
    rows: str = ""
    season: Season | None = None
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    created: str = ""
    version: int = VERSION
