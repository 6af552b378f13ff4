"""Cross-entropy of probabilities against logits: l_n = -sum_c w_c q_nc log_softmax(x_n)_c.

q = (1 - label_smoothing) target + label_smoothing / classes; the mean is one over the rows.
gx = softmax(x) sum_c w_c q_c - w q.

shapes  x (n, classes), target (n, classes) fixed, weight (classes)? fixed -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html (second form)
catalogue  loss-ce loss-cce
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number
from mulle.nn.ops._reduction import align_rows, check_probabilities, onnx_reduce, reduce
from mulle.nn.ops._shares import losses_against

POSITIONAL = ("size_average", "ignore_index", "reduce", "reduction", "label_smoothing")


def forward(
    x: Array,
    target: Array,
    weight: Array | None = None,
    *,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> tuple[Array, Any]:
    check_probabilities(target, "target")
    share = (1 - label_smoothing) * target + label_smoothing / x.shape[1]
    losses, gx = losses_against(share if weight is None else share * weight, x)
    y, part = reduce(losses, reduction)
    return y, (gx, part)


def backward(gy: Array, saved: Any) -> Array:
    gx, part = saved
    return gx * align_rows(gy * part)


def torch_forward(
    torch: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    *,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Any:
    return torch.nn.functional.cross_entropy(
        x, target, weight, label_smoothing=label_smoothing, reduction=reduction
    )


def to_onnx(
    g: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    *,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Any:
    even = label_smoothing / x.type.shape[1]
    share = g.add(g.mul(number(g, 1 - label_smoothing, x), target), number(g, even, x))
    if weight is not None:
        share = g.mul(share, weight)
    products = g.mul(share, g.log_softmax(x, axis=1))
    losses = g.neg(g.reduce_sum(products, g.constant_of(np.array([1])), keepdims=False))
    return onnx_reduce(g, losses, reduction)


_LOG_OF_0 = ("reference",)  # it takes the logarithm of a softmax that has become 0


def samples(draw: Draw) -> Iterator[Sample]:
    x, target, weight = draw.normal(4, 3), draw.uniform(0, 1, 4, 3), draw.uniform(0.5, 2, 3)
    target /= target.sum(axis=1, keepdims=True)
    yield Sample((x, target))
    yield Sample((x, target, weight), {"label_smoothing": 0.2})
    yield Sample((x, target, weight), {"reduction": "sum"})
    yield Sample((x, target), {"reduction": "none", "label_smoothing": 0.1})
    yield Sample((x * 1000, target), not_in=_LOG_OF_0)
    yield Sample((x, draw.uniform(0, 1, 4)), refused="target (n, classes)")
    yield Sample((x, target * 2 + 1), refused="target (n, classes)")
