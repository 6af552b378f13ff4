"""Divergence of N(mean, e^log_var) from N(0, 1), summed over the last axis (the VAE's second term).

l = -(1 + log_var - mean^2 - e^log_var) / 2, summed; gmean = mean, glog_var = (e^log_var - 1) / 2.

shapes  mean (..., d), log_var (..., d) -> y (*)
source  Kingma & Welling 2014, arXiv:1312.6114, appendix B
catalogue  loss-elbo
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.operation import Draw, Sample
from mulle.nn.ops._onnx import ids, number
from mulle.nn.ops._reduction import onnx_reduce, reduce


def forward(mean: Array, log_var: Array, *, reduction: str = "mean") -> tuple[Array, Any]:
    var = np.exp(log_var)
    losses = 0.5 * (mean * mean + var - log_var - 1).sum(axis=-1, keepdims=True)[..., 0]
    y, share = reduce(losses, reduction)
    return y, (mean, var, share)


def backward(gy: Array, saved: Any) -> tuple[Array, Array]:
    mean, var, share = saved
    gy = gy * share
    gy = gy[..., None] if gy.ndim else gy
    return mean * gy, (0.5 * var - 0.5) * gy


def torch_forward(torch: Any, mean: Any, log_var: Any, *, reduction: str = "mean") -> Any:
    own = torch.distributions.Normal(mean, torch.exp(0.5 * log_var))
    zero = torch.zeros((), dtype=mean.dtype, device=mean.device)
    standard = torch.distributions.Normal(zero, zero + 1)
    losses = torch.distributions.kl_divergence(own, standard).sum(dim=-1)
    return losses if reduction == "none" else getattr(torch, reduction)(losses)


def to_onnx(g: Any, mean: Any, log_var: Any, *, reduction: str = "mean") -> Any:
    inside = g.sub(g.add(g.mul(mean, mean), g.exp(log_var)), log_var)
    inside = g.sub(inside, number(g, 1, mean))
    losses = g.mul(number(g, 0.5, mean), g.reduce_sum(inside, ids(g, -1), keepdims=False))
    return onnx_reduce(g, losses, reduction)


def samples(draw: Draw) -> Iterator[Sample]:
    mean, log_var = draw.normal(4, 3), draw.normal(4, 3)
    yield Sample((mean, log_var))
    yield Sample((mean, log_var), {"reduction": "sum"})
    yield Sample((draw.normal(2, 4, 3), draw.normal(2, 4, 3)), {"reduction": "none"})
    yield Sample((draw.array(0.0, 0.0), draw.array(0.0, -50.0)))
    yield Sample((draw.normal(4, 1), draw.normal(4)), refused="mean (..., d)")
    yield Sample((mean, draw.normal(4, 2)), refused="log_var (..., d)")
