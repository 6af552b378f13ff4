"""Root-mean-square normalization over the last axis: y = x s w with s = 1 / sqrt(mean(x^2) + eps).

With h = x s and gh = gy w: gx = (gh - h mean(gh h)) s; gw = the sum of gy h over the rows. Without
eps, the machine epsilon of the type of x is used, as in PyTorch.

shapes  x (..., d), weight (d)? -> y (..., d)
source  Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import ids, number
from mulle.nn.ops._standardize import sum_over_rows


def forward(
    x: Array, weight: Array | None = None, *, eps: float | None = None
) -> tuple[Array, Any]:
    squares = np.einsum("...i,...i->...", x, x)[..., None]
    s = 1 / np.sqrt(squares / x.shape[-1] + _eps(eps, x.dtype))
    h = x * s
    return h if weight is None else h * weight, (h, s, weight)


def _eps(eps: float | None, dtype: Any) -> float:
    return float(np.finfo(dtype).eps) if eps is None else eps


def backward(gy: Array, saved: Any) -> tuple[Array, Array | None]:
    h, s, weight = saved
    gh = gy if weight is None else gy * weight
    # gx = (gh - h * mean(gh * h)) * s
    gx = h * (np.einsum("...i,...i->...", gh, h)[..., None] / -h.shape[-1])
    gx += gh
    gx *= s
    return gx, None if weight is None else sum_over_rows(gy, h)


def torch_forward(torch: Any, x: Any, weight: Any = None, *, eps: float | None = None) -> Any:
    return torch.nn.functional.rms_norm(x, x.shape[-1:], weight, eps)


def to_onnx(g: Any, x: Any, weight: Any = None, *, eps: float | None = None) -> Any:
    squares = g.reduce_mean(g.mul(x, x), ids(g, -1))
    h = g.div(x, g.sqrt(g.add(squares, number(g, _eps(eps, x.type.dtype), x))))
    return h if weight is None else g.mul(h, weight)


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(3, 6), draw.normal(6)))
    yield Sample((draw.normal(2, 3, 6), draw.normal(6)), {"eps": 1e-3})
    yield Sample((draw.normal(3, 6),))
    yield Sample((draw.normal(3, 6), draw.normal(5)), refused="weight (d)?")
