"""Randomized leaky ReLU: y = x where x > 0, else a x, a drawn for each entry by the layer.

shapes  x (...), below (...) fixed -> y (...)
source  Xu, Wang, Chen & Li 2015, arXiv:1505.00853
catalogue  act-rrelu
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._slope import bend, slope


def forward(x: Array, below: Array) -> tuple[Array, Any]:
    return bend(x, below), (x, below)


def backward(gy: Array, saved: Any) -> Array:
    x, below = saved
    return gy * slope(x, 1, below)


def torch_forward(torch: Any, x: Any, below: Any) -> Any:
    return torch.where(x > 0, x, x * below)


def to_onnx(g: Any, x: Any, below: Any) -> Any:
    return g.prelu(x, below)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(4, 3), draw.uniform(1 / 8, 1 / 3, 4, 3)))
    yield Sample((draw.array(-1e30, -0.0, 0.0, 1e30), draw.array(0.1, 0.2, 0.3, 0.2)), kink=True)
    yield Sample((draw.normal(4, 3), draw.uniform(0, 1, 3)), refused="below (...)")
