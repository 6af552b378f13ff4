"""Gaussian error linear unit: y = x P(x), P the distribution function of N(0, 1).

P(x) = (1 + erf(x / sqrt(2))) / 2;           gx = gy (P(x) + x e^(-x^2 / 2) / sqrt(2 pi)).
approximate="tanh": y = x (1 + t) / 2, t = tanh(u), u = sqrt(2 / pi) (x + 0.044715 x^3), which
differs by at most 4.7e-4 and is faster;    gx = gy ((1 + t) + x (1 - t^2) u') / 2.

shapes  x (*) -> y (*)
source  Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2
catalogue  act-gelu act-gelu-tanh
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.errors import UnknownName
from mulle.nn import parallel
from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._erf import erf

SLOPE = math.sqrt(2 / math.pi)
CUBIC = 0.044715 * SLOPE
FORMS = ("none", "tanh")
WORTH = 1 << 18  # entries: it takes eight passes


def forward(x: Array, *, approximate: str = "none") -> tuple[Array, Any]:
    if approximate not in FORMS:
        raise UnknownName("gelu-unknown", "gelu-form", approximate, FORMS)
    y, half = np.empty_like(x), np.empty_like(x)
    parallel.entries(_tanh_form if approximate == "tanh" else _erf_form, x, y, half, least=WORTH)
    return y, (x, half, approximate)


def _tanh_form(x: Array, y: Array, half: Array) -> None:
    # half = (1 + tanh(x * (SLOPE + CUBIC * x^2))) / 2;  y = half * x
    np.multiply(x, x, out=half)
    half *= CUBIC
    half += SLOPE
    half *= x
    np.tanh(half, out=half)
    half += 1
    half *= 0.5
    np.multiply(half, x, out=y)


def _erf_form(x: Array, y: Array, half: Array) -> None:
    # half = (1 + erf(x / sqrt(2))) / 2;  y = half * x
    half[...] = erf(x * math.sqrt(0.5))
    half += 1
    half *= 0.5
    np.multiply(half, x, out=y)


def backward(gy: Array, saved: Any) -> Array:
    x, half, approximate = saved
    g = np.empty_like(x)
    slope = _tanh_slope if approximate == "tanh" else _erf_slope
    parallel.entries(slope, gy, x, half, g, least=WORTH)
    return g


def _tanh_slope(gy: Array, x: Array, half: Array, g: Array) -> None:
    # g = gy * (half + 2 x half (1 - half) (SLOPE + 3 CUBIC x^2)), as 1 - t^2 = 4 half (1 - half)
    np.multiply(x, x, out=g)
    g *= 6 * CUBIC
    g += 2 * SLOPE
    g *= half
    g *= 1 - half
    g *= x
    g += half
    g *= gy


def _erf_slope(gy: Array, x: Array, half: Array, g: Array) -> None:
    # g = gy * (half + x * e^(-x^2 / 2) / sqrt(2 pi))
    np.multiply(x, x, out=g)
    g *= -0.5
    np.exp(g, out=g)
    g *= math.sqrt(0.5 / math.pi)
    g *= x
    g += half
    g *= gy


def torch_forward(torch: Any, x: Any, *, approximate: str = "none") -> Any:
    return torch.nn.functional.gelu(x, approximate=approximate)


def to_onnx(g: Any, x: Any, *, approximate: str = "none") -> Any:
    return g.gelu(x, approximate=approximate)


# The body of the ONNX operator holds float32 constants, in a float64 graph too.
TOLERANCE = {"onnx": 1e-5}


def samples(draw: Draw) -> Iterator[Sample]:
    yield Sample((draw.normal(2, 3),))
    yield Sample((draw.normal(2, 3),), {"approximate": "tanh"})
    yield Sample((draw.array(-50.0, -3.0, 0.0, 3.0, 50.0),))
    yield Sample((draw.array(-50.0, -3.0, 0.0, 3.0, 50.0),), {"approximate": "tanh"})
