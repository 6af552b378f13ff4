"""The reference of new rows: read from a bundle, or made of other rows.

A bundle carries the profile of its training rows and, if it was written since, counts over a fixed
frame, its answers on held-out rows, its score and importances. What an older one lacks is listed
in `absent`, with the reason; it is no error.

catalogue  watch-train-serve watch-serve-serve
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mulle.bundle import REFERENCE, WATCH, BaselineScore, Manifest, Model, parse_baseline
from mulle.metrics import Metric
from mulle.metrics import metric as named_metric
from mulle.profile import (
    Answers,
    AnyCounts,
    CategoryCounts,
    NumberCounts,
    Profile,
    Seasons,
    counts_of,
)
from mulle.profile.counting import frame_with_categories
from mulle.table import Kind, Table


@dataclass(frozen=True)
class Reference:
    """The rows seen before, as counts, with predictions and score where they are recorded.

    Attributes:
        name: name of its source, for people.
        kinds: kind of each column of the model.
        columns: counts by column; columns without counts are absent.
        target, answers, score: see `mulle.bundle.MonitoringBaseline`.
        importances: by column, the loss of score when it is shuffled.
        labels: labels of the classes, as text; empty for a regression.
        absent: code of the reason, by part that is not recorded.
        seasons: the same counts by month of the year, where they are recorded.
    """

    name: str
    kinds: Mapping[str, Kind]
    columns: Mapping[str, AnyCounts]
    target: CategoryCounts | NumberCounts | None = None
    answers: Answers | None = None
    score: BaselineScore | None = None
    importances: Mapping[str, float] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    seasons: Seasons | None = None

    @classmethod
    def of(cls, model: Model, name: str = "") -> Reference:
        """Read the reference that a bundle carries.

        Raises:
            BundleError: it is damaged.
        """
        manifest, members = model.manifest, model.members
        columns: dict[str, AnyCounts] = {}
        absent: dict[str, str] = {}
        if REFERENCE in members:
            profile = Profile.from_arrow_bytes(members[REFERENCE])
            found = {n: counts_of(c) for n, c in profile.columns.items()}
            columns = {n: c for n, c in found.items() if c is not None}
        known = parse_baseline(members[WATCH], name) if WATCH in members else None
        columns |= known.columns if known else {}
        names = manifest.schema.names
        absent |= {n: "not-recorded" for n in names if n not in columns}
        for part in ("target", "answers", "score"):
            if known is None or getattr(known, part) is None:
                absent[f"<{part}>"] = "not-recorded"
        return cls(
            name or str(manifest.lineage.get("source", "")),
            {c.name: c.kind for c in manifest.schema.columns},
            {n: columns[n] for n in names if n in columns},
            known.target if known else None,
            known.answers if known else None,
            known.score if known else None,
            {n: pair[0] for n, pair in known.importances.items()} if known else {},
            tuple(map(str, manifest.labels)),
            absent,
            known.seasons if known and known.seasons and known.seasons.months else None,
        )

    def framed_by(self, table: Table) -> Reference:
        """Return the reference with frames, made from a table, for the columns that have none."""
        lacking = [n for n in self.kinds if n not in self.columns and n in table.names]
        if not lacking:
            return self
        profile = Profile.of(table.select(lacking))
        made = {n: frame_with_categories(c) for n, c in profile.columns.items()}
        absent = {n: why for n, why in self.absent.items() if n not in made}
        columns = {
            n: {**self.columns, **made}[n] for n in self.kinds if n in {*self.columns, *made}
        }
        return replace(self, columns=columns, absent=absent)


def metric_of(manifest: Manifest) -> Metric:
    """Return the metric that a model was chosen by, or the default of its task."""
    from mulle.metrics import default_metric

    return named_metric(manifest.metric) if manifest.metric else default_metric(manifest.task)
