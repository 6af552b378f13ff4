"""Make a proven bundle of a booster that LightGBM trained elsewhere, on a cluster for example.

The booster's own model text is written as a graph, and the graph is proved against LightGBM's own
predictions of the rows that are given, and of rows that are made to be hard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.bundle.latency import measure_latency
from mulle.bundle.manifest import Manifest, Proof
from mulle.bundle.model import Model
from mulle.bundle.package import deliver, package, usual_values
from mulle.bundle.prove import prove
from mulle.bundle.score import score
from mulle.errors import DataError, RunError, UsageError
from mulle.graph import arrays, g, lone_leaf, lookup, split_points, trees_to_onnx, unwrap, wrap
from mulle.i18n import Lang
from mulle.kernels import load_lightgbm
from mulle.learners.lightgbm_text import Booster, parse_trees, read_booster
from mulle.metrics import metrics_for
from mulle.profile import Profile
from mulle.table import Column, Kind, Label, Schema, Storage, Table, Target, Task, read
from mulle.version import __version__

_VALUES = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")
_LOGARITHMS = ("poisson", "gamma", "tweedie")
_CLASSES = ("binary", "multiclass")
_MOST_MEMBERS = 5_000_000  # categories in the sets of all splits: 40 MB of graph
_LEAST_ROWS = 2


def from_lightgbm(
    booster: Any,
    rows: Any,
    target: str,
    *,
    labels: Sequence[Label] = (),
    categories: Mapping[str, Sequence[str]] | None = None,
    path: str | Path | None = None,
    replace: bool = False,
    lang: Lang = "en",
) -> Model:
    """Return the proven model of a LightGBM booster, and write it as a `.mulle` file.

    The columns are those of the booster, by name (or by place, where it has no names of its own).
    Where the rows have the target, the model is scored on them: give rows it was not trained on.

    Args:
        booster: a `lightgbm.Booster`, its model text, or the path of a file that holds it.
        rows: a Table, or what `mulle.read` takes: what new rows look like, a hundred or more. They
            are what `watch` compares later ones with.
        target: the name of what is predicted.
        labels: of the classes, in the order of the booster's codes; 0, 1, ... if not given.
        categories: of categorical columns, in the order of their codes; of a booster that was
            trained on a pandas frame they are known.
        path: of the file; None writes none.
        replace: whether it may take the place of another model.
        lang: of the model card.

    Raises:
        UsageError: the booster has what cannot be carried, or the rows do not fit it.
        DataError: there are too few rows, or they hold what the target cannot be.
        RunError: the graph and LightGBM disagree; nothing is written.
    """
    text = _text_of(booster)
    found = _checked(text)
    table = rows if isinstance(rows, Table) else read(rows)
    if table.height < _LEAST_ROWS:
        raise DataError("table-small", where=table.source, count=table.height, least=_LEAST_ROWS)
    names = _columns_of(found, table, target)
    pipeline = _Boosted(text, found, names, _category_lists(found, names, table, categories or {}))
    chosen, inputs, y = _target_of(found, table, target, labels), arrays(table.select(names)), None
    if target in table.names:
        encoded = chosen.as_stored.encode(table.column(target), where=table.source)
        y = encoded.y[encoded.rows]
        inputs = {name: values[encoded.rows] for name, values in inputs.items()}
    model = _package(pipeline, chosen, table.select(names), inputs)
    std = float(np.std(y if y is not None else pipeline.predict(inputs)))
    proof = prove(model, pipeline, inputs, inputs, std=std if chosen.is_regression and std else 1.0)
    _check_proof(proof, table.source)
    scores = {} if y is None else {"test": score(model, inputs, y, with_interval=()).values()}
    return deliver(
        None if path is None else Path(path),
        model,
        proof=proof,
        scores=scores,
        latency=measure_latency(model, inputs),
        lang=lang,
        replace=replace,
    )


class _Boosted:
    """A booster as a pipeline: columns in, LightGBM's own predictions out, and its graph."""

    def __init__(
        self, text: str, booster: Booster, names: list[str], categories: dict[str, list[str]]
    ) -> None:
        self._text = text
        self._booster = booster
        self._names = names
        self._categories = categories
        self._trees = parse_trees(text, booster.per_iteration)
        members = sum(len(codes) for tree in self._trees for codes in tree.members.values())
        if members > _MOST_MEMBERS:
            raise UsageError("lightgbm-sets-large", count=members, limit=_MOST_MEMBERS)

    @cached_property
    def _lightgbm(self) -> Any:
        lightgbm = load_lightgbm()

        return lightgbm.Booster(model_str=self._text)

    def _features(self, columns: Mapping[str, Any]) -> list[Any]:
        """Return the features [N, 1] as LightGBM takes them: numbers, and codes of categories."""
        return [self._feature(columns[name], at) for at, name in enumerate(self._names)]

    def _feature(self, x: Any, at: int) -> Any:
        name = self._names[at]
        if name in self._categories:
            known = self._categories[name]
            return lookup(x, known, np.arange(float(len(known))), np.nan)
        if self._booster.categorical[at]:  # a code: LightGBM cuts off what stands behind its point
            xp = x.__array_namespace__()
            return xp.sign(x) * xp.floor(xp.abs(x))
        return x

    def predict(self, columns: Mapping[str, Array]) -> Array:
        """Return LightGBM's probabilities [N, C] or values [N]."""
        answers = np.asarray(self._lightgbm.predict(np.hstack(self._features(columns))))
        if self._booster.objective == "binary":
            return np.column_stack([1.0 - answers, answers])
        return answers

    def to_onnx(self, inputs: Mapping[str, Any]) -> Any:
        """Return the same as a graph variable."""
        columns = {name: wrap(variable) for name, variable in inputs.items()}
        x = g.concat([unwrap(feature) for feature in self._features(columns)], axis=1)
        raw = trees_to_onnx(self._trees or [lone_leaf(0.0)], x, self._booster.per_iteration)
        return _answers(raw, self._booster)

    def split_points(self) -> dict[str, Array]:
        """Return the thresholds of its trees by column."""
        numbers = [at for at in range(len(self._names)) if not self._booster.categorical[at]]
        points = split_points(self._trees, numbers)
        return {self._names[at]: points[at] for at in numbers}


