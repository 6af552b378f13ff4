"""Adam: steps scaled by running means of the gradient and of its square."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from mulle.nn.optim.base import Optimizer
from mulle.nn.tensor import Parameter


class Adam(Optimizer):
    """w <- w - lr * m_hat / (sqrt(v_hat) + eps).

    m <- b1 m + (1 - b1) g       m_hat = m / (1 - b1^t)
    v <- b2 v + (1 - b2) g^2     v_hat = v / (1 - b2^t)

    Args:
        parameters: what it changes.
        lr: learning rate.
        betas: b1 and b2.
        eps: against division by 0.
        weight_decay: of an L2 penalty in the gradient (for decay beside it, see `AdamW`).

    Source: Kingma & Ba 2015, arXiv:1412.6980, algorithm 1.

    catalogue  opt-adam
    """

    memory: ClassVar = ("m", "v")
    m: Any
    v: Any

    def __init__(
        self,
        parameters: Iterable[Parameter],
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.betas, self.eps = betas, eps

    def update(self) -> None:
        """One step of Adam."""
        g, (b1, b2) = self.decayed_grad(), self.betas
        self.m *= b1
        self.m += (1 - b1) * g
        self.v *= b2
        self.v += (1 - b2) * (g * g)
        scale = math.sqrt(1 - b2**self.steps)
        size = np.sqrt(self.v)
        size += self.eps * scale
        np.divide(self.m, size, out=size)
        size *= self.lr * scale / (1 - b1**self.steps)
        self.w -= size

    def twin(self, torch: Any, parameters: Any) -> Any:
        """The same in PyTorch."""
        return torch.optim.Adam(
            parameters, self.lr, self.betas, self.eps, weight_decay=self.weight_decay
        )
