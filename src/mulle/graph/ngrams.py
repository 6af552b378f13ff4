"""Count character n-grams: one definition, in NumPy over code points and in ONNX.

An n-gram is n code points in a row, spaces included, nothing folded or collapsed. A missing text
has none. In a graph the text is cut by ONNX Runtime's `Tokenizer` and counted by
`TfIdfVectorizer`, which is handed n-grams as tuples: strings joined and split again go wrong.

catalogue  txt-ngram txt-vocab txt-bow txt-sparse
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.graph.arrays import Matrix, is_symbolic, unwrap, wrap
from mulle.graph.inputs import MISSING_STRING
from mulle.graph.opset import g

_BITS = 21  # a code point needs 21 bits, so three fit in 63
MAX_N = 3


def occurrences(texts: Array, n: int) -> tuple[Array, Array]:
    """Return every n-gram of every text: rows of the texts, and n-grams packed into int64.

    Args:
        texts: strings of shape [N].
        n: 1, 2 or 3 code points.
    """
    lengths = np.fromiter((len(t) for t in texts), np.int64, len(texts))
    lengths[texts == MISSING_STRING] = 0
    joined = "".join(t for t in texts if t != MISSING_STRING)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    rows = np.repeat(np.arange(len(texts)), lengths)
    if len(points) < n:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    last = len(points) - n + 1
    packed = np.zeros(last, np.int64)
    for offset in range(n):
        packed = (packed << _BITS) | points[offset : offset + last]
    inside = rows[:last] == rows[n - 1 :]
    return rows[:last][inside], packed[inside]


def unpack(packed: Array, n: int) -> list[str]:
    """Return the n-grams behind packed numbers."""
    mask = (1 << _BITS) - 1
    shifts = [_BITS * (n - 1 - i) for i in range(n)]
    return ["".join(chr((int(p) >> s) & mask) for s in shifts) for p in packed]


def count_ngrams(x: Matrix, ngrams: list[str]) -> Matrix:
    """Return how often each n-gram occurs in each text.

    Args:
        x: strings of shape [N, 1].
        ngrams: distinct n-grams of 1 to 3 code points, shortest first, sorted by code point.

    Returns:
        Counts [N, V]: a CSR matrix in Python, float64 in a graph.
    """
    if is_symbolic(x):
        return wrap(_count_in_graph(unwrap(x), ngrams))
    from scipy import sparse

    rows, columns = [], []
    begin = 0
    for n in range(1, MAX_N + 1):
        known = np.array([_pack(gram) for gram in ngrams if len(gram) == n], np.int64)
        if len(known):
            row, packed = occurrences(x[:, 0], n)
            at = np.minimum(np.searchsorted(known, packed), len(known) - 1)
            hit = known[at] == packed
            rows.append(row[hit])
            columns.append(at[hit] + begin)
        begin += len(known)
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = (len(x), len(ngrams))
    counts = sparse.coo_matrix((np.ones(len(row)), (row, column)), shape=shape)
    return counts.tocsr()  # adds up what stands at the same place


def _pack(gram: str) -> int:
    packed = 0
    for character in gram:
        packed = (packed << _BITS) | ord(character)
    return packed


def _count_in_graph(text: Any, ngrams: list[str]) -> Any:
    from spox import inline

    flat = g.reshape(text, g.constant_of(np.array([-1])))
    characters = next(iter(inline(_tokenizer())(text=flat).values()))
    longest = len(ngrams[-1])
    by_length = [[gram for gram in ngrams if len(gram) == n] for n in range(1, longest + 1)]
    starts = np.cumsum([0] + [n * len(grams) for n, grams in enumerate(by_length, 1)])[:-1]
    counts = g.tf_idf_vectorizer(
        characters,
        max_gram_length=longest,
        min_gram_length=len(ngrams[0]),
        max_skip_count=0,
        mode="TF",
        ngram_counts=[int(s) for s in starts],
        ngram_indexes=list(range(len(ngrams))),
        pool_strings=[c for grams in by_length for gram in grams for c in gram],
    )
    return g.cast(counts, to=np.float64)


@cache
def _tokenizer() -> Any:
    """Return a graph of the one non-standard operator: text to characters."""
    from onnx import TensorProto, helper

    node = helper.make_node(
        "Tokenizer",
        ["text"],
        ["characters"],
        domain="com.microsoft",
        mark=0,
        mincharnum=1,
        pad_value=MISSING_STRING,
        separators=[""],
    )
    body = helper.make_graph(
        [node],
        "characters",
        [helper.make_tensor_value_info("text", TensorProto.STRING, ["N"])],
        [helper.make_tensor_value_info("characters", TensorProto.STRING, ["N", "L"])],
    )
    opsets = [helper.make_opsetid("com.microsoft", 1), helper.make_opsetid("", 21)]
    return helper.make_model(body, opset_imports=opsets)
