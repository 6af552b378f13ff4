"""Convolution over one axis: y_o = b_o + sum_c W_oc * x_c, with cross-correlation `*`.

The axis is time, or the positions of a text whose embeddings are the channels. See `conv2d`.

shapes  x (n, c, length), weight (o, i, k), bias (o)? -> y (n, o, lout)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
catalogue  net-1dcnn
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._convolution import Gradients, convolve, convolve_back
from mulle.nn.ops._windows import Size, lacking, onnx_settings


def forward(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> tuple[Array, Any]:
    return convolve(x, weight, bias, stride, padding, dilation, groups)


def backward(gy: Array, saved: Any, into: tuple[Any, ...]) -> Gradients:
    return convolve_back(gy, saved, into)


def torch_forward(torch: Any, x: Any, weight: Any, bias: Any = None, **settings: Any) -> Any:
    return torch.nn.functional.conv1d(x, weight, bias, **settings)


def to_onnx(
    g: Any,
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Any:
    settings = onnx_settings(1, stride, padding, dilation)
    return g.conv(x, weight, bias, group=groups, **settings)


def samples(draw: Draw) -> Iterator[Sample]:
    absent = lacking(draw)
    x, weight, bias = draw.normal(2, 3, 7), draw.normal(4, 3, 3), draw.normal(4)
    yield Sample((x, weight, bias), not_in=absent)
    yield Sample((x, weight), {"padding": 1}, not_in=absent)
    yield Sample((x, weight, bias), {"stride": 2, "padding": 2, "dilation": 2}, not_in=absent)
    yield Sample((draw.normal(1, 4, 5), draw.normal(6, 2, 3)), {"groups": 2}, not_in=absent)
    yield Sample((x, draw.normal(4, 2, 3)), refused="weight (o, i, k)")
    yield Sample((x, draw.normal(4, 3, 8)), refused="x (n, c, length)")
