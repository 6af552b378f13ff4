"""Convolution over two axes of space: y_o = b_o + sum_c W_oc * x_c, with cross-correlation `*`.

gW_oc = gy_o * x_c, gx_c is gy spread over the windows it was computed from, gb_o the sum of gy_o.
Output length: floor((h + 2 padding - dilation (kh - 1) - 1) / stride) + 1.

shapes  x (n, c, h, w), weight (o, i, kh, kw), bias (o)? -> y (n, o, hout, wout)
source  https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html;
        LeCun et al. 1989, Backpropagation applied to handwritten zip code recognition
catalogue  conv-2d conv-size conv-stride conv-pad conv-map conv-params net-cnn
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
    return torch.nn.functional.conv2d(x, weight, bias, **settings)


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
    settings = onnx_settings(2, stride, padding, dilation)
    return g.conv(x, weight, bias, group=groups, **settings)


def samples(draw: Draw) -> Iterator[Sample]:
    absent = lacking(draw)
    x, weight, bias = draw.normal(2, 3, 6, 5), draw.normal(4, 3, 3, 2), draw.normal(4)
    yield Sample((x, weight, bias), not_in=absent)
    yield Sample((x, weight), {"padding": 1}, not_in=absent)
    yield Sample((x, weight, bias), {"stride": 2, "padding": (1, 0)}, not_in=absent)
    yield Sample(
        (x, weight, bias), {"stride": (3, 1), "padding": 2, "dilation": (2, 1)}, not_in=absent
    )
    yield Sample(
        (draw.normal(1, 4, 5, 5), draw.normal(6, 2, 3, 3)),
        {"groups": 2, "padding": 1},
        not_in=absent,
    )
    yield Sample(
        (draw.normal(2, 3, 4, 4), draw.normal(3, 1, 2, 2), draw.normal(3)),
        {"groups": 3},
        not_in=absent,
    )
    yield Sample((draw.normal(16, 1, 4, 4), draw.normal(2, 1, 3, 3)), {"padding": 1}, not_in=absent)
    yield Sample((draw.normal(0, 3, 6, 5), weight, bias), not_in=absent)
    yield Sample((draw.normal(2, 3, 1, 1), draw.normal(5, 3, 1, 1), draw.normal(5)), not_in=absent)
    yield Sample((x, draw.normal(4, 2, 3, 3)), refused="weight (o, i, kh, kw)")
    yield Sample((x, draw.normal(4, 3, 7, 7)), refused="x (n, c, h, w)")
    yield Sample((x, weight), {"stride": 0}, refused="x (n, c, h, w)")
    yield Sample((x, weight), {"padding": (1, 1, 1)}, refused="x (n, c, h, w)")
