"""Count character n-grams: one definition, in NumPy over code points and in ONNX.

An n-gram is n code points in a row, spaces included, nothing folded or collapsed. A missing text
has none. In a graph the text is cut by ONNX Runtime's `Tokenizer`, characters become numbers, and
`TfIdfVectorizer` counts tuples of them: strings joined and split again go wrong.

catalogue  txt-ngram txt-vocab txt-bow txt-sparse
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.graph.arrays import Matrix, is_symbolic, unwrap, wrap
from mulle.graph.inputs import MISSING_STRING
from mulle.graph.opset import g
from mulle.graph.sparse import Entries, SparseMatrix

_BITS = 21  # a code point needs 21 bits, so three fit in 63
_KEY_BITS = 63  # of an int64 that is not negative
MAX_N = 3


def occurrences(texts: Array, n: int) -> tuple[Array, Array, Array]:
    """Return the n-grams of every text: rows, n-grams packed into int64, and how often each occurs.

    Sorted by row, then by n-gram; each n-gram of a row appears once.

    Args:
        texts: strings of shape [N].
        n: 1, 2 or 3 code points.
    """
    known = ["" if t == MISSING_STRING else t for t in texts]
    lengths = np.fromiter(map(len, known), np.int64, len(known))
    points = np.frombuffer("".join(known).encode("utf-32-le", "surrogatepass"), np.uint32)
    if len(points) < n:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    alphabet, codes, bits = _alphabet(points)
    most = 1 << max(0, _KEY_BITS - n * bits)  # rows whose number fits beside an n-gram
    if len(texts) > most:
        return in_parts(texts, n, most)
    last = len(points) - n + 1
    rows = np.repeat(np.arange(len(known)), lengths)
    key = rows[:last].copy()
    for offset in range(n):
        key = (key << bits) | codes[offset : offset + last]
    key = np.sort(key[rows[:last] == rows[n - 1 :]])
    first = np.flatnonzero(np.r_[np.ones(min(1, len(key)), bool), key[1:] != key[:-1]])
    counts = np.diff(np.r_[first, len(key)])
    key = key[first]
    packed = np.zeros(len(key), np.int64)
    for place in range(n - 1, -1, -1):
        packed = (packed << _BITS) | alphabet[(key >> (bits * place)) & ((1 << bits) - 1)]
    return key >> (bits * n), packed, counts


def _alphabet(points: Array) -> tuple[Array, Array, int]:
    """Return the distinct code points, the place of each point among them, and its bits."""
    seen = np.zeros(int(points.max()) + 1, bool)
    seen[points] = True
    alphabet = np.flatnonzero(seen)
    codes = (np.cumsum(seen) - 1)[points]
    return alphabet, codes, max(1, int(len(alphabet) - 1).bit_length())


def in_parts(texts: Array, n: int, rows: int) -> tuple[Array, Array, Array]:
    """Return the same as `occurrences`, found for so many rows at a time."""
    found = []
    for begin in range(0, len(texts), rows):
        row, packed, counts = occurrences(texts[begin : begin + rows], n)
        found.append((row + begin, packed, counts))
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


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
        return wrap(g.cast(_count_in_graph(unwrap(x), ngrams), to=np.float64))
    from scipy import sparse

    rows, columns, times = [], [], []
    begin = 0
    for n in range(1, MAX_N + 1):
        known = np.array([_pack(gram) for gram in ngrams if len(gram) == n], np.int64)
        if len(known):
            row, packed, counts = occurrences(x[:, 0], n)
            at = np.minimum(np.searchsorted(known, packed), len(known) - 1)
            hit = known[at] == packed
            rows.append(row[hit])
            columns.append(at[hit] + begin)
            times.append(counts[hit])
        begin += len(known)
    row, column = np.concatenate(rows), np.concatenate(columns)
    values, shape = np.concatenate(times).astype(np.float64), (len(x), len(ngrams))
    return sparse.coo_matrix((values, (row, column)), shape=shape).tocsr()


def weigh_ngrams(x: Matrix, ngrams: list[str], idf: Array) -> SparseMatrix:
    """Return the n-grams' weights (1 + ln count) * idf, each row scaled to length 1, in a graph.

    Few of thousands of n-grams occur in a text, so only what occurs is computed with.

    Args:
        x: strings of shape [N, 1], symbolic.
        ngrams: see `count_ngrams`.
        idf: the weight of each [V].
    """
    counts = _count_in_graph(unwrap(x), ngrams)
    vector, width = g.constant_of(np.array([-1])), g.constant_of(np.int64(len(ngrams)))
    flat = g.reshape(counts, vector)
    at = g.reshape(g.non_zero(flat), vector)  # [M], the places of what occurs
    row = g.div(at, width)
    column = g.sub(at, g.mul(row, width))
    logs = g.log(g.cast(g.gather(flat, at), to=np.float64))
    weights = g.add(logs, g.constant_of(np.float64(1)))
    weights = g.mul(weights, g.gather(g.constant_of(np.asarray(idf, np.float64)), column))
    found = Entries(row, column, weights, rows=g.shape(counts, end=1), width=len(ngrams))
    lengths = g.sqrt(found.sum_by_row(g.mul(weights, weights)))
    return SparseMatrix((replace(found, values=g.div(weights, g.gather(lengths, row))),))


def _pack(gram: str) -> int:
    packed = 0
    for character in gram:
        packed = (packed << _BITS) | ord(character)
    return packed


def _count_in_graph(text: Any, ngrams: list[str]) -> Any:
    alphabet = sorted({character for gram in ngrams for character in gram})
    code = {character: number for number, character in enumerate(alphabet, 1)}
    codes = g.label_encoder(  # whole numbers are looked up sooner than strings
        characters(text),
        keys_tensor=np.array(alphabet, object),
        values_tensor=np.arange(1, len(alphabet) + 1),
        default_tensor=np.zeros(1, np.int64),
    )
    longest = len(ngrams[-1])
    by_length = [[gram for gram in ngrams if len(gram) == n] for n in range(1, longest + 1)]
    starts = np.cumsum([0] + [n * len(grams) for n, grams in enumerate(by_length, 1)])[:-1]
    return g.tf_idf_vectorizer(
        codes,
        max_gram_length=longest,
        min_gram_length=len(ngrams[0]),
        max_skip_count=0,
        mode="TF",
        ngram_counts=[int(s) for s in starts],
        ngram_indexes=list(range(len(ngrams))),
        pool_int64s=[code[c] for grams in by_length for gram in grams for c in gram],
    )


def characters(text: Any) -> Any:
    """Return the characters [N, L] of strings [N, 1], in a graph; short ones end in missing."""
    from spox import inline

    flat = g.reshape(text, g.constant_of(np.array([-1])))
    return next(iter(inline(_tokenizer())(text=flat).values()))


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
