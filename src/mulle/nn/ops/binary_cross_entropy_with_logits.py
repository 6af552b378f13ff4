"""Binary cross-entropy of logits: l = w ((1 - t) x + c (ln(1 + e^-|x|) + max(-x, 0))).

c = 1 + (pos_weight - 1) t, which is 1 without pos_weight: l = max(x, 0) - x t + ln(1 + e^-|x|).
gx = w (c s(x) - pos_weight t), s the logistic function: s(x) - t without pos_weight.

shapes  x (...), target (...) fixed, weight (*)? fixed, pos_weight (*)? fixed -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
catalogue  loss-bce-logits loss-gan loss-gan-ns
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._logistic import logistic
from mulle.nn.ops._onnx import number
from mulle.nn.ops._reduction import check_broadcast, check_probabilities, onnx_reduce, reduce

POSITIONAL = ("size_average", "reduce", "reduction")


def forward(
    x: Array,
    target: Array,
    weight: Array | None = None,
    pos_weight: Array | None = None,
    *,
    reduction: str = "mean",
) -> tuple[Array, Any]:
    check_probabilities(target, "target")
    check_broadcast(weight, x, "weight")
    check_broadcast(pos_weight, x, "pos_weight")
    c = 1.0 if pos_weight is None else 1 + (pos_weight - 1) * target
    # missed = ln(1 + e^-|x|) + max(-x, 0)
    missed = np.log1p(np.exp(-np.abs(x)))
    missed += np.maximum(-x, 0)
    losses = (1 - target) * x + c * missed
    if weight is not None:
        losses *= weight
    y, share = reduce(losses, reduction)
    sure = target if pos_weight is None else pos_weight * target
    return y, (x, sure, weight, c, share)


def backward(gy: Array, saved: Any) -> Array:
    x, sure, weight, c, share = saved
    gx = c * logistic(x) - sure
    if weight is not None:
        gx *= weight
    return gx * (gy * share)


def torch_forward(
    torch: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    pos_weight: Any = None,
    *,
    reduction: str = "mean",
) -> Any:
    return torch.nn.functional.binary_cross_entropy_with_logits(
        x, target, weight, pos_weight=pos_weight, reduction=reduction
    )


def to_onnx(
    g: Any,
    x: Any,
    target: Any,
    weight: Any = None,
    pos_weight: Any = None,
    *,
    reduction: str = "mean",
) -> Any:
    one = number(g, 1, x)
    missed = g.add(g.log(g.add(one, g.exp(g.neg(g.abs(x))))), g.relu(g.neg(x)))
    if pos_weight is not None:
        missed = g.mul(missed, g.add(one, g.mul(g.sub(pos_weight, one), target)))
    losses = g.add(g.mul(g.sub(one, target), x), missed)
    return onnx_reduce(g, losses if weight is None else g.mul(weight, losses), reduction)


def samples(draw: Draw) -> Iterator[Sample]:
    x, target = draw.normal(4, 3), draw.uniform(0, 1, 4, 3)
    weight = draw.uniform(0.5, 2, 3)
    yield Sample((x, target))
    yield Sample((x, np.round(target), weight, 1 + weight), {"reduction": "sum"})
    yield Sample((x, target, None, weight), {"reduction": "none"})
    yield Sample((draw.array(-1e4, 1e4, -1e4, 1e4), draw.array(0.0, 1.0, 1.0, 0.0)))
    yield Sample((draw.normal(4, 1), draw.uniform(0, 1, 4)), refused="target (...)")
    yield Sample((x, target, draw.uniform(0, 1, 2, 4, 3)), refused="weight (*)?")
    yield Sample((x, target * 2 - 3), refused="target (...)")
