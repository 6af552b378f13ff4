"""A prediction log as new rows: what was asked and answered, and the labels that came since.

The answers are those that were given at the time, so nothing is answered again. Columns that the
log leaves out or hides (see `Redaction`) cannot be compared, and are told as absent.

catalogue  watch-serve-serve
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.bundle import Model, load
from mulle.errors import DataError, UsageError
from mulle.profile import CategoryCounts
from mulle.profile.drift import Limits
from mulle.verbs.watch.compare import compare
from mulle.verbs.watch.log import Logged, scan_log
from mulle.verbs.watch.log.sink import SQLITE
from mulle.verbs.watch.reference import Reference
from mulle.verbs.watch.report import DriftReport
from mulle.verbs.watch.result import Performance
from mulle.verbs.watch.watch import labels_of, scored_on
from mulle.verbs.watch.window import Window

_HASH = re.compile(r"[0-9a-f]{24}")  # as `Redaction` writes it


class Known(NamedTuple):
    """What labels tell: class codes or values [n], and the score on their rows."""

    target: Array
    performance: list[Performance]


def is_log(place: str) -> bool:
    """Whether rows are named that stand in a prediction log, not in a table.

    >>> is_log("iris.db"), is_log("new.csv")
    (True, False)
    """
    return "\n" not in place and (
        "://" in place or place.lower().endswith(SQLITE) or Path(place).is_dir()
    )


def watch_log(
    model: Model | str | Path,
    place: str | Path,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    logged_as: str = "",
    limits: Limits | None = None,
) -> DriftReport:
    """Compare the rows of a prediction log with what a model learned from.

    Args:
        model: a bundle or its path.
        place: the log: a SQLite file, a folder of Parquet parts, or a database URL.
        since, until: from and before when; a time without a zone is UTC's.
        logged_as: the name, or NAME@VERSION, under which it was served; needed where the log holds
            several models.
        limits: what counts as drift.

    Raises:
        DataError: the log holds no such rows, or rows of several models.
        MulleError: the model or the log cannot be read.
    """
    name = Path(model).name if isinstance(model, str | Path) else ""
    model = model if isinstance(model, Model) else load(model)
    reference, window = Reference.of(model, name), None
    answered: list[tuple[Array, Array | None]] = []
    served, _, version = logged_as.partition("@")
    for part in _parts(place, since, until, served, version):
        if window is None:
            reference = _shown(reference, part)
            window = Window(reference)
        _add(window, model, reference, part, answered)
    if window is None:
        raise DataError("watch-no-rows", where=_named(place))
    scored = scored_on(model, reference, answered)
    return compare(
        reference, window, performance=scored, limits=limits, model=name, rows=_named(place)
    )


def known_in(
    model: Model, reference: Reference, place: str | Path, since: datetime, name: str, version: str
) -> Known | None:
    """What the labels in a log tell of one version since some time; None without any.

    Raises:
        MulleError: the log cannot be read.
    """
    answered: list[tuple[Array, Array | None]] = []
    found: list[Array] = []
    for part in scan_log(place, model=name, version=version, since=since, labelled=True):
        answers, labels = _answers(part, model), _labels(part, model)
        if labels is None:
            continue
        found.append(_some(labels))
        if answers is not None:
            answered.append((answers, labels))
    target = np.concatenate(found) if found else np.array([])
    return Known(target, scored_on(model, reference, answered)) if len(target) else None


def _parts(
    place: str | Path, since: datetime | None, until: datetime | None, name: str, version: str
) -> Iterator[Logged]:
    models: set[str] = set()
    for part in scan_log(place, model=name, version=version, since=since, until=until):
        models |= set(part.about["model"].unique().to_list())
        if len(models) > 1:
            raise UsageError(
                "watch-log-models", where=_named(place), models=", ".join(sorted(models))
            )
        if len(part):
            yield part


def _add(
    window: Window,
    model: Model,
    reference: Reference,
    part: Logged,
    answered: list[tuple[Array, Array | None]],
) -> None:
    lacking = [n for n in model.manifest.schema.names if n not in part.rows.columns]
    frame = part.rows.with_columns(pl.lit(None).alias(n) for n in lacking)
    window.update(model.manifest.schema.conform(frame))
    answers, labels = _answers(part, model), _labels(part, model)
    if answers is not None:
        if reference.answers is not None:
            window.add_answers(answers)
        answered.append((answers, labels))
    if labels is not None:
        window.add_target(_some(labels))


def _shown(reference: Reference, part: Logged) -> Reference:
    """The reference without what the log leaves out or hides."""
    hidden = {
        n: "not-logged" if n not in part.rows.columns else "hashed"
        for n, counts in reference.columns.items()
        if n not in part.rows.columns or _is_hashed(part.rows[n], counts)
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


def _answers(part: Logged, model: Model) -> Array | None:
    """Probabilities [n, C] or values [n]; None where they were not logged for every row."""
    frame = part.answers
    if model.is_regression:
        values = frame["value"] if "value" in frame.columns else None
        return None if values is None or values.null_count() else _floats(values)
    if frame.schema.get("probabilities") is None or frame["probabilities"].null_count():
        return None
    shares = frame["probabilities"].struct.unnest()
    labels = model.manifest.labels
    names = [str(v).lower() if isinstance(v, bool) else str(v) for v in labels]
    if set(names) - set(shares.columns):
        return None
    found = shares.select(names)
    return None if sum(found.null_count().row(0)) else found.cast(pl.Float64).to_numpy()


def _floats(values: pl.Series) -> Array:
    found: Array = values.cast(pl.Float64).to_numpy()
    return found


def _labels(part: Logged, model: Model) -> Array | None:
    target = model.manifest.target
    return labels_of(model, part.label.alias(target).to_frame(), None)


def _some(labels: Array) -> Array:
    """Those that are known."""
    return labels[labels >= 0] if labels.dtype.kind == "i" else labels[~np.isnan(labels)]


def _named(place: str | Path) -> str:
    """A place without what may be secret in a URL."""
    return str(place).rpartition("/")[2].partition("?")[0]
