"""Transposed convolution over one axis: what `conv1d`'s gradient does to gy, done to x.

Each entry of x is spread over a window by the kernel, and windows that overlap are added. Output
length: (h - 1) stride - 2 padding + dilation (kh - 1) + 1 + output_padding.

shapes  x (n, c, length), weight (c, i, k), bias (o)? -> y (n, o, lout)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html;
        Zeiler et al. 2010, Deconvolutional networks
catalogue  conv-2d
"""

from collections.abc import Iterator
from typing import Any

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._convolution import (
    Gradients,
    convolve_transposed,
    convolve_transposed_back,
)
from mulle.nn.ops._windows import Size, each, lacking, onnx_settings


def forward(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> tuple[Array, Any]:
    return convolve_transposed(x, weight, bias, stride, padding, dilation, groups, output_padding)


def backward(gy: Array, saved: Any, into: tuple[Any, ...]) -> Gradients:
    return convolve_transposed_back(gy, saved, into)


def torch_forward(torch: Any, x: Any, weight: Any, bias: Any = None, **settings: Any) -> Any:
    return torch.nn.functional.conv_transpose1d(x, weight, bias, **settings)


def to_onnx(
    g: Any,
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Any:
    settings = onnx_settings(1, stride, padding, dilation)
    more = each(output_padding, 1)
    return g.conv_transpose(x, weight, bias, group=groups, output_padding=more, **settings)


def samples(draw: Draw) -> Iterator[Sample]:
    absent = lacking(draw)
    x, weight, bias = draw.normal(2, 3, 4), draw.normal(3, 4, 3), draw.normal(4)
    yield Sample((x, weight, bias), not_in=absent)
    yield Sample((x, weight), {"stride": 2, "padding": 1, "output_padding": 1}, not_in=absent)
    yield Sample((x, weight, bias), {"dilation": 2}, not_in=absent)
    yield Sample((x, draw.normal(2, 4, 3)), refused="weight (c, i, k)")
