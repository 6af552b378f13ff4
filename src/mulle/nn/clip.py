"""Gradients kept within bounds before a step is made of them.

catalogue  clip-global clip-each clip-value
"""

from __future__ import annotations

import math

import numpy as np

from mulle.nn.optim import Optimizer


def clip_norm(optimizer: Optimizer, most: float) -> float:
    """By the norm over all parameters: if ||g|| > most, g <- g most / ||g||; the direction is kept.

    Args:
        optimizer: whose gradients.
        most: the largest norm.

    Returns:
        The norm before.

    Source: Pascanu et al. 2013, arXiv:1211.5063, algorithm 1; the 1e-6 in the divisor is PyTorch's.
    """
    if optimizer.in_torch is not None:
        import torch

        return float(torch.nn.utils.clip_grad_norm_(optimizer.parameters, most))
    optimizer.gather()
    norm = math.sqrt(float(optimizer.grad @ optimizer.grad))
    if norm > most or not math.isfinite(norm):
        optimizer.grad *= most / (norm + 1e-6)
    return norm


def clip_each_norm(optimizer: Optimizer, most: float) -> None:
    """Each parameter's gradient by its own norm, as Keras's `clipnorm`."""
    if optimizer.in_torch is not None:
        import torch

        for p in optimizer.parameters:
            torch.nn.utils.clip_grad_norm_([p], most)
        return
    optimizer.gather()
    for p in optimizer.parameters:
        g = p.slot
        norm = math.sqrt(float(np.vdot(g, g)))
        if norm > most:
            g *= most / (norm + 1e-6)


def clip_value(optimizer: Optimizer, most: float) -> None:
    """Each entry into [-most, most]; the direction may change."""
    if optimizer.in_torch is not None:
        import torch

        torch.nn.utils.clip_grad_value_(optimizer.parameters, most)
        return
    optimizer.gather()
    np.clip(optimizer.grad, -most, most, out=optimizer.grad)
