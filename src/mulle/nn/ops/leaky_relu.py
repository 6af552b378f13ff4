"""Leaky ReLU: y = x where x > 0, else a x with a small a; gx = gy or a gy.

shapes  x (*) -> y (*)
source  Maas, Hannun & Ng 2013, Rectifier nonlinearities improve neural network acoustic models
catalogue  act-leaky
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._slope import bend, slope

POSITIONAL = ("negative_slope", "inplace")


def forward(x: Array, *, negative_slope: float = 0.01) -> tuple[Array, Any]:
    return bend(x, negative_slope), (x, negative_slope)


def backward(gy: Array, saved: Any) -> Array:
    x, negative_slope = saved
    return gy * slope(x, 1, negative_slope)


def torch_forward(torch: Any, x: Any, *, negative_slope: float = 0.01) -> Any:
    return torch.nn.functional.leaky_relu(x, negative_slope)


def to_onnx(g: Any, x: Any, *, negative_slope: float = 0.01) -> Any:
    return g.leaky_relu(x, alpha=negative_slope)


# Its attribute alpha is a float32 in a float64 graph too.
TOLERANCE = {"onnx": 1e-6}


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(2, 3),), {"negative_slope": 0.3})
    yield Sample((draw.array(-1e30, -0.0, 0.0, 1e30),), kink=True)
