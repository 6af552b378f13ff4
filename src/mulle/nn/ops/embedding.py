"""Embedding: y = weight[ids], a row per id; gW_i is the sum of gy over the positions of id i.

The gradient sorts the positions by id and sums each stretch. Adding them one by one takes eight
times as long, and a product with one-hot rows takes as many products as there are ids.

shapes  ids (*) int, weight (rows, d) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
catalogue  lm-gpt lm-mingpt
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.shapes import ContractError

POSITIONAL = ("padding_idx", "max_norm", "norm_type", "scale_grad_by_freq", "sparse")


def forward(ids: Array, weight: Array, *, padding_idx: int | None = None) -> tuple[Array, Any]:
    if ids.size and ids.min() < 0:
        raise ContractError("ids-negative")
    return weight[ids], (ids, weight, padding_idx)


def backward(gy: Array, saved: Any) -> tuple[None, Array]:
    ids, weight, padding_idx = saved
    gw = np.zeros_like(weight)
    if ids.size:
        places = np.argsort(ids, axis=None, kind="stable")
        ordered = ids.reshape(-1)[places]
        begins = np.flatnonzero(np.diff(ordered, prepend=-1))
        rows = gy.reshape(-1, gy.shape[-1])[places]
        gw[ordered[begins]] = np.add.reduceat(rows, begins, axis=0)
    if padding_idx is not None:
        gw[padding_idx] = 0  # it is not learned
    return None, gw


def torch_forward(torch: Any, ids: Any, weight: Any, *, padding_idx: int | None = None) -> Any:
    return torch.nn.functional.embedding(ids, weight, padding_idx)


def to_onnx(g: Any, ids: Any, weight: Any, *, padding_idx: int | None = None) -> Any:
    return g.gather(weight, ids, axis=0)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.integers(5, 2, 7), draw.normal(5, 3)))
    yield Sample((draw.integers(50, 4), draw.normal(50, 2)))
    yield Sample(
        (draw.integers(3, 2, 2, 2), draw.normal(3, 4)), {"padding_idx": 1}, kink=True
    )  # fixed
    yield Sample((draw.integers(3, 0), draw.normal(3, 4)))
    yield Sample((draw.integers(5, 4) - 5, draw.normal(5, 3)), refused="ids (*) int")
    yield Sample((draw.integers(5, 4) + 5, draw.normal(5, 3)), refused="ids (*) int")
    yield Sample((draw.normal(4), draw.normal(5, 3)), refused="ids (*) int")
