"""Binary cross-entropy of probabilities: l = -w (t ln x + (1 - t) ln(1 - x)), logarithms from -100.

gx = w (x - t) / (x (1 - x)). Where there are logits, `binary_cross_entropy_with_logits` is exact.

shapes  x (...), target (...) fixed, weight (*)? fixed -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html
catalogue  loss-bce
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import number
from mulle.nn.ops._reduction import check_broadcast, check_probabilities, onnx_reduce, reduce

LEAST = -100.0  # of a logarithm: a certain and wrong answer costs 100

POSITIONAL = ("size_average", "reduce", "reduction")


def forward(
    x: Array, target: Array, weight: Array | None = None, *, reduction: str = "mean"
) -> tuple[Array, Any]:
    check_probabilities(x, "x")
    check_probabilities(target, "target")
    check_broadcast(weight, x, "weight")
    with np.errstate(divide="ignore"):
        yes, no = np.maximum(np.log(x), LEAST), np.maximum(np.log1p(-x), LEAST)
    losses = (target - 1) * no - target * yes
    if weight is not None:
        losses *= weight
    y, share = reduce(losses, reduction)
    return y, (x, target, weight, share)


def backward(gy: Array, saved: Any) -> Array:
    x, target, weight, share = saved
    gx = (x - target) / np.maximum(x * (1 - x), 1e-12)
    if weight is not None:
        gx *= weight
    return gx * (gy * share)


def torch_forward(
    torch: Any, x: Any, target: Any, weight: Any = None, *, reduction: str = "mean"
) -> Any:
    return torch.nn.functional.binary_cross_entropy(x, target, weight, reduction=reduction)


def to_onnx(g: Any, x: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    one, least = number(g, 1, x), number(g, LEAST, x)
    yes, no = (g.max([g.log(p), least]) for p in (x, g.sub(one, x)))
    losses = g.neg(g.add(g.mul(target, yes), g.mul(g.sub(one, target), no)))
    return onnx_reduce(g, losses if weight is None else g.mul(weight, losses), reduction)


# PyTorch's 1e-12 is a float32 in float64 too, which shows at x = 0 and x = 1.
TOLERANCE = {"torch": 1e-8}


def samples(draw: Draw) -> Iterator[Sample]:
    x, target = draw.uniform(0.1, 0.9, 4, 3), draw.uniform(0, 1, 4, 3)
    yield Sample((x, target))
    yield Sample((x, np.round(target), draw.uniform(0.5, 2, 3)), {"reduction": "sum"})
    yield Sample((x, target, draw.uniform(0.5, 2, 4, 1)), {"reduction": "none"})
    yield Sample((draw.array(0.0, 1.0, 0.0, 1.0), draw.array(0.0, 1.0, 1.0, 0.0)), kink=True)
    yield Sample((draw.uniform(0, 1, 4, 1), draw.uniform(0, 1, 4)), refused="target (...)")
    yield Sample((x, target, draw.uniform(0, 1, 2, 4, 3)), refused="weight (*)?")
    yield Sample((x + 1, target), refused="x (...)")
    yield Sample((x, target - 1), refused="target (...)")
