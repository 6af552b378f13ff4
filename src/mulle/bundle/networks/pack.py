"""A network of any maker as a `.mulle` file: columns in, labels or values out, proved and scored.

Everything that a `.mulle` file of `fit` has, this one has too, made by the same functions: trial
rows with their answers, the proof, the profile and the baseline for `watch`, the card.

catalogue  onnx-format onnx-interop onnx-backend
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.bundle.baseline import MonitoringBaseline, baseline_score, record_baseline
from mulle.bundle.latency import measure_latency
from mulle.bundle.manifest import Manifest, Proof
from mulle.bundle.model import Model
from mulle.bundle.networks.columns import Feed, plan_feed, with_fill
from mulle.bundle.networks.heads import Activation, choose_activation, finish, finish_onnx
from mulle.bundle.networks.labels import target_of
from mulle.bundle.networks.sources import Network, first_line, open_network
from mulle.bundle.package import deliver, package, usual_values
from mulle.bundle.prove import prove
from mulle.bundle.score import Scores, score
from mulle.decisions import DecisionLog
from mulle.errors import DataError, MulleError, RunError, UsageError
from mulle.graph import arrays
from mulle.i18n import Lang
from mulle.metrics import HALF, metrics_for
from mulle.profile import Profile
from mulle.table import Label, Schema, Table, Target, read
from mulle.version import __version__

LEAST_ROWS = 2
PROBED_ROWS = 1_000  # by which it is seen whether a network's numbers are probabilities


def pack(
    network: Any,
    like: Any,
    target: str,
    *,
    labels: Sequence[Label] = (),
    columns: Sequence[str] = (),
    activation: str | None = None,
    shape: Sequence[int] = (),
    output: str = "",
    threshold: float = HALF,
    path: str | Path | None = None,
    replace: bool = False,
    lang: Lang = "en",
    reading: Any = None,
) -> Model:
    """Return the proven model of a network, and write it as a `.mulle` file.

    Where the rows have the target, the model is scored on them: give rows that the network was not
    trained on.

    Args:
        network: a network of `mulle.nn`, a torch module, or an ONNX file of any maker.
        like: a Table, or what `mulle.read` takes: what new rows look like, a hundred or more. They
            are what `watch` compares later ones with.
        target: name of what is predicted.
        labels: of the classes, in the order of the network's outputs; none where it predicts a
            value. Not needed where the target's column holds the codes 0, 1, ...
        columns: that the network takes, in its order; all but the target if not given.
        activation: what makes probabilities of the network's numbers: `softmax`, `sigmoid`, or
            `none` where they are probabilities. None: it must be plain to see.
        shape: of one row at the network's input, the rows left out, as (1, 28, 28); the file says
            it where it is an ONNX file, and else it is one number a column.
        output: name of the output to take, where an ONNX file has several.
        threshold: from which probability a row is of the second of two labels.
        path: of the file; None writes none.
        replace: whether it may take the place of another model.
        lang: of the model card.
        reading: how the rows are to be read: see `mulle.read`.

    Raises:
        MissingFile: there is no such file, or its weights are not beside it.
        UsageError: the network cannot be carried, or does not fit the columns or the labels.
        DataError: there are too few rows, or they hold what the target cannot be.
        RunError: the graph and the network disagree; nothing is written.

    >>> from mulle import nn
    >>> rows = {"a": [0.5, 1.5, 2.5], "b": [1.0, 2.0, 4.0]}
    >>> model = pack(nn.Linear(2, 3), rows, "kind", labels=["x", "y", "z"], activation="softmax")
    >>> model.predict_proba({"a": 1, "b": 2}).shape, model.manifest.parity.label_flips
    ((1, 3), 0)
    """
    _check_settings(activation, threshold)
    table = like if isinstance(like, Table) else read(like, reading=reading)
    if table.height < LEAST_ROWS:
        raise DataError("table-small", where=table.source, count=table.height, least=LEAST_ROWS)
    chosen = list(columns) or [name for name in table.names if name != target]
    if target in chosen:
        raise UsageError("network-column-target", column=target)
    features = table.select(chosen)
    found = open_network(network, len(chosen), shape=tuple(shape), output=output)
    given = Activation(activation) if activation else None
    log = DecisionLog()
    pipeline, goal = _pipeline(found, features, table, target, labels, given, log)
    rows = _labelled(goal, table, arrays(features))
    model = _package(pipeline, goal, features, rows.columns, threshold, log)
    proof = _prove(model, pipeline, rows)
    scored = None if rows.y is None else score(model, rows.columns, rows.y)
    return deliver(
        None if path is None else Path(path),
        model,
        proof=proof,
        scores={} if scored is None else {"test": scored.values()},
        latency=measure_latency(model, rows.columns),
        baseline=None if scored is None else _baseline(model, features, rows, scored),
        lang=lang,
        replace=replace,
    )


class _Rows(NamedTuple):
    """Columns [N, 1], and codes or values [N] of the target; None where it is not known."""

    columns: Mapping[str, Array]
    y: Array | None


class _Pipeline:
    """A network between the columns of a table and the answers of a model."""

    def __init__(
        self, network: Network, feed: Feed, activation: Activation, labels: int, width: int
    ) -> None:
        self.network, self.feed = network, feed
        self.activation, self._labels, self._width = activation, labels, width

    def predict(self, columns: Mapping[str, Array]) -> Array:
        """Return the network's own probabilities [N, C] or values [N]."""
        with np.errstate(all="ignore"):
            raw = self.network.ask(self.feed.arrays(columns))
        return finish(raw, self.activation, self._labels)

    def to_onnx(self, inputs: Mapping[str, Any]) -> Any:
        """Return the same as a graph variable."""
        from spox import inline

        given = dict(
            zip((i.name for i in self.feed.inputs), self.feed.to_onnx(inputs), strict=True)
        )
        (raw,) = inline(self.network.graph)(**given).values()
        return finish_onnx(raw, self.activation, self._labels, self._width)

    def split_points(self) -> dict[str, Array]:
        """Return none: a network has no thresholds."""
        return {}


