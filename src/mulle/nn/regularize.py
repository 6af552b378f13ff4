"""Penalties on the size of the weights, added to the loss.

catalogue  reg-idea reg-l1 reg-l2 loss-l1pen loss-l2pen
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mulle.nn.optim import Optimizer
from mulle.nn.optim.segments import runs


class Penalty(NamedTuple):
    """Penalize l1 * sum |w| + l2 * sum w^2 over all parameters, times their decay_factor.

    As a term of the loss, it has a gradient for each parameter that is not frozen
    (`requires_grad=False`), also where the rest of the loss has none.

    l1 brings weights to 0 exactly (as far as steps of finite length can), l2 only near it. For
    plain gradient descent, l2 equals a weight decay of 2 l2; for other optimizers it does not.

    Attributes:
        l1: weight of the sum of absolute values, 0 or more; its gradient is l1 sign(w).
        l2: weight of the sum of squares, 0 or more; its gradient is 2 l2 w.
    """

    l1: float = 0.0
    l2: float = 0.0

    def apply(self, optimizer: Optimizer) -> float:
        """Add the penalty's gradient to those of the loss; return the penalty itself."""
        if optimizer.in_torch is not None:
            return self._in_torch(optimizer)
        w, factor = optimizer.w, optimizer.decay_factor
        optimizer.gather()
        trained = [True if p.requires_grad else None for p in optimizer.parameters]
        for first, last in runs(trained):
            part = optimizer.segment(first, last)
            gradient = self.l1 * np.sign(part.w) + 2 * self.l2 * part.w
            part.grad += part.decay_factor * gradient
            for p in optimizer.parameters[first:last]:
                p.grad = p.slot
        value = np.sum(factor * (self.l1 * np.abs(w) + self.l2 * (w * w)), dtype=np.float64)
        return float(value)

    def _in_torch(self, optimizer: Optimizer) -> float:
        import torch

        total = 0.0
        with torch.no_grad():
            for group in optimizer.groups:
                for p in group.parameters:
                    value = self.l1 * p.abs().sum() + self.l2 * (p * p).sum()
                    total += group.decay_factor * float(value)
                    if not p.requires_grad:
                        continue
                    gradient = group.decay_factor * (self.l1 * p.sign() + 2 * self.l2 * p)
                    p.grad = gradient if p.grad is None else p.grad + gradient
        return total
