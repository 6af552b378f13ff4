"""A prediction log as new rows: the rows that were asked, their predictions, and later labels.

The predictions are those that were given at the time, so nothing is predicted again. Columns that
the log leaves out or hides (see `Redaction`) cannot be compared, and are listed as absent.

catalogue  watch-serve-serve
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from mulle.arrays import Array
from mulle.bundle import Model, load
from mulle.errors import DataError, UsageError
from mulle.metrics import Predictions
from mulle.profile import CategoryCounts
from mulle.profile.drift import Limits
from mulle.table import Table
from mulle.table.read.folder import folder_frame
from mulle.verbs.watch.compare import compare
from mulle.verbs.watch.labels import Labels, encode_labels
from mulle.verbs.watch.log import Logged, scan_log
from mulle.verbs.watch.log.places import SQLITE
from mulle.verbs.watch.performance import Performance
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.report import DriftReport
from mulle.verbs.watch.window import Window

_HASH = re.compile(r"[0-9a-f]{24}")  # as `Redaction` writes it


class KnownLabels(NamedTuple):
    """The labels of a log: class codes or values [n], the score on their rows, unknown labels."""

    target: Array
    performance: list[Performance]
    labels_unknown: Mapping[str, int]


def is_log(place: str) -> bool:
    """Return whether a place is a prediction log, not a table or a folder of images.

    >>> is_log("iris.db"), is_log("new.csv")
    (True, False)
    """
    if "\n" in place:
        return False
    folder = Path(place)
    return (
        "://" in place
        or place.lower().endswith(SQLITE)
        or (folder.is_dir() and not folder_frame(folder).width)
    )


def watch_log(
    model: Model | str | Path,
    place: str | Path,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    logged_as: str = "",
    whole_year: bool = False,
    limits: Limits | None = None,
) -> DriftReport:
    """Compare the rows of a prediction log with what a model learned from.

    Args:
        model: a bundle or its path.
        place: the log: a SQLite file, a folder of Parquet parts, or a database URL.
        since, until: time of the first row, and time that all rows are before; UTC without a zone.
        logged_as: the name, or NAME@VERSION, under which it was served; needed where the log holds
            several models.
        whole_year: compare with all training rows, whatever the months of the new ones.
        limits: numbers of the rule of drift.

    Raises:
        DataError: the log holds no such rows, or rows of several models.
        MulleError: the model or the log cannot be read.
    """
    name = Path(model).name if isinstance(model, str | Path) else ""
    model = model if isinstance(model, Model) else load(model)
    reference, window = Reference.of(model, name), None
    if whole_year:
        reference = replace(reference, seasons=None)
    labels = Labels(model, reference)
    served, _, version = logged_as.partition("@")
    for part in _parts(place, since, until, served, version):
        if window is None:
            reference = _visible(model, reference, part)
            window = Window(reference)
        _add(window, labels, reference, part)
    if window is None:
        raise DataError("watch-no-rows", where=_without_secrets(place))
    labels.check(_without_secrets(place))
    return compare(
        reference, window, performance=labels.score(), labels_unknown=labels.unknown,
        limits=limits, model=name, rows=_without_secrets(place),
    )  # fmt: skip


def read_labels(
    model: Model, reference: Reference, place: str | Path, since: datetime, name: str, version: str
) -> KnownLabels | None:
    """Read the labels that a log has of one version since some time; None without any.

    Raises:
        MulleError: the log cannot be read.
    """
    labels = Labels(model, reference)
    dates = {reference.seasons.column} if reference.seasons else set()
    for part in scan_log(place, model=name, version=version, since=since, labelled=True):
        encoded = encode_labels(model, _label_frame(part, model))
        labels.add(encoded)
        answers = _answers(part, model)
        if answers is not None and encoded is not None:
            labels.add_predictions(answers, encoded.y, _rows(part, model, dates))
    known = labels.known
    return KnownLabels(known, labels.score(), labels.unknown) if len(known) else None


def _parts(
    place: str | Path, since: datetime | None, until: datetime | None, name: str, version: str
) -> Iterator[Logged]:
    models: set[str] = set()
    for part in scan_log(place, model=name, version=version, since=since, until=until):
        models |= set(part.about["model"].unique().to_list())
        if len(models) > 1:
            raise UsageError(
                "watch-log-models", where=_without_secrets(place), models=sorted(models)
            )
        if len(part):
            yield part


def _add(window: Window, labels: Labels, reference: Reference, part: Logged) -> None:
    model = labels.model
    rows = _rows(part, model, part.rows.columns)
    window.update(rows)
    encoded = encode_labels(model, _label_frame(part, model))
    window.add_target(labels.add(encoded))
    answers = _answers(part, model)
    if answers is None:
        return
    if reference.answers is not None:
        window.add_predictions(answers)
    if encoded is not None:
        labels.add_predictions(answers, encoded.y, rows)


def _rows(part: Logged, model: Model, columns: Collection[str]) -> Table:
    """Return these columns of logged rows in the schema of the model; the others have no values."""
    left_out = [
        pl.lit(None).alias(name)
        for name in model.manifest.schema.names
        if name not in columns or name not in part.rows.columns
    ]
    return model.manifest.schema.validate(part.rows.with_columns(left_out))


def _visible(model: Model, reference: Reference, part: Logged) -> Reference:
    """Return the reference without the columns that the log leaves out or hides."""
    sources = {c.name: c.source or c.name for c in model.manifest.schema.columns}
    hidden = {
        n: "not-logged" if sources.get(n, n) not in part.rows.columns else "hashed"
        for n, counts in reference.columns.items()
        if sources.get(n, n) not in part.rows.columns
        or _is_hashed(part.rows[sources.get(n, n)], counts)
    }
    columns = {n: c for n, c in reference.columns.items() if n not in hidden}
    return replace(reference, columns=columns, absent={**reference.absent, **hidden})


def _is_hashed(values: pl.Series, counts: object) -> bool:
    some = values.drop_nulls()
    if some.dtype != pl.String or not len(some):
        return False
    known = counts.counts if isinstance(counts, CategoryCounts) else {}
    if any(_HASH.fullmatch(value) for value in known):
        return False
    return all(_HASH.fullmatch(value) for value in some.unique().to_list())


def _answers(part: Logged, model: Model) -> Predictions | None:
    """Return what was predicted then; None where a row was logged without it."""
    frame = part.answers
    if model.is_regression:
        values = frame["value"] if "value" in frame.columns else None
        return None if values is None or values.null_count() else Predictions(_floats(values))
    if frame.schema.get("probabilities") is None or frame["probabilities"].null_count():
        return None
    shares = frame["probabilities"].struct.unnest()
    labels = model.manifest.labels
    names = [str(v).lower() if isinstance(v, bool) else str(v) for v in labels]
    if set(names) - set(shares.columns):
        return None
    found = shares.select(names)
    if sum(found.null_count().row(0)):
        return None
    return model.with_labels(found.cast(pl.Float64).to_numpy())


def _floats(values: pl.Series) -> Array:
    found: Array = values.cast(pl.Float64).to_numpy()
    return found


def _label_frame(part: Logged, model: Model) -> pl.DataFrame:
    return part.label.alias(model.manifest.target.name).to_frame()


def _without_secrets(place: str | Path) -> str:
    """Return the end of a place, without what may be secret in a URL."""
    return str(place).rpartition("/")[2].partition("?")[0]
