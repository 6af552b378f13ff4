"""Negative log-likelihood of class ids: l_n = -w_n x_n,target, x log-probabilities.

The mean divides by the sum of the weights w_n; rows whose class is ignore_index weigh nothing.
gx = -w_n at the class, 0 elsewhere.

shapes  x (n, classes), target (n) int, weight (classes)? fixed -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
catalogue  loss-nll
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._reduction import check_reduction, reduce, select_rows

POSITIONAL = ("size_average", "ignore_index", "reduce", "reduction")


def forward(
    x: Array,
    target: Array,
    weight: Array | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> tuple[Array, Any]:
    kept = select_rows(target, x.shape[1], ignore_index)
    if kept is not None:
        target = np.where(kept, target, 0)
    w = np.ones_like(x[:, 0]) if weight is None else weight[target]
    if kept is not None:
        w = np.where(kept, w, 0)
    rows = np.arange(len(x))
    losses = -w * x[rows, target]
    if kept is not None:
        losses = np.where(kept, losses, 0)  # infinity times 0 is not 0
    y, share = reduce(losses, reduction, w.sum())
    return y, (x, (rows, target), w, kept, share)


def backward(gy: Array, saved: Any) -> Array:
    x, at, w, kept, share = saved
    gx = np.zeros_like(x)
    picked = -w * (gy * share)
    gx[at] = picked if kept is None else np.where(kept, picked, 0)
    return gx


def torch_forward(
    torch: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Any:
    return torch.nn.functional.nll_loss(
        x, target, weight, ignore_index=ignore_index, reduction=reduction
    )


def to_onnx(
    g: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Any:
    return g.negative_log_likelihood_loss(
        x, target, weight, ignore_index=ignore_index, reduction=check_reduction(reduction)
    )


def samples(draw: Draw) -> Iterator[Sample]:
    x, target, weight = draw.normal(6, 4), draw.integers(4, 6), draw.uniform(0.5, 2, 4)
    some = np.array([1, -100, 0, 3, -100, 2])
    yield Sample((x, target))
    yield Sample((x, target, weight))
    yield Sample((x, some, weight), {"reduction": "sum"})
    yield Sample((x, some, weight))
    yield Sample((x, np.array([1, 2, 0, 3, 2, 2])), {"reduction": "none", "ignore_index": 2})
    yield Sample((x, draw.integers(4, 5)), refused="target (n) int")
    yield Sample((x, np.full(6, 4)), refused="x (n, classes)")
    yield Sample((x, np.full(6, -1)), refused="x (n, classes)")
