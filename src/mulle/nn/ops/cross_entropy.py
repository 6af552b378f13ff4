"""Cross-entropy of class ids against logits: l_n = -w_n sum_c q_nc log_softmax(x_n)_c.

q = 1 - label_smoothing at the class and the rest shared evenly; w_n is the weight of the class (1
where there is none), 0 where the class is ignore_index. The mean divides by the sum of the w_n.
gx = w_n (softmax(x_n) - q_n).
With smoothing and weights at once, each class's share counts with its own weight, as in PyTorch.

shapes  x (n, classes), target (n) int, weight (classes)? fixed -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html;
        Szegedy et al. 2016, arXiv:1512.00567, section 7 (smoothing)
catalogue  loss-ce loss-sparse-cce loss-seq2seq
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import ids, number
from mulle.nn.ops._reduction import align_rows, check_reduction, onnx_reduce, reduce, select_rows
from mulle.nn.ops._shares import losses_against

POSITIONAL = ("size_average", "ignore_index", "reduce", "reduction", "label_smoothing")


def forward(
    x: Array,
    target: Array,
    weight: Array | None = None,
    *,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> tuple[Array, Any]:
    parts = None
    kept = select_rows(target, x.shape[1], ignore_index)
    if kept is None and weight is None and not label_smoothing:
        losses, gx = _against_ids(x, target)
    else:
        share, parts = _shares(x, target, weight, label_smoothing, kept)
        losses, gx = losses_against(share, x)
    y, part = reduce(losses, reduction, parts)
    return y, (gx, part, kept)


def _against_ids(x: Array, target: Array) -> tuple[Array, Array]:
    """Return the loss of each row, -log_softmax(x)[target], and its gradient.

    Rows are short: classes come first here, so that each step is one pass over long runs.
    """
    z, at = np.array(x.T, order="C", like=x), (target, np.arange(len(x)))
    z -= z.max(axis=0)
    picked = z[at]
    np.exp(z, out=z)
    total = z.sum(axis=0)
    z /= total
    z[at] -= 1
    return np.log(total) - picked, z.T


def _shares(
    x: Array, target: Array, weight: Array | None, label_smoothing: float, kept: Array | None
) -> tuple[Array, Array]:
    """Return the share of each class of each row, and the sum of the rows' weights."""
    target = target if kept is None else np.where(kept, target, 0)
    w = np.ones_like(x, shape=x.shape[1]) if weight is None else weight
    share = np.zeros_like(x)
    if label_smoothing:
        share[...] = label_smoothing / x.shape[1] * w
    share[np.arange(len(x)), target] += (1 - label_smoothing) * w[target]
    if kept is None:
        return share, w[target].sum()
    share[~kept] = 0
    return share, w[target[kept]].sum()


def backward(gy: Array, saved: Any) -> Array:
    gx, part, kept = saved
    factor = gy * part
    if kept is not None:  # the mean of no rows is nan, but what is ignored has no gradient
        factor = np.where(kept, factor, 0)
    return gx * align_rows(factor)


def torch_forward(torch: Any, x: Any, target: Any, weight: Any = None, **attrs: Any) -> Any:
    return torch.nn.functional.cross_entropy(x, target, weight, **attrs)


def to_onnx(
    g: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Any:
    y, log_p = g.softmax_cross_entropy_loss(
        x, target, weight, ignore_index=ignore_index, reduction=check_reduction(reduction)
    )
    if not label_smoothing:
        return y
    kept = g.not_(g.equal(target, g.cast(ids(g, ignore_index), to=target.type.dtype)))
    w = g.cast(kept, to=x.type.dtype)
    if weight is not None:
        log_p = g.mul(log_p, weight)
        target = g.where(kept, target, g.cast(ids(g, 0), to=target.type.dtype))
    even = g.mul(w, g.reduce_mean(log_p, ids(g, 1), keepdims=False))
    if weight is not None:
        w = g.mul(w, g.gather(weight, target))
    even = onnx_reduce(g, g.neg(even), reduction, g.reduce_sum(w, keepdims=False))
    own, shared = number(g, 1 - label_smoothing, x), number(g, label_smoothing, x)
    return g.add(g.mul(own, y), g.mul(shared, even))


_LOG_OF_0 = ("reference",)  # it takes the logarithm of a softmax that has become 0


def samples(draw: Draw) -> Iterator[Sample]:
    x, target, weight = draw.normal(6, 4), draw.integers(4, 6), draw.uniform(0.5, 2, 4)
    some = np.array([1, -100, 0, 3, -100, 2])
    yield Sample((x, target))
    yield Sample((x, target, weight))
    yield Sample((x, target), {"label_smoothing": 0.1})
    yield Sample((x, target, weight), {"label_smoothing": 0.2})
    yield Sample((x, some))
    yield Sample((x, some, weight), {"label_smoothing": 0.2})
    yield Sample((x, np.array([1, 2, 0, 3, 2, 2])), {"ignore_index": 2, "reduction": "sum"})
    yield Sample((x, target), {"reduction": "none"})
    yield Sample((x, some, weight), {"reduction": "none", "label_smoothing": 0.2})
    yield Sample((draw.normal(3, 4) * 1000, draw.integers(4, 3)), not_in=_LOG_OF_0)
    yield Sample((x, draw.integers(4, 5)), refused="target (n) int")
    yield Sample((x, draw.normal(6)), refused="target (n) int")
    yield Sample((x, np.full(6, 4)), refused="x (n, classes)")
    yield Sample((x, np.full(6, -1)), refused="x (n, classes)")
