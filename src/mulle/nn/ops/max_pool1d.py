"""Max pooling over one axis: y is the largest value of each window; gx is gy there.

Among equal values the first one, row by row, gets all of it.

shapes  x (n, c, length) -> y (n, c, lout)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
catalogue  pool-max
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._pooling import max_pool, max_pool_back, over
from mulle.nn.ops._windows import Size, each, onnx_settings

POSITIONAL = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")


def forward(
    x: Array,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
) -> tuple[Array, Any]:
    return max_pool(x, over(x, kernel_size, stride, padding, dilation))


def backward(gy: Array, saved: Any) -> Array:
    return max_pool_back(gy, saved)


def torch_forward(torch: Any, x: Any, kernel_size: Size, **settings: Any) -> Any:
    return torch.nn.functional.max_pool1d(x, kernel_size, **settings)


def to_onnx(
    g: Any,
    x: Any,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
) -> Any:
    settings = onnx_settings(1, stride or kernel_size, padding, dilation)
    return g.max_pool(x, kernel_shape=each(kernel_size, 1), **settings)[0]


def samples(draw: Draw) -> Iterator[Sample]:
    x = draw.normal(2, 3, 7)
    yield Sample((x,), {"kernel_size": 2})
    yield Sample((x,), {"kernel_size": 3, "stride": 1, "padding": 1, "dilation": 2})
    yield Sample((x,), {"kernel_size": 8}, refused="x (n, c, length)")