def _check_settings(activation: str | None, threshold: float) -> None:
    if activation is not None and activation not in [a.value for a in Activation]:
        raise UsageError("network-activation-unknown", received=activation,
                         known=", ".join(Activation))  # fmt: skip
    if not 0 < threshold < 1:
        raise UsageError("network-threshold", received=threshold)


def _pipeline(
    network: Network,
    features: Table,
    table: Table,
    target: str,
    labels: Sequence[Label],
    activation: Activation | None,
    log: DecisionLog,
) -> tuple[_Pipeline, Target]:
    """Return the network between its columns and its answers, and what it predicts."""
    columns, schema = arrays(features), features.schema.columns
    feed = plan_feed(network.inputs, schema, network.name)
    usual = usual_values(schema, columns)
    feed = with_fill(feed, network.ask, columns, usual)
    some = {name: x[:PROBED_ROWS] for name, x in columns.items()}
    raw = network.ask(feed.arrays(some))
    if not np.isfinite(raw).all():
        row = int(np.argmax(~np.isfinite(raw).all(axis=1))) + 1
        raise DataError("network-not-finite", where=network.name, row=row)
    goal = target_of(table, target, labels, raw.shape[1], network.name)
    found = choose_activation(activation, raw, len(goal.labels), network.last, network.name)
    order = "columns-by-name" if feed.by_name else "columns-in-turn"
    log.add(order, columns=feed.columns, inputs=len(feed.inputs))
    if goal.labels:
        how = "activation-seen" if activation is None else "activation-given"
        log.add(how, activation=found.value, labels=[str(label) for label in goal.labels])
    fills = "missing-filled" if feed.fill else "missing-passed"
    log.add(fills, columns=list(feed.fill))
    return _Pipeline(network, feed, found, len(goal.labels), raw.shape[1]), goal


def _labelled(target: Target, table: Table, columns: Mapping[str, Array]) -> _Rows:
    """Return the rows with a known target; all of them where it has no column."""
    if target.name not in table.names:
        return _Rows(columns, None)
    encoded = target.as_stored.encode(table.column(target.name), where=table.source)
    if len(encoded.rows) < LEAST_ROWS:
        return _Rows(columns, None)
    return _Rows({n: x[encoded.rows] for n, x in columns.items()}, encoded.y[encoded.rows])


def _package(
    pipeline: _Pipeline,
    target: Target,
    table: Table,
    columns: Mapping[str, Array],
    threshold: float,
    log: DecisionLog,
) -> Model:
    lineage: dict[str, Any] = {
        "source": table.source,
        "network": Path(pipeline.network.name).name,
        "maker": pipeline.network.maker,
        "activation": pipeline.activation.value,
        "decisions": msgspec.to_builtins(list(log)),
    }
    if pipeline.feed.fill:
        lineage["filled"] = dict(pipeline.feed.fill)
    schema = table.schema.columns
    manifest = Manifest(
        target=target,
        schema=Schema(schema),
        layout=table.reading.layout,
        threshold=threshold,
        usual=usual_values(schema, columns),
        metric=metrics_for(target.task)[0].name,
        lineage=lineage,
        mulle=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    try:
        return package(pipeline, manifest, Profile.of(table), width=len(schema))
    except Exception as error:  # spox and onnx have classes of their own for each sort of fault
        where = pipeline.network.name
        raise RunError("network-refused", where=where, cause=first_line(error)) from error


def _prove(model: Model, pipeline: _Pipeline, rows: _Rows) -> Proof:
    """Compare the file with the network on all rows and on generated ones.

    Raises:
        RunError: they disagree, or the file takes another number of rows only.
    """
    name, values = pipeline.network.name, rows.y
    std = 1.0
    if model.is_regression:
        known = values if values is not None else pipeline.predict(rows.columns)
        std = float(np.std(known)) or 1.0
    try:
        proof = prove(model, pipeline, rows.columns, rows.columns, std=std, extreme=False)
    except MulleError:
        raise
    except Exception as error:  # ONNX Runtime raises a class of its own for each sort of fault
        raise RunError("network-failed", where=name, cause=first_line(error)) from error
    if not proof.holds:
        raise RunError(
            "network-differs",
            where=name,
            label_flips=proof.label_flips,
            rows=proof.rows,
            max_abs_diff=proof.max_abs_diff,
        )
    return proof


def _baseline(model: Model, table: Table, rows: _Rows, scored: Scores) -> MonitoringBaseline:
    """Return what `watch` compares later rows and scores with."""
    y = scored.y
    metric = model.manifest.metric
    return record_baseline(
        model.manifest,
        (Profile.of(table), rows.columns, y),
        (scored.predictions, rows.columns, y),
        baseline_score(metric, scored.intervals[metric], len(y), float("nan")),
    )
