"""Counting n-grams: against scikit-learn, against counting by hand, and inside a graph."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from mulle.graph import MISSING_STRING, count_ngrams, occurrences, unpack
from mulle.graph.ngrams import in_parts

ALPHABET = "ab 가나\t👍é\u0301."
TEXTS = [
    "",
    " ",
    "가나다라마바",
    "ab ab",
    "👍👍 a",
    "e\u0301é",
    MISSING_STRING,
    "a\nb",
    "a",
    "\U0010ffff",
]


def by_hand(text: str, gram: str) -> int:
    if text == MISSING_STRING:
        return 0
    return sum(text[i : i + len(gram)] == gram for i in range(len(text)))


def grams_of(texts, longest=3) -> list[str]:
    found = {
        t[i : i + n] for t in texts for n in range(1, longest + 1) for i in range(len(t) - n + 1)
    }
    return sorted(found - {MISSING_STRING}, key=lambda gram: (len(gram), gram))


def column(texts) -> np.ndarray:
    return np.array(texts, dtype=object).reshape(-1, 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(ALPHABET, max_size=9), min_size=1, max_size=5))
def test_python_and_graph_count_as_by_hand(in_graph, texts):
    texts = [*texts, *TEXTS]
    grams = grams_of(texts)
    expected = np.array([[by_hand(text, gram) for gram in grams] for text in texts])
    np.testing.assert_array_equal(count_ngrams(column(texts), grams).toarray(), expected)
    counted = in_graph(lambda x: count_ngrams(x, grams), x=column(texts))[0]
    assert counted.dtype == np.float64
    np.testing.assert_array_equal(counted, expected)


def test_scikit_learn_counts_the_same_where_there_is_no_white_space():
    texts = ["가나다가나", "abcabc", "a👍b", "x", ""]
    vectorizer = CountVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False)
    expected = vectorizer.fit_transform(texts).toarray()
    names = vectorizer.get_feature_names_out().tolist()
    order = sorted(range(len(names)), key=lambda i: (len(names[i]), names[i]))
    counted = count_ngrams(column(texts), [names[i] for i in order]).toarray()
    np.testing.assert_array_equal(counted, expected[:, order])


@given(st.text(max_size=12), st.integers(1, 3))
def test_occurrences_unpack_to_the_text(text, n):
    rows, packed, counts = occurrences(np.array(["", text], dtype=object), n)
    if text == MISSING_STRING:
        text = ""
    expected = Counter(text[i : i + n] for i in range(len(text) - n + 1))
    assert dict(zip(unpack(packed, n), counts.tolist(), strict=True)) == expected
    assert (rows == 1).all()


@given(st.lists(st.text(max_size=6), min_size=1, max_size=9), st.integers(1, 3))
def test_occurrences_found_in_parts_are_those_of_the_whole(texts, n):
    texts = np.array(texts, dtype=object)
    for whole, parts in zip(occurrences(texts, n), in_parts(texts, n, 2), strict=True):
        np.testing.assert_array_equal(whole, parts)


def test_rows_alone_and_none(in_graph):
    grams = ["a", "b", "ab"]
    for texts in ([], ["ab"], [""], [MISSING_STRING], ["", MISSING_STRING]):
        expected = [[by_hand(text, gram) for gram in grams] for text in texts]
        expected = np.array(expected, float).reshape(len(texts), 3)
        np.testing.assert_array_equal(count_ngrams(column(texts), grams).toarray(), expected)
        if texts:
            counted = in_graph(lambda x: count_ngrams(x, grams), x=column(texts))[0]
            np.testing.assert_array_equal(counted, expected)


def test_only_longer_ngrams(in_graph):
    counted = in_graph(lambda x: count_ngrams(x, ["ab", "abc"]), x=column(["abcab", "b"]))[0]
    np.testing.assert_array_equal(counted, [[2, 1], [0, 0]])
