"""Softmax over very many words by a binary tree with the words at its leaves."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any

import numpy as np

from mulle.nn import init
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.tensor import Buffer, Parameter, as_numpy


class HierarchicalSoftmax(Module):
    """Log-probabilities of words; training on one takes about log2(number of words) steps.

    Args:
        in_features: length of x.
        n_words: number of words, the leaves of the tree.
        counts: how often each word occurs, shape (n_words,); frequent words stand nearer to the
            root (Huffman's tree).

    Shapes:
        x (n, in_features), target (n) -> log-probability of each target (n)
        x (n, in_features) -> log-probabilities of all words (n, n_words)

    catalogue  act-hsoftmax
    """

    def __init__(self, in_features: int, n_words: int, counts: Sequence[float] = ()) -> None:
        path, sign = huffman(counts or [1.0] * n_words)
        self.weight = Parameter(init.by_fan_in((n_words - 1, in_features), in_features))
        self.path, self.sign = Buffer(path), Buffer(sign)

    def forward(self, x: Any, target: Any = None) -> Any:
        """Compute the output of the layer."""
        if target is not None:
            return OPS["hierarchical_softmax"](x, target, self.weight, self.path, self.sign)
        sides = OPS["transpose"](OPS["linear"](x, self.weight), first=0, second=1)
        along = OPS["getitem"](sides, index=as_numpy(self.path))  # (words, depth, n)
        sign = self.sign.reshape(*self.sign.shape, 1)
        logs = OPS["softplus"](along * sign * -1.0) * OPS["abs"](sign)
        return (logs.sum(1) * -1.0).transpose(0, 1)


def huffman(counts: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the inner nodes on the way to each word, root first, and the sides taken.

    A side is 1 for left, -1 for right, and 0 behind the end of the way.

    Source: Huffman 1952, A method for the construction of minimum-redundancy codes.

    >>> path, sign = huffman([5, 1, 1])
    >>> path.tolist(), sign.tolist()
    ([[0, 0], [0, 1], [0, 1]], [[-1.0, 0.0], [1.0, 1.0], [1.0, -1.0]])
    """
    n = len(counts)
    heap: list[tuple[float, int]] = [(count, word) for word, count in enumerate(counts)]
    heapq.heapify(heap)
    above: dict[int, tuple[int, float]] = {}  # of a node: the one above it, and on which side
    for node in range(n, 2 * n - 1):
        (a, left), (b, right) = heapq.heappop(heap), heapq.heappop(heap)
        above[left], above[right] = (node, 1.0), (node, -1.0)
        heapq.heappush(heap, (a + b, node))
    ways: list[list[tuple[int, float]]] = []
    for word in range(n):
        way, at = [], word
        while at in above:
            at, side = above[at]
            way.append((2 * n - 2 - at, side))  # the root, made last, is node 0
        ways.append(way[::-1])
    depth = max(map(len, ways))
    path, sign = np.zeros((n, depth), np.int64), np.zeros((n, depth), np.float32)
    for word, way in enumerate(ways):
        for k, (node, side) in enumerate(way):
            path[word, k], sign[word, k] = node, side
    return path, sign
