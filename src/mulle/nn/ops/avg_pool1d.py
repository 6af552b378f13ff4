"""Average pooling over one axis: y is the mean of each window; gx is gy, shared evenly.

shapes  x (n, c, length) -> y (n, c, lout)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
catalogue  pool-avg
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._pooling import avg_pool, avg_pool_back, over
from mulle.nn.ops._windows import Size, each, lacking, onnx_settings

POSITIONAL = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")


def forward(
    x: Array,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    *,
    count_include_pad: bool = True,
) -> tuple[Array, Any]:
    return avg_pool(x, over(x, kernel_size, stride, padding), count_include_pad)


def backward(gy: Array, saved: Any) -> Array:
    return avg_pool_back(gy, saved)


def torch_forward(torch: Any, x: Any, kernel_size: Size, **settings: Any) -> Any:
    return torch.nn.functional.avg_pool1d(x, kernel_size, **settings)


def to_onnx(
    g: Any,
    x: Any,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    *,
    count_include_pad: bool = True,
) -> Any:
    settings = onnx_settings(1, stride or kernel_size, padding, 1)
    settings["count_include_pad"] = int(count_include_pad)
    return g.average_pool(x, kernel_shape=each(kernel_size, 1), **settings)


def samples(draw: Draw) -> Iterator[Sample]:
    absent = lacking(draw)
    x = draw.normal(2, 3, 7)
    yield Sample((x,), {"kernel_size": 2}, not_in=absent)
    yield Sample(
        (x,),
        {"kernel_size": 3, "stride": 1, "padding": 1, "count_include_pad": False},
        not_in=absent,
    )
    yield Sample((x,), {"kernel_size": 8}, refused="x (n, c, length)")
