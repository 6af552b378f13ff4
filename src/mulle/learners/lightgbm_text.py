"""Read LightGBM's model text into trees that compare and sum exactly as LightGBM does."""

from __future__ import annotations

import json
from collections import defaultdict
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
    """Return the trees of a model text; an iteration has one for each of its scores.

    A field is read for all trees at once: a model of many classes has tens of thousands.
    """
    fields: dict[str, list[str]] = defaultdict(list)
    first = text.find("\nTree=")
    for line in text[first : text.find("\nend of trees")].splitlines():
        name, _, written = line.partition("=")
        fields[name].append(written)

    def integers(name: str) -> Array:
        return np.array([int(word) for word in " ".join(fields[name]).split()], np.int64)

    def floats(name: str) -> Array:
        return np.array([float(word) for word in " ".join(fields[name]).split()], np.float64)

    decision, threshold = integers("decision_type"), floats("threshold")
    categorical = (decision & _CATEGORICAL) > 0
    takes_missing = (decision >> _MISSING_SHIFT) == _MISSING_NAN
    # Trained without missing values, LightGBM reads a missing one as 0.
    missing_left = np.where(takes_missing, (decision & _DEFAULT_LEFT) > 0, threshold >= 0)
    missing_left &= ~categorical
    around_zero = np.where(categorical, 0.0, _around_zero(threshold))
    feature, value = integers("split_feature"), floats("leaf_value")
    left, right = integers("left_child"), integers("right_child")
    leaves = integers("num_leaves")
    leaf_ends, node_ends = leaves.cumsum().tolist(), (leaves - 1).cumsum().tolist()
    sets = zip(fields["cat_boundaries"], fields["cat_threshold"], strict=True)
    trees, leaf, node = [], 0, 0
    for number, (leaf_end, node_end) in enumerate(zip(leaf_ends, node_ends, strict=True)):
        of_tree, its_leaves = slice(node, node_end), slice(leaf, leaf_end)
        leaf, node = leaf_end, node_end
        if leaf_end - its_leaves.start == 1:
            trees.append(lone_leaf(float(value[its_leaves.start]), number % per_iteration))
            continue
        splits_categories = np.flatnonzero(categorical[of_tree])
        trees.append(
            Tree(
                feature[of_tree],
                around_zero[of_tree],
                left[of_tree],
                right[of_tree],
                missing_left[of_tree],
                value[its_leaves],
                number % per_iteration,
                _category_sets(*next(sets), threshold[of_tree], splits_categories)
                if len(splits_categories)
                else {},
            )
        )
    return trees


def _around_zero(threshold: Array) -> Array:
    """Return thresholds moved so that what LightGBM takes for 0 goes where 0 goes."""
    tiny = np.abs(threshold) <= _ZERO
    return np.where(tiny, np.where(threshold < 0, np.nextafter(-_ZERO, -1.0), _ZERO), threshold)


def _category_sets(boundaries: str, words: str, threshold: Array, nodes: Array) -> dict[int, Array]:
    """Return the codes that go left at each categorical node, from LightGBM's bit fields."""
    bounds = [int(word) for word in boundaries.split()]
    fields = np.array(words.split(), np.uint32)
    result = {}
    for node in nodes:
        which = int(threshold[node])
        bits = fields[bounds[which] : bounds[which + 1]].astype("<u4").view(np.uint8)
        codes = np.flatnonzero(np.unpackbits(bits, bitorder="little"))
        result[int(node)] = codes.astype(np.float64)
    return result
