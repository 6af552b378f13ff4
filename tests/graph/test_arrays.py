"""Lookups, rows of tables and masks: NumPy, ONNX and a plain dictionary agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mulle.graph import (
    MISSING_DATE,
    MISSING_STRING,
    concat,
    is_missing,
    is_symbolic,
    lookup,
    matmul,
    take_rows,
)

TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6)


def column(values) -> np.ndarray:
    return np.array(values, dtype=object).reshape(-1, 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8, unique=True), st.lists(TEXTS, max_size=10))
def test_lookup_is_a_dictionary(in_graph, keys, others):
    values = np.arange(len(keys)) + 0.5
    x = column([*keys, *others])
    expected = [dict(zip(keys, values, strict=True)).get(text, -1.0) for text in x[:, 0]]
    assert lookup(x, keys, values, -1.0)[:, 0].tolist() == expected
    assert in_graph(lambda v: lookup(v, keys, values, -1.0), x=x)[0][:, 0].tolist() == expected


def test_lookup_of_many_rows_is_that_of_few():
    x = column(["a", "zz", MISSING_STRING, "가"] * 20_000)
    keys, values = ["가", "a", MISSING_STRING], np.array([3.5, np.nan, -0.0])
    many = lookup(x, keys, values, -1.0)
    few = np.concatenate([lookup(x[i : i + 4], keys, values, -1.0) for i in range(0, 40, 4)])
    np.testing.assert_array_equal(many[:40], few)
    assert many.dtype == few.dtype


def test_lookup_keeps_whole_numbers_whole(in_graph):
    x = column(["a", MISSING_STRING, "", "A", "가"])
    keys = ["a", "가", MISSING_STRING]
    values = np.array([2**53 + 1, 7, 9], np.int64)
    for found in (
        lookup(x, keys, values, 0),
        in_graph(lambda v: lookup(v, keys, values, 0), x=x)[0],
    ):
        assert found.dtype == np.int64
        assert found[:, 0].tolist() == [2**53 + 1, 9, 0, 0, 7]


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_lookup_then_take_rows(in_graph, rows):
    keys = ["a", "b"]
    table = np.arange(9.0).reshape(3, 3)
    x = column([["a", "b", "zz"][i % 3] for i in range(rows)])

    def step(v):
        return take_rows(table, lookup(v, keys, np.arange(2), 2))

    expected = table[[i % 3 for i in range(rows)]].reshape(rows, 3)
    np.testing.assert_array_equal(step(x), expected)
    np.testing.assert_array_equal(in_graph(step, x=x)[0], expected)


def test_is_missing(in_graph):
    numbers = np.array([[np.nan], [0.0], [np.inf]])
    dates = np.array([[MISSING_DATE], [0], [-1]])
    for x, expected in ((numbers, [True, False, False]), (dates, [True, False, False])):
        assert is_missing(x)[:, 0].tolist() == expected
        assert in_graph(is_missing, x=x)[0][:, 0].tolist() == expected


def test_concat_and_matmul(in_graph):
    rng = np.random.default_rng(0)
    a, b, weights = rng.normal(size=(5, 1)), rng.normal(size=(5, 1)), rng.normal(size=(2, 3))

    def step(a, b):
        return matmul(concat([a, b]), weights)

    np.testing.assert_allclose(in_graph(step, a=a, b=b)[0], np.hstack([a, b]) @ weights, rtol=1e-14)
    mixed = concat([a, sparse.csr_matrix(b)])
    assert sparse.issparse(mixed)
    np.testing.assert_array_equal(mixed.toarray(), np.hstack([a, b]))
    assert concat([a]) is a


def test_numpy_is_not_symbolic():
    assert not is_symbolic(np.zeros(1))
