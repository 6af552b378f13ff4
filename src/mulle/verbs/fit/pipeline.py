"""A plan that was trained: columns in, answers out, in Python and as a graph.

A regression target is centred and scaled before training and restored in float64, inside the
graph too, so that float32 never has to hold a large number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.graph import Matrix, g, split_points
from mulle.learners import Held, Learner
from mulle.steps import Embed, Preparation, Shared
from mulle.steps.encoder import Encoder, open_encoder
from mulle.table import Target

Columns = Mapping[str, Array]  # one array [N, 1] a column


class Scaling:
    """z = (y - mean) / std for values; class codes stay as they are."""

    def __init__(self, y: Array, target: Target) -> None:
        std = float(y.std()) if target.is_regression else 1.0
        self.mean = float(y.mean()) if target.is_regression else 0.0
        self.std = std if std > 0 else 1.0
        self.regression = target.is_regression

    def apply(self, y: Array) -> Array:
        """Return the target as the learner is trained on it."""
        return (y - self.mean) / self.std if self.regression else y


class Pipeline:
    """Steps and a learner, trained together.

    Attributes:
        learned_from: names the rows; what steps of the same settings have learned is the same
            where their rows are.
        fold: that it was trained on; None for all training rows.
        rows: that it was trained on.
    """

    learned_from = ""
    fold: int | None = None
    rows = 0

    def __init__(
        self,
        name: str,
        target: Target,
        preparation: Preparation,
        learner: Learner,
        scaling: Scaling,
    ) -> None:
        self.name = name
        self.target = target
        self.preparation = preparation
        self.learner = learner
        self.scaling = scaling

    def predict(self, columns: Columns, shared: Shared | None = None) -> Array:
        """Return probabilities [N, C] or values [N], float64."""
        return self.predict_features(self.preparation.transform(columns, shared))

    def predict_features(self, features: Matrix) -> Array:
        """Return the predictions of features that are prepared already."""
        scores = self.learner.scores(features)
        if self.target.is_regression:
            return scores[:, 0] * self.scaling.std + self.scaling.mean
        unseen = self._unseen_classes()
        return scores if unseen is None else scores @ unseen

    def to_onnx(self, inputs: Mapping[str, Any], shared: Shared | None = None) -> Any:
        """Return the predictions as a graph variable: [N, C], or [N, 1] for values."""
        features = self.preparation.to_onnx(
            inputs, shared, keep_sparse=self.learner.sparse_in_graph
        )
        scores = self.learner.to_onnx(g, features)
        if self.target.is_regression:
            scaled = g.mul(scores, g.constant_of(np.float64(self.scaling.std)))
            return g.add(scaled, g.constant_of(np.float64(self.scaling.mean)))
        unseen = self._unseen_classes()
        return scores if unseen is None else g.matmul(scores, g.constant_of(unseen))

    def _unseen_classes(self) -> Array | None:
        """Return a 0/1 matrix that gives classes without a training row a column of zeros."""
        seen = getattr(self.learner, "classes_", np.arange(len(self.target.labels)))
        if len(seen) == len(self.target.labels):
            return None
        return np.eye(len(self.target.labels))[seen]

    @property
    def encoders(self) -> dict[str, Encoder]:
        """The encoders of text columns, by column."""
        return {
            column: open_encoder(step.encoder)
            for block in self.preparation.blocks
            for step in block.steps
            for column in block.columns
            if isinstance(step, Embed)
        }

    @property
    def width(self) -> int:
        """Most numbers that its graph holds for one row."""
        return self.learner.width(len(self.preparation.feature_names_))

    def split_points(self) -> dict[str, Array]:
        """Return the thresholds of trees on columns that reach them as they are."""
        trees = getattr(self.learner, "trees", None)
        if trees is None:
            return {}
        columns = self.preparation.untouched()
        points = split_points(trees(), columns.values())
        return {column: points[at] for column, at in columns.items()}


def train(
    name: str,
    target: Target,
    learner: Learner,
    prepared: tuple[Preparation, Matrix],
    y: Array,
    *,
    weight: Array | None = None,
    held: Held | None = None,
    stop: Stop = never,
) -> Pipeline:
    """Train a learner on features that are prepared already.

    Args:
        prepared: the learned steps and the features of the training rows.
        y: class codes or unscaled values [N].
        held: features and unscaled target of the rows to stop early on.
    """
    preparation, x = prepared
    scaling = Scaling(y, target)
    if held is not None:
        held = Held(held.x, scaling.apply(held.y))
    learner.fit(
        x,
        scaling.apply(y),
        weight,
        held=held,
        stop=stop,
        categorical=preparation.categorical_,
    )
    pipeline = Pipeline(name, target, preparation, learner, scaling)
    pipeline.rows = len(y)
    return pipeline


class Blend:
    """Trained plans and their weights; the answer is the weighted mean.

    What two of them compute alike is computed once, where they have learned from the same rows.

    Attributes:
        members: weights that sum to 1, and plans: pipelines, or blends of a plan's folds.
        name: of the plan, where all members are of one.
    """

    def __init__(
        self, members: Sequence[tuple[float, Pipeline | Blend]], name: str = "blend"
    ) -> None:
        total = sum(weight for weight, _ in members)
        self.members = [(weight / total, pipeline) for weight, pipeline in members]
        self.name = name

    @property
    def pipelines(self) -> list[tuple[float, Pipeline]]:
        """The weights and pipelines that its answer is the mean of."""
        found: list[tuple[float, Pipeline]] = []
        for weight, member in self.members:
            parts = member.pipelines if isinstance(member, Blend) else [(1.0, member)]
            found += [(weight * share, pipeline) for share, pipeline in parts]
        return found

    @property
    def width(self) -> int:
        """Most numbers that its graph holds for one row."""
        encoded = [encoder.numbers_of_row for encoder in self.encoders.values()]
        return max([*(pipeline.width for _, pipeline in self.pipelines), *encoded])

    @property
    def encoders(self) -> dict[str, Encoder]:
        """The encoders of text columns, by column."""
        return {c: e for _, p in self.pipelines for c, e in p.encoders.items()}

    def predict(self, columns: Columns) -> Array:
        """Return probabilities [N, C] or values [N], float64."""
        shared: dict[str, Shared] = {}
        parts = [
            weight * pipeline.predict(columns, shared.setdefault(pipeline.learned_from, {}))
            for weight, pipeline in self.pipelines
        ]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def to_onnx(self, inputs: Mapping[str, Any]) -> Any:
        """Return the predictions as a graph variable: [N, C], or [N, 1] for values."""
        total = None
        shared: dict[str, Shared] = {}
        for weight, pipeline in self.pipelines:
            alike = shared.setdefault(pipeline.learned_from, {})
            part = g.mul(pipeline.to_onnx(inputs, alike), g.constant_of(np.float64(weight)))
            total = part if total is None else g.add(total, part)
        return total

    def split_points(self) -> dict[str, Array]:
        """Return the thresholds of all members, by column."""
        found: dict[str, list[Array]] = {}
        for _, pipeline in self.pipelines:
            for column, points in pipeline.split_points().items():
                found.setdefault(column, []).append(points)
        return {column: np.unique(np.concatenate(parts)) for column, parts in found.items()}
