"""Transposed convolution over two axes of space: what `conv2d`'s gradient does to gy, done to x.

Each entry of x is spread over a window by the kernel, and windows that overlap are added. Output
length: (h - 1) stride - 2 padding + dilation (kh - 1) + 1 + output_padding.

shapes  x (n, c, h, w), weight (c, i, kh, kw), bias (o)? -> y (n, o, hout, wout)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html;
        Zeiler et al. 2010, Deconvolutional networks
catalogue  gan-dcgan
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
    return torch.nn.functional.conv_transpose2d(x, weight, bias, **settings)


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
    settings = onnx_settings(2, stride, padding, dilation)
    more = each(output_padding, 2)
    return g.conv_transpose(x, weight, bias, group=groups, output_padding=more, **settings)


def samples(draw: Draw) -> Iterator[Sample]:
    absent = lacking(draw)
    wrong = *absent, "reference"  # it mixes the groups up
    x, weight, bias = draw.normal(2, 3, 4, 3), draw.normal(3, 4, 3, 2), draw.normal(4)
    yield Sample((x, weight, bias), not_in=absent)
    yield Sample((x, weight), {"stride": 2, "padding": 1}, not_in=absent)
    yield Sample((x, weight, bias), {"stride": (2, 3), "output_padding": (1, 2)}, not_in=absent)
    yield Sample((x, weight, bias), {"padding": (1, 0), "dilation": 2}, not_in=absent)
    yield Sample(
        (draw.normal(2, 4, 3, 3), draw.normal(4, 3, 2, 2), draw.normal(6)),
        {"groups": 2},
        not_in=wrong,
    )
    yield Sample((x, draw.normal(2, 4, 3, 3)), refused="weight (c, i, kh, kw)")
    yield Sample((x, weight, draw.normal(3)), refused="bias (o)?")
    yield Sample((x, weight), {"padding": 9}, refused="x (n, c, h, w)")
    yield Sample((x, weight), {"groups": 2}, refused="x (n, c, h, w)")
