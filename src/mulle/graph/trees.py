"""Represent decision trees of any library as arrays of nodes, and as one ONNX operator.

A row goes left where `feature <= threshold`, or where its category is in the node's set; a missing
value goes the way the node says. Features are float32 and compared in float64, where every
float32 is exact, so that a split decides as it did in training; leaves are summed in float64.

catalogue  tree-dt ens-gbdt ens-rf ens-extra
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.graph.opset import g

_LESS_OR_EQUAL, _MEMBER = 0, 6  # TreeEnsemble's node modes
_SUM, _NO_TRANSFORM = 1, 0


@dataclass(frozen=True)
class Tree:
    """A decision tree: a child >= 0 is a node, a child < 0 is the leaf `~child`; 0 is the root.

    Attributes:
        feature, threshold, left, right, missing_left: one entry a node; no node for a lone leaf.
        leaf_value: one entry a leaf.
        target: the sum that the leaves add to.
        members: for a node that tests membership, the categories that go left.
    """

    feature: Array
    threshold: Array
    left: Array
    right: Array
    missing_left: Array
    leaf_value: Array
    target: int = 0
    members: Mapping[int, Array] = field(default_factory=dict)


def lone_leaf(value: float, target: int = 0) -> Tree:
    """Return a tree that gives `value` for every row."""
    leaf, node = np.array([-1]), np.array([0])
    return Tree(node, node * 0.0, leaf, leaf, node == 0, np.array([value]), target)


def trees_to_onnx(trees: list[Tree], x: Any, n_targets: int = 1) -> Any:
    """Return the sums of leaves, float64 [N, n_targets], for float32 features x [N, F]."""
    nodes = np.cumsum([0] + [len(t.feature) for t in trees])
    leaves = np.cumsum([0] + [len(t.leaf_value) for t in trees])

    def joined(name: str) -> Array:
        return np.concatenate([getattr(t, name) for t in trees])

    def children(name: str) -> tuple[list[int], list[int]]:
        parts = [
            np.where((c := getattr(t, name)) < 0, ~c + leaf, c + node)
            for t, node, leaf in zip(trees, nodes, leaves, strict=False)
        ]
        return (joined(name) < 0).astype(int).tolist(), np.concatenate(parts).tolist()

    modes = np.full(nodes[-1], _LESS_OR_EQUAL, np.uint8)
    sets = []
    for tree, node in zip(trees, nodes, strict=False):
        for position in sorted(tree.members):
            modes[node + position] = _MEMBER
            sets.append(np.append(tree.members[position], np.nan))
    true_leaf, true_node = children("left")
    false_leaf, false_node = children("right")
    return g.tree_ensemble(
        g.cast(x, to=np.float64),
        aggregate_function=_SUM,
        post_transform=_NO_TRANSFORM,
        n_targets=n_targets,
        tree_roots=nodes[:-1].tolist(),
        nodes_featureids=joined("feature").tolist(),
        nodes_splits=joined("threshold").astype(np.float64),
        nodes_modes=modes,
        nodes_missing_value_tracks_true=joined("missing_left").astype(int).tolist(),
        nodes_trueleafs=true_leaf,
        nodes_truenodeids=true_node,
        nodes_falseleafs=false_leaf,
        nodes_falsenodeids=false_node,
        leaf_targetids=np.repeat(
            [t.target for t in trees], [len(t.leaf_value) for t in trees]
        ).tolist(),
        leaf_weights=joined("leaf_value").astype(np.float64),
        **({"membership_values": np.concatenate(sets)} if sets else {}),
    )


def split_points(trees: list[Tree], features: Iterable[int]) -> dict[int, Array]:
    """Return the distinct thresholds at which each feature is split."""
    if not trees:
        return {feature: np.zeros(0) for feature in features}
    feature_of = np.concatenate([t.feature for t in trees])
    threshold = np.concatenate([t.threshold for t in trees])
    by_threshold = np.ones(len(feature_of), bool)
    begin = 0
    for t in trees:
        by_threshold[[begin + node for node in t.members]] = False
        begin += len(t.feature)
    return {
        feature: np.unique(threshold[(feature_of == feature) & by_threshold])
        for feature in features
    }