def _answers(raw: Any, booster: Booster) -> Any:
    """Return the answers from the sums of leaves, as the objective makes them."""
    if booster.objective in _LOGARITHMS:
        return g.exp(raw)
    if booster.objective == "multiclass":
        return g.softmax(raw, axis=1)
    if booster.objective == "binary":
        steepness = g.constant_of(np.float64(_setting(booster, "sigmoid", "1")))
        p = g.sigmoid(g.mul(raw, steepness))
        return g.concat([g.sub(g.constant_of(np.float64(1.0)), p), p], axis=1)
    return raw


def _setting(booster: Booster, name: str, default: str) -> str:
    """Return a setting of the objective, as written."""
    return dict(s.split(":", 1) for s in booster.settings if ":" in s).get(name, default)


def _text_of(booster: Any) -> str:
    """Return the model text of a booster, of a text itself, or of a file."""
    if isinstance(booster, Path) or (isinstance(booster, str) and "\n" not in booster):
        try:
            return Path(booster).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("lightgbm-unreadable", where=str(booster)) from error
    if isinstance(booster, str):
        return booster
    inner = getattr(booster, "booster_", booster)  # of an estimator
    if not hasattr(inner, "model_to_string"):
        raise UsageError("lightgbm-unreadable", where=type(booster).__name__)
    return str(inner.model_to_string())


def _checked(text: str) -> Booster:
    """Read what the text says, and refuse what cannot be carried."""
    try:
        booster = read_booster(text)
    except (KeyError, ValueError) as error:
        raise UsageError("lightgbm-unreadable") from error
    if booster.linear:
        raise UsageError("lightgbm-linear-trees")
    if booster.averaged:
        raise UsageError("lightgbm-averaged")
    if booster.zero_missing:
        raise UsageError("lightgbm-zero-missing")
    if not booster.objective:
        raise UsageError("lightgbm-objective-own")
    known = (*_VALUES, *_LOGARITHMS, *_CLASSES)
    if booster.objective not in known or "sqrt" in booster.settings:
        received = " ".join([booster.objective, *booster.settings])
        raise UsageError("lightgbm-objective", received=received, known=", ".join(known))
    return booster


def _columns_of(booster: Booster, table: Table, target: str) -> list[str]:
    """Return the names of the columns in the order of the booster's features."""
    others = [name for name in table.names if name != target]
    if booster.features == [f"Column_{i}" for i in range(len(booster.features))]:
        if len(others) != len(booster.features):
            raise UsageError("lightgbm-columns", count=len(booster.features), received=len(others))
        return others
    spelled = {name.replace(" ", "_"): name for name in others} | {name: name for name in others}
    for name in booster.features:
        if name not in spelled:
            table.schema[name]  # refused here, with its near misses
    return [spelled[name] for name in booster.features]


def _category_lists(
    booster: Booster, names: list[str], table: Table, given: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return the categories of the columns of text, in the order of their codes."""
    at = [i for i, categorical in enumerate(booster.categorical) if categorical]
    known = dict(zip((names[i] for i in at), booster.categories, strict=False))
    if len(booster.categories) != len(at):  # some column is never split: which, is not written
        known = {}
    lists: dict[str, list[str]] = {}
    for i, name in enumerate(names):
        column = table.schema[name]
        if column.storage is Storage.number and name not in given and name not in known:
            continue
        if column.storage is not Storage.string or not booster.categorical[i]:
            raise UsageError("lightgbm-column", column=name, kind=column.kind.value)
        found = given.get(name, known.get(name))
        if found is None:
            raise UsageError("lightgbm-categories", column=name)
        lists[name] = [str(category) for category in found]
    return lists


def _target_of(booster: Booster, table: Table, target: str, labels: Sequence[Label]) -> Target:
    """Return the target: its column, its task, and its labels in the order of the codes."""
    classes = {"binary": 2, "multiclass": booster.per_iteration}.get(booster.objective, 0)
    named: tuple[Label, ...] = tuple(labels) or tuple(range(classes))
    if len(named) != classes or len({*named}) != classes:
        raise UsageError("lightgbm-labels", count=classes, received=len(named))
    if target in table.names:
        column = table.schema[target]
    else:
        numbers = not named or not any(isinstance(label, str) for label in named)
        kind = Kind.nominal if named else Kind.continuous
        column = Column(target, kind, Storage.number if numbers else Storage.string, "given")
    task: Task = "multiclass" if booster.objective == "multiclass" else "binary"
    return Target(column, task if classes else "regression", named)


def _package(
    pipeline: _Boosted, target: Target, table: Table, inputs: Mapping[str, Array]
) -> Model:
    manifest = Manifest(
        target=target,
        schema=Schema(table.schema.columns),
        layout=table.reading.layout,
        usual=usual_values(table.schema.columns, inputs),
        metric=metrics_for(target.task)[0].name,
        lineage={"source": table.source, "plans": ["LightGBM"]},
        mulle=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return package(pipeline, manifest, Profile.of(table), width=len(inputs))


def _check_proof(proof: Proof, where: str) -> None:
    if not proof.holds:
        raise RunError(
            "parity-broken",
            where=where,
            label_flips=proof.label_flips,
            rows=proof.rows,
            max_abs_diff=proof.max_abs_diff,
        )
