"""Read LightGBM's model text into trees that compare and sum exactly as LightGBM does."""

from __future__ import annotations

import numpy as np

from mulle.arrays import Array
from mulle.graph import Tree, lone_leaf

_ZERO = float(np.float32(1e-35))  # LightGBM takes what is not further from 0 for 0
_CATEGORICAL, _DEFAULT_LEFT, _MISSING_SHIFT, _MISSING_NAN = 1, 2, 2, 2  # decision_type bits


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
