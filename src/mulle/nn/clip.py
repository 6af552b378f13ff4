"""Clip gradients before a step.

catalogue  clip-global clip-each clip-value
"""

from __future__ import annotations

import math

import numpy as np

from mulle.nn.optim import Optimizer


def clip_norm(optimizer: Optimizer, max_norm: float) -> float:
    """Scale all gradients down to a norm: g <- g max_norm / ||g|| where ||g|| > max_norm.

    The norm is taken over all parameters that a gradient reached, so the direction is kept.

    Args:
        optimizer: optimizer of the parameters.
        max_norm: largest norm, above 0.

    Returns:
        The norm before clipping.

    Source: Pascanu et al. 2013, arXiv:1211.5063, algorithm 1; the 1e-6 in the divisor is PyTorch's.
    """
    if optimizer.in_torch is not None:
        import torch

        return float(torch.nn.utils.clip_grad_norm_(optimizer.parameters, max_norm))
    optimizer.gather()
    norm = math.sqrt(float(optimizer.grad @ optimizer.grad))
    if norm > max_norm or not math.isfinite(norm):
        optimizer.grad *= max_norm / (norm + 1e-6)
    return norm


def clip_each_norm(optimizer: Optimizer, max_norm: float) -> None:
    """Scale each parameter's gradient down to a norm of its own, as Keras's `clipnorm` does."""
    if optimizer.in_torch is not None:
        import torch

        for p in optimizer.parameters:
            torch.nn.utils.clip_grad_norm_([p], max_norm)
        return
    optimizer.gather()
    for p in optimizer.parameters:
        g = p.slot
        norm = math.sqrt(float(np.vdot(g, g)))
        if norm > max_norm:
            g *= max_norm / (norm + 1e-6)


def clip_value(optimizer: Optimizer, max_value: float) -> None:
    """Clip each entry to [-max_value, max_value]; the direction may change."""
    if optimizer.in_torch is not None:
        import torch

        torch.nn.utils.clip_grad_value_(optimizer.parameters, max_value)
        return
    optimizer.gather()
    np.clip(optimizer.grad, -max_value, max_value, out=optimizer.grad)
