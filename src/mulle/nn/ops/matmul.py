"""Matrix product: y = a b over the last two axes, the others broadcast; ga = gy b', gb = a' gy.

shapes  a (*), b (*) -> y (*)
source  https://numpy.org/doc/stable/reference/generated/numpy.matmul.html
catalogue  ad-matmul
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._broadcast import shrink
from mulle.nn.shapes import ContractError


def forward(a: Array, b: Array) -> tuple[Array, Any]:
    if a.ndim < 2 or b.ndim < 2:
        raise ContractError("matmul-axes")
    return a @ b, (a, b)


def backward(gy: Array, saved: Any) -> tuple[Array, Array]:
    a, b = saved
    return shrink(gy @ b.swapaxes(-1, -2), a), shrink(a.swapaxes(-1, -2) @ gy, b)


def torch_forward(torch: Any, a: Any, b: Any) -> Any:
    return torch.matmul(a, b)


def to_onnx(g: Any, a: Any, b: Any) -> Any:
    return g.matmul(a, b)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3), draw.normal(3, 4)))
    yield Sample((draw.normal(5, 2, 3), draw.normal(3, 4)))
    yield Sample((draw.normal(2, 1, 2, 3), draw.normal(4, 3, 2)))
    yield Sample((draw.normal(2, 3), draw.normal(2, 3)), refused="a (*), b (*)")
    yield Sample((draw.normal(3), draw.normal(3, 2)), refused="a (*), b (*)")
