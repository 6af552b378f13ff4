"""Piecewise-linear encoding: the formula of the paper, and columns that are hard to cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import KBinsDiscretizer

from mulle.graph import open_session, run, symbols, to_model
from mulle.steps import Block, PiecewiseLinear, Preparation
from mulle.table import Column, Kind, Storage

MAX, LEAST = np.finfo(np.float64).max, 5e-324
HARD = [np.nan, np.inf, -np.inf, MAX, -MAX, LEAST, -LEAST, 1e-310, 0.0, -0.0, 1e300, 1.0, -1.0]
FINITE = [v for v in HARD if not np.isinf(v)]  # what a step accepts to learn from


def of_the_paper(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Equation 1 of arXiv:2203.05556, its outer intervals open as far as -1 and 2."""
    shares = (x[:, None] - edges[:-1]) / np.diff(edges)
    low, high = np.zeros(len(edges) - 1), np.ones(len(edges) - 1)
    low[0], high[-1] = -1, 2
    return np.clip(shares, low, high)


@pytest.mark.parametrize("bins", [1, 2, 5, 8, 20])
def test_intervals_are_those_of_scikit_learn_and_shares_those_of_the_paper(bins):
    rng = np.random.default_rng(bins)
    x = np.exp(rng.normal(size=(300, 3)))
    new = np.concatenate([x, x * 3 - 2])
    got = PiecewiseLinear(bins).fit(x).transform(new)
    reference = KBinsDiscretizer(
        max(2, bins), strategy="quantile", quantile_method="linear", subsample=None
    ).fit(x)
    edges = [e if bins > 1 else e[[0, -1]] for e in reference.bin_edges_]
    expected = np.hstack([of_the_paper(column, e) for column, e in zip(new.T, edges, strict=True)])
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


def test_a_column_of_two_values_is_one_interval_and_a_constant_one_is_zero():
    x = np.array([[3.0, 5.0], [7.0, 5.0], [3.0, 5.0]])
    step = PiecewiseLinear().fit(x)
    assert step.transform(x).tolist() == [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]
    assert list(step.get_feature_names_out(["a", "b"])) == [
        "a from 3.0 to 7.0",
        "b from 5.0 to 7.5",
    ]
    far = step.transform(np.array([[-99.0, -99.0], [99.0, 99.0]]))
    assert far.tolist() == [[-1.0, -1.0], [2.0, 2.0]]


def test_a_missing_value_is_the_median_and_marked_where_training_had_some():
    x = np.array([[1.0, 1.0], [2.0, 2.0], [4.0, np.nan], [9.0, 3.0]])
    step = PiecewiseLinear(4).fit(x)
    names = list(step.get_feature_names_out(["a", "b"]))
    assert names[-1] == "b is missing"
    assert sum("missing" in name for name in names) == 1
    gap, median = step.transform(np.array([[np.nan, np.nan], [3.0, 2.0]]))
    assert gap[:-1].tolist() == median[:-1].tolist()
    assert (gap[-1], median[-1]) == (1.0, 0.0)


def test_of_many_columns_each_has_fewer_intervals():
    rng = np.random.default_rng(0)
    for columns, bins in ((10, 8), (30, 8), (40, 6), (60, 4), (240, 1), (300, 1)):
        x = rng.normal(size=(50, columns))
        assert PiecewiseLinear().fit_transform(x).shape == (50, bins * columns)
    assert PiecewiseLinear(max_features=6).fit_transform(rng.normal(size=(50, 3))).shape == (50, 6)


def graph_of(preparation: Preparation, names: list[str]):
    inputs = symbols(Column(name, Kind.continuous, Storage.number) for name in names)
    return open_session(to_model(inputs, {"y": preparation.to_onnx(inputs)}))


def assert_bit_for_bit(learned: np.ndarray, new: np.ndarray, **how: int) -> np.ndarray:
    names = [f"c{i}" for i in range(learned.shape[1])]
    columns = {name: learned[:, i : i + 1] for i, name in enumerate(names)}
    preparation = Preparation([Block(names, [PiecewiseLinear(**how)])])
    preparation.fit_transform(columns, np.zeros(len(learned)))
    rows = {name: new[:, i : i + 1] for i, name in enumerate(names)}
    python, graph = preparation.transform(rows), run(graph_of(preparation, names), rows)[0]
    assert python.tobytes() == graph.tobytes()
    assert np.isfinite(python).all()
    assert python.min() >= -1 - 1e-6
    assert python.max() <= 2 + 1e-6
    return python


@pytest.mark.parametrize(
    "learned",
    [
        [-MAX, MAX, 0.0, 1.0],
        [MAX] * 4,
        [LEAST, 2 * LEAST, 0.0, -LEAST],
        [1e-310, 2e-310, 3e-310, 9e-310],
        [1.0, 1.0 + 2**-52, 1.0, 1.0 + 2**-51],
        [np.nan] * 4,
        [np.nan, 2.0, 2.0, np.nan],
        [1e300, 1e300, 1e300, 1e300],
        [-0.0, 0.0, 0.0, -0.0],
    ],
    ids=repr,
)
def test_hard_columns_are_bit_for_bit_in_the_graph(learned):
    column = np.array(learned)[:, None]
    near = np.concatenate([learned, HARD])
    with np.errstate(over="ignore"):
        near = np.concatenate([near, np.nextafter(near, -np.inf), np.nextafter(near, np.inf)])
    for bins in (1, 3, 8):
        assert_bit_for_bit(column, near[:, None], n_bins=bins)


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(
    learned=st.lists(
        st.floats(allow_infinity=False) | st.sampled_from(FINITE), min_size=1, max_size=30
    ),
    new=st.lists(st.floats() | st.sampled_from(HARD), min_size=1, max_size=10),
    bins=st.integers(1, 12),
)
def test_any_column_is_bit_for_bit_and_rises_with_the_value(learned, new, bins):
    rows = np.sort(np.array(new))[:, None]
    shares = assert_bit_for_bit(np.array(learned)[:, None], rows, n_bins=bins)
    known = ~np.isnan(rows[:, 0])
    marks = int(np.isnan(learned).any())
    rising = np.diff(shares[known][:, : shares.shape[1] - marks], axis=0)
    assert (rising >= 0).all()


def test_a_wide_table_is_bit_for_bit():
    rng = np.random.default_rng(2)
    x = rng.standard_t(2, size=(60, 500))
    x[rng.random(x.shape) < 0.05] = np.nan
    assert (
        assert_bit_for_bit(x, rng.standard_t(1, size=(40, 500)), max_features=2_000).shape[1]
        > 2_000
    )
