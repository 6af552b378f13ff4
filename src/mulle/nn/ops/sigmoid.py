"""Logistic function: y = 1 / (1 + e^-x), in (0, 1); gx = gy y (1 - y), at most gy / 4.

shapes  x (*) -> y (*)
source  https://docs.pytorch.org/docs/stable/generated/torch.sigmoid.html
catalogue  act-sigmoid
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._logistic import logistic


def forward(x: Array) -> tuple[Array, Any]:
    y = parallel.map_entries(logistic, x)
    return y, y


def backward(gy: Array, saved: Any) -> Array:
    return parallel.map_entries(lambda gy, y: gy * (y * (1 - y)), gy, saved)


def torch_forward(torch: Any, x: Any) -> Any:
    return torch.sigmoid(x)


def to_onnx(g: Any, x: Any) -> Any:
    return g.sigmoid(x)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.array(-80.0, -40.0, -20.0, -12.0, 20.0),))
    yield Sample((draw.array(-200.0, -0.5, 0.0, 0.5, 200.0),))
