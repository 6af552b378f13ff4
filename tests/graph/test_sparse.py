"""Sparse matrices in a graph: the same products and the same cells as dense ones."""

from __future__ import annotations

from collections import Counter

import numpy as np
import onnx
import pytest
from onnxruntime import InferenceSession

from mulle.graph import (
    SparseMatrix,
    concat,
    g,
    is_symbolic,
    matmul,
    symbols,
    to_model,
    unwrap,
    weigh_ngrams,
    wrap,
)
from mulle.steps import LSA, TextScore, TfIdf
from mulle.steps.prepare import Block, Preparation
from mulle.table import Column, Kind, Storage

TEXTS = ["ab ab", "", "zzz", "가나", "b" * 300, "\ue000", "ba"]
GRAMS = ["a", "b", "가", "ab", "bb", "ba ", "abc"]
IDF = np.linspace(1.0, 2.5, len(GRAMS))


def text_column(texts=TEXTS) -> np.ndarray:
    return np.array(texts, object)[:, None]


def numbers(rows: int = 7) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(rows, 1))


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("order", ["number first", "number last", "two texts", "text alone"])
def test_a_product_is_that_of_the_dense_matrix(in_graph, width, order):
    places = {"number first": [0, 1], "number last": [1, 0], "two texts": [0, 1, 0, 0, 1]}
    order = places.get(order, [1])

    def both(number, text):
        parts = [number, weigh_ngrams(text, GRAMS, IDF)]
        x = concat([parts[i] for i in order])
        assert isinstance(x, SparseMatrix) and is_symbolic(x)
        columns = sum((1, len(GRAMS))[i] for i in order)
        weights = np.random.default_rng(1).normal(size=(columns, width))
        dense = g.matmul(unwrap(x), g.constant_of(weights))
        return {"sparse": matmul(x, weights), "dense": wrap(dense)}

    sparse, dense = in_graph(both, number=numbers(), text=text_column())
    assert sparse.shape == (len(TEXTS), width)
    np.testing.assert_allclose(sparse, dense, rtol=0, atol=1e-14)


@pytest.mark.parametrize("texts", [["", "zzz"], [""], ["\ue000"]])
def test_rows_without_entries_are_zero(in_graph, texts):
    def both(text):
        x = weigh_ngrams(text, GRAMS, IDF)
        ones = np.ones((len(GRAMS), 2))
        return {"one": matmul(x, ones[:, :1]), "two": matmul(x, ones), "dense": wrap(unwrap(x))}

    for found in in_graph(both, text=text_column(texts)):
        np.testing.assert_array_equal(found, np.zeros((len(texts), found.shape[1])))


def columns_of(*names) -> list[Column]:
    kinds = {"text": (Kind.text, Storage.string), "number": (Kind.continuous, Storage.number)}
    return [Column(name, *kinds[name]) for name in names]


@pytest.mark.parametrize("after", [[], [TextScore()], [LSA(n_components=3)]])
def test_features_of_text_are_those_of_python(after):
    given = {"number": numbers(40), "text": text_column((TEXTS * 6)[:40])}
    preparation = Preparation([Block(["number"]), Block(["text"], [TfIdf(min_count=1), *after])])
    preparation.fit_transform(given, np.arange(40) % 2)
    inputs = symbols(columns_of("number", "text"))
    graph = to_model(inputs, {"x": preparation.to_onnx(inputs)})
    expected = preparation.transform(given)
    expected = expected.toarray() if hasattr(expected, "toarray") else expected
    found = InferenceSession(graph).run(None, given)[0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_the_linear_model_of_text_makes_no_dense_matrix():
    inputs = symbols(columns_of("number", "text"))
    given = {"number": numbers(40), "text": text_column((TEXTS * 6)[:40])}
    preparation = Preparation([Block(["number"]), Block(["text"], [TfIdf(min_count=1)])])
    preparation.fit_transform(given, np.arange(40) % 2)
    x = preparation.to_onnx(inputs, keep_sparse=True)
    weights = np.random.default_rng(2).normal(size=(len(preparation.feature_names_), 1))
    graph = to_model(inputs, {"y": x.matmul(weights)})
    used = Counter(node.op_type for node in onnx.load_from_string(graph).graph.node)
    assert used["ScatterElements"] == 2 and not used["ScatterND"]
    found = InferenceSession(graph).run(None, given)[0]
    np.testing.assert_allclose(found, preparation.transform(given) @ weights, rtol=0, atol=1e-6)
