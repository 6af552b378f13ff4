"""Trees as one operator, against walking them by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.graph import Tree, g, lone_leaf, split_points, trees_to_onnx, unwrap, wrap
from mulle.graph import concat as side_by_side

ONE = np.float32(1.0)


def stump(threshold=1.0, *, missing_left=False, target=0, members=None, feature=0) -> Tree:
    return Tree(
        feature=np.array([feature]),
        threshold=np.array([threshold]),
        left=np.array([-1]),
        right=np.array([-2]),
        missing_left=np.array([missing_left]),
        leaf_value=np.array([-1.0, 10.0]),
        target=target,
        members=members or {},
    )


def walk(tree: Tree, row: np.ndarray) -> float:
    at = 0
    while at >= 0:
        value = row[tree.feature[at]]
        if np.isnan(value):
            left = tree.missing_left[at]
        elif at in tree.members:
            left = value in tree.members[at]
        else:
            left = value <= tree.threshold[at]
        at = int(tree.left[at] if left else tree.right[at])
    return tree.leaf_value[~at]


def answers(in_graph, trees, x, n_targets=1) -> np.ndarray:
    def step(*columns):
        features = g.cast(unwrap(side_by_side(list(columns))), to=np.float32)
        return wrap(trees_to_onnx(trees, features, n_targets))

    columns = {f"c{j}": x[:, [j]].astype(np.float64) for j in range(x.shape[1])}
    return in_graph(step, **columns)[0]


@pytest.mark.parametrize("missing_left", [False, True])
@pytest.mark.parametrize("trees", [1, 2])
def test_either_side_of_a_threshold(in_graph, missing_left, trees):
    x = np.array([[np.nextafter(ONE, np.float32(0))], [1.0], [np.nextafter(ONE, np.float32(2))]])
    x = np.vstack([x, [[np.nan], [np.inf], [-np.inf], [-0.0]]])
    tree = stump(missing_left=missing_left)
    expected = [[trees * walk(tree, row)] for row in x]
    np.testing.assert_array_equal(answers(in_graph, [tree] * trees, x), expected)


@pytest.mark.parametrize("missing_left", [False, True])
def test_membership(in_graph, missing_left):
    tree = stump(members={0: np.array([0.0, 2.0, 5.0])}, missing_left=missing_left)
    x = np.array([[0.0], [1.0], [2.0], [3.0], [5.0], [-1.0], [99.0], [np.nan]])
    np.testing.assert_array_equal(answers(in_graph, [tree], x), [[walk(tree, row)] for row in x])


def test_lone_leaves_beside_trees_and_targets(in_graph):
    trees = [lone_leaf(0.1, 0), stump(target=1), lone_leaf(0.25, 2), stump(2.0, target=1)]
    x = np.array([[0.0], [1.5], [3.0]])
    expected = [[0.1, -2.0, 0.25], [0.1, 9.0, 0.25], [0.1, 20.0, 0.25]]
    np.testing.assert_array_equal(answers(in_graph, trees, x, 3), expected)


def test_leaf_alone(in_graph):
    assert answers(in_graph, [lone_leaf(3.5)], np.array([[np.nan], [1.0]])).tolist() == [[3.5]] * 2


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_trees(in_graph, seed):
    rng = np.random.default_rng(seed)
    trees = [random_tree(rng, int(rng.integers(1, 8))) for _ in range(int(rng.integers(1, 5)))]
    x = rng.integers(-3, 4, (30, 3)).astype(np.float64)
    x[rng.random(x.shape) < 0.1] = np.nan
    expected = [[sum(walk(tree, row) for tree in trees)] for row in x]
    np.testing.assert_allclose(answers(in_graph, trees, x), expected, rtol=1e-14, atol=1e-14)


def random_tree(rng: np.random.Generator, nodes: int) -> Tree:
    """A tree whose nodes are grown one after another, each in place of a leaf."""
    left, right = np.full(nodes, -1), np.full(nodes, -1)
    for node in range(1, nodes):
        free = [(s, i) for s in (left, right) for i in range(node) if s[i] == -1]
        side, parent = free[int(rng.integers(len(free)))]
        side[parent] = node
    leaf = 0
    for side in (left, right):
        for i in np.flatnonzero(side == -1):
            side[i], leaf = ~leaf, leaf + 1
    return Tree(
        feature=rng.integers(0, 3, nodes),
        threshold=rng.integers(-3, 4, nodes) + rng.choice([0.0, 0.5], nodes),
        left=left,
        right=right,
        missing_left=rng.random(nodes) < 0.5,
        leaf_value=rng.normal(size=leaf),
        members={i: np.unique(rng.integers(-3, 4, 3)) * 1.0 for i in range(0, nodes, 3)},
    )


def test_split_points_leave_membership_out():
    trees = [stump(2.0), stump(1.0), stump(2.0), stump(9.0, members={0: np.array([1.0])})]
    points = split_points(trees, [0, 1])
    assert {feature: found.tolist() for feature, found in points.items()} == {0: [1.0, 2.0], 1: []}
    assert split_points([], [0])[0].tolist() == []
