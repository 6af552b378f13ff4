"""Log-probability of words that are the leaves of a binary tree: y_n = sum_k ln s(z_nk).

s is the logistic function, z_nk = sign_nk v_nk x_n over the inner nodes k on the way from the root
to word n: v its vector, sign 1 where the way goes left, -1 right, 0 behind the word. About log2 of
the number of words are summed, and the probabilities of all words add up to 1.
With c_nk = gy_n sign_nk s(-z_nk): gx_n = sum_k c_nk v_nk, and v_nk receives c_nk x_n.

shapes  x (n, d), target (n) int, weight (nodes, d), path (words, depth) int,
        sign (words, depth) fixed -> y (n)
source  Morin & Bengio 2005, Hierarchical probabilistic neural network language model;
        Mikolov et al. 2013, arXiv:1310.4546, section 2.1
catalogue  act-hsoftmax
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._logistic import logistic
from mulle.nn.ops._onnx import ids
from mulle.nn.ops._reduction import select_rows


def forward(x: Array, target: Array, weight: Array, path: Array, sign: Array) -> tuple[Array, Any]:
    select_rows(target, len(path), -1)
    nodes, sides = path[target], sign[target]
    vectors = weight[nodes]  # (n, depth, d)
    z = sides * np.einsum("nkd,nd->nk", vectors, x)
    # ln s(z) = min(z, 0) - ln(1 + e^-|z|), which is -ln 2 where the sign is 0
    logs = np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))
    return (logs * np.abs(sides)).sum(axis=1), (x, nodes, sides, vectors, weight, z)


def backward(gy: Array, saved: Any) -> tuple[Array, None, Array]:
    x, nodes, sign, vectors, weight, z = saved
    c = gy[:, None] * sign * logistic(-z)
    gw = np.zeros_like(weight)
    np.add.at(gw, nodes, c[:, :, None] * x[:, None])  # a node lies on the way to many words
    return np.einsum("nk,nkd->nd", c, vectors), None, gw


def torch_forward(torch: Any, x: Any, target: Any, weight: Any, path: Any, sign: Any) -> Any:
    s = sign[target]
    z = s * (weight[path[target]] @ x[:, :, None])[:, :, 0]
    return (torch.nn.functional.logsigmoid(z) * s.abs()).sum(dim=1)


def to_onnx(g: Any, x: Any, target: Any, weight: Any, path: Any, sign: Any) -> Any:
    vectors = g.gather(weight, g.gather(path, target))
    s = g.gather(sign, target)
    products = g.squeeze(g.matmul(vectors, g.unsqueeze(x, ids(g, 2))), ids(g, 2))
    logs = g.neg(g.softplus(g.neg(g.mul(s, products))))
    return g.reduce_sum(g.mul(logs, g.abs(s)), ids(g, 1), keepdims=False)


def samples(draw: Draw) -> Iterator[Sample]:
    path = np.array([[0, 0, 0], [0, 1, 0], [0, 1, 2], [0, 1, 2]])
    sign: Any = np.array([[1, 0, 0], [-1, 1, 0], [-1, -1, 1], [-1, -1, -1]], draw.dtype)
    weight = draw.normal(3, 5)
    yield Sample((draw.normal(6, 5), draw.integers(4, 6), weight, path, sign))
    yield Sample((draw.normal(4, 5) * 20, np.arange(4), weight, path, sign))
    yield Sample((draw.normal(6, 5), draw.integers(4, 5), weight, path, sign), refused="target")
    yield Sample((draw.normal(2, 5), np.array([0, 4]), weight, path, sign), refused="target")
