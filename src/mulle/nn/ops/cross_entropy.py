"""Cross-entropy of class ids against logits: y = sum_n w_n l_n / sum_n w_n.

l_n = -sum_c q_nc log_softmax(x_n)_c with q = 1 - label_smoothing at the class and the rest shared
evenly; w_n is the weight of the class (1 where there is none).
gx = w_n (softmax(x_n) - q_n) / sum w.
With smoothing and weights at once, each class's share counts with its own weight, as in PyTorch.

shapes  x (n, classes), target (n) int, weight (classes)? fixed -> y ()
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html;
        Szegedy et al. 2016, arXiv:1512.00567, section 7 (smoothing)
catalogue  loss-ce loss-sparse-cce
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.operation import Array, Draw, Sample


def forward(
    x: Array, target: Array, weight: Array | None = None, *, label_smoothing: float = 0.0
) -> tuple[Array, Any]:
    rows = np.arange(len(x))
    p = x - x.max(axis=1, keepdims=True)
    picked = p[rows, target]
    if label_smoothing or weight is not None:
        return _general(p, target, weight, label_smoothing)
    np.exp(p, out=p)
    total = p.sum(axis=1, keepdims=True)
    p /= total
    y = (np.log(total).sum() - picked.sum()) / len(x)
    p[rows, target] -= 1
    p *= 1 / len(x)
    return y, p


def _general(
    p: Array, target: Array, weight: Array | None, label_smoothing: float
) -> tuple[Array, Any]:
    """With a target share q w / sum(w) for each row and class, any of them is one formula."""
    n, classes = p.shape
    log_p = p - np.log(np.exp(p).sum(axis=1, keepdims=True))
    w = np.ones_like(p[0]) if weight is None else weight
    share = np.zeros_like(p)
    share[...] = label_smoothing / classes * w
    share[np.arange(n), target] += (1 - label_smoothing) * w[target]
    share /= w[target].sum()
    y = -(share * log_p).sum()
    return y, np.exp(log_p) * share.sum(axis=1, keepdims=True) - share


def backward(gy: Array, saved: Any) -> Array:
    return gy * saved


def twin(
    torch: Any, x: Any, target: Any, weight: Any = None, *, label_smoothing: float = 0.0
) -> Any:
    return torch.nn.functional.cross_entropy(x, target, weight, label_smoothing=label_smoothing)


def to_onnx(
    g: Any, x: Any, target: Any, weight: Any = None, *, label_smoothing: float = 0.0
) -> Any:
    loss, log_p = g.softmax_cross_entropy_loss(x, target, weight, reduction="mean")
    if not label_smoothing:
        return loss
    rows, classes = (
        g.cast(g.gather(g.shape(x), g.constant_of(np.array(axis))), to=x.type.dtype)
        for axis in (0, 1)
    )
    if weight is not None:
        rows, log_p = g.reduce_sum(g.gather(weight, target), keepdims=False), g.mul(log_p, weight)
    even = g.neg(g.div(g.reduce_sum(log_p, keepdims=False), g.mul(rows, classes)))
    own, shared = (
        g.constant_of(np.array(share, x.type.dtype))
        for share in (1 - label_smoothing, label_smoothing)
    )
    return g.add(g.mul(own, loss), g.mul(shared, even))


_LOG_OF_0 = ("reference",)  # it takes the logarithm of a softmax that has become 0


def samples(draw: Draw) -> Iterator[Sample]:
    x, target = draw.normal(6, 4), draw.integers(4, 6)
    yield Sample((x, target))
    yield Sample((x, target, draw.uniform(0.5, 2, 4)))
    yield Sample((x, target), {"label_smoothing": 0.1})
    yield Sample((x, target, draw.uniform(0.5, 2, 4)), {"label_smoothing": 0.2})
    yield Sample((draw.normal(3, 4) * 1000, draw.integers(4, 3)), not_in=_LOG_OF_0)
    yield Sample((x, draw.integers(4, 5)), refused="target (n) int")
    yield Sample((x, draw.normal(6)), refused="target (n) int")
    yield Sample((x, np.full(6, 4)), refused="x (n, classes)")
