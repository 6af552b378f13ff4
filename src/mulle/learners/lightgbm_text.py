"""Read LightGBM's model text into trees that compare and sum exactly as LightGBM does."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np

from mulle.arrays import Array
from mulle.graph import Tree, lone_leaf

_ZERO = float(np.float32(1e-35))  # LightGBM takes what is not further from 0 for 0
_CATEGORICAL, _DEFAULT_LEFT, _MISSING_SHIFT = 1, 2, 2  # bits of decision_type, and where
_MISSING_ZERO, _MISSING_NAN = 1, 2  # what it says is missing


class Booster(NamedTuple):
    """What a model text says of a booster, its trees apart.

    Attributes:
        objective: its name; "" for one of the user's own.
        settings: of the objective, as written: `sigmoid:1`, `num_class:3`, `sqrt`.
        per_iteration: trees of an iteration, one for each score.
        features: their names.
        categorical: which of them are categories.
        categories: of each categorical column of a pandas frame, in the order of their codes.
        averaged: the trees are averaged, as those of a random forest.
        linear: the leaves are linear models.
        zero_missing: zeros are missing.
    """

    objective: str
    settings: list[str]
    per_iteration: int
    features: list[str]
    categorical: list[bool]
    categories: list[list[object]]
    averaged: bool
    linear: bool
    zero_missing: bool


def read_booster(text: str) -> Booster:
    """Read what a model text says of its booster.

    Raises:
        KeyError: it is no model text.
    """
    head, *trees = text.split("\nTree=")
    lines = head.splitlines()
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    name, *settings = fields.get("objective", "").split() or [""]
    pandas = text.rpartition("pandas_categorical:")[2].partition("\n")[0]
    decisions = [_field(tree, "decision_type").split() for tree in trees]
    kinds = {int(kind) >> _MISSING_SHIFT for tree in decisions for kind in tree}
    return Booster(
        objective=name,
        settings=settings,
        per_iteration=int(fields["num_tree_per_iteration"]),
        features=fields["feature_names"].split(" "),
        categorical=[
            info != "none" and not info.startswith("[") for info in fields["feature_infos"].split()
        ],
        categories=json.loads(pandas) or [] if "pandas_categorical:" in text else [],
        averaged="average_output" in lines,
        linear=any(_field(tree, "is_linear").strip() == "1" for tree in trees),
        zero_missing=_MISSING_ZERO in kinds,
    )


def _field(block: str, name: str) -> str:
    """Return a field of a tree's block, "" where it has none."""
    return block.partition(f"\n{name}=")[2].partition("\n")[0]


def parse_trees(text: str, per_iteration: int) -> list[Tree]:
    """Return the trees of a model text; an iteration has one for each of its scores."""
    blocks = text.split("\nTree=")[1:]
    return [_parse_tree(block, i % per_iteration) for i, block in enumerate(blocks)]


def _parse_tree(block: str, target: int) -> Tree:
    """Parse one tree of LightGBM's model text."""
    fields = dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line)

    def numbers(name: str, dtype: type) -> Array:
        return np.array(fields.get(name, "").split(), dtype=dtype)

    values = numbers("leaf_value", np.float64)
    if len(values) <= 1:
        return lone_leaf(float(values[0]), target)
    decision = numbers("decision_type", np.int64)
    threshold = numbers("threshold", np.float64)
    categorical = (decision & _CATEGORICAL) > 0
    takes_missing = (decision >> _MISSING_SHIFT) == _MISSING_NAN
    # Trained without missing values, LightGBM reads a missing one as 0.
    missing_left = np.where(takes_missing, (decision & _DEFAULT_LEFT) > 0, threshold >= 0)
    members = _category_sets(fields, threshold, np.flatnonzero(categorical))
    return Tree(
        feature=numbers("split_feature", np.int64),
        threshold=np.where(categorical, 0.0, _around_zero(threshold)),
        left=numbers("left_child", np.int64),
        right=numbers("right_child", np.int64),
        missing_left=missing_left & ~categorical,
        leaf_value=values,
        target=target,
        members=members,
    )


def _around_zero(threshold: Array) -> Array:
    """Return thresholds moved so that what LightGBM takes for 0 goes where 0 goes."""
    tiny = np.abs(threshold) <= _ZERO
    return np.where(tiny, np.where(threshold < 0, np.nextafter(-_ZERO, -1.0), _ZERO), threshold)


def _category_sets(fields: dict[str, str], threshold: Array, nodes: Array) -> dict[int, Array]:
    """Return the codes that go left at each categorical node, from LightGBM's bit fields."""
    if not len(nodes):
        return {}
    bounds = np.array(fields["cat_boundaries"].split(), np.int64)
    words = np.array(fields["cat_threshold"].split(), np.uint32)
    result = {}
    for node in nodes:
        which = int(threshold[node])
        bits = words[bounds[which] : bounds[which + 1]].astype("<u4").view(np.uint8)
        codes = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
        result[int(node)] = codes.astype(np.float64)
    return result
