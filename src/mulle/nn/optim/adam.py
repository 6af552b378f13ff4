"""Adam and its variants: steps scaled by running means of the gradient and of its square."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from mulle.nn.arrays import Array
from mulle.nn.optim.base import Optimizer
from mulle.nn.optim.groups import Group
from mulle.nn.optim.segments import Segment
from mulle.nn.tensor import Parameter


class Adam(Optimizer):
    """Adam: w <- w - lr * m_hat / (sqrt(v_hat) + eps).

    m <- b1 m + (1 - b1) g       m_hat = m / (1 - b1^t)
    v <- b2 v + (1 - b2) g^2     v_hat = v / (1 - b2^t)

    The buffers hold m / (1 - b1) and v / (1 - b2), which saves two passes over them; the scalar
    factors of a step make up for it.

    Args:
        parameters: parameters to change, or groups of them.
        lr: learning rate, above 0.
        betas: b1 and b2, each from 0 to below 1.
        eps: added to the divisor, against division by 0.
        weight_decay: strength of an L2 penalty in the gradient (`AdamW` decays the weights itself).

    Source: Kingma & Ba 2015, arXiv:1412.6980, algorithm 1.

    catalogue  opt-adam
    """

    settings: ClassVar[tuple[str, ...]] = ("betas", "eps")
    memory: ClassVar = ("m", "v")
    workspace: ClassVar = ("size",)

    def __init__(
        self,
        parameters: Iterable[Parameter | Group],
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay)
        self.betas, self.eps = betas, eps

    def update(self, part: Segment) -> None:
        """Make one step of Adam."""
        self.descend(part, part.decayed_grad())

    def descend(self, part: Segment, g: Array) -> None:
        """Move along the gradient `g`."""
        b1 = self.betas[0]
        # w -= rate * m_hat / (sqrt(v_hat) + eps)
        size, scale = self.accumulate(part, g)
        np.divide(part.m, size, out=size)
        size *= part.rate * (scale * (1 - b1) / (1 - b1**part.steps))
        part.w -= size

    def accumulate(self, part: Segment, g: Array) -> tuple[Array, float]:
        """Add a gradient to the means; return sqrt(v_hat) + eps as an array and its divisor."""
        (b1, b2), size = self.betas, part.size
        # m = b1 * m + g;  v = b2 * v + g * g
        part.m *= b1
        part.m += g
        np.multiply(g, g, out=size)
        part.v *= b2
        part.v += size
        # (sqrt(v) + eps * scale) / scale
        scale = math.sqrt((1 - b2**part.steps) / (1 - b2))
        np.sqrt(part.v, out=size)
        size += self.eps * scale
        return size, scale

    def to_torch(self, torch: Any, parameters: Any) -> Any:
        """Return the same optimizer of PyTorch."""
        return torch.optim.Adam(
            parameters, self.lr, self.betas, self.eps, weight_decay=self.weight_decay
        )


class AdamW(Adam):
    """AdamW: w <- w - lr * weight_decay * w, then a step of Adam on the plain gradient.

    In `Adam`, the penalty's gradient is divided by sqrt(v_hat) like the rest, and nearly lost where
    gradients are large; here every weight shrinks by the same share.

    Args:
        parameters: parameters to change, or groups of them.
        lr: learning rate, above 0.
        betas: b1 and b2, each from 0 to below 1.
        eps: added to the divisor, against division by 0.
        weight_decay: share of a weight, times lr, that it loses at each step.

    Source: Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2.

    catalogue  opt-adamw reg-decay
    """

    def __init__(
        self,
        parameters: Iterable[Parameter | Group],
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def update(self, part: Segment) -> None:
        """Make one step of AdamW."""
        if self.weight_decay:
            part.w *= 1 - part.rate * part.decay
        self.descend(part, part.grad)

    def to_torch(self, torch: Any, parameters: Any) -> Any:
        """Return the same optimizer of PyTorch."""
        return torch.optim.AdamW(
            parameters, self.lr, self.betas, self.eps, weight_decay=self.weight_decay
        )


class NAdam(Adam):
    """NAdam: Adam with Nesterov's look-ahead to the mean of the next step.

    mu_t = b1 (1 - 0.96^(t d) / 2),  P_t = mu_1 ... mu_t
    w <- w - lr ((1 - mu_t) / (1 - P_t) g + mu_(t+1) / (1 - P_(t+1)) m) / (sqrt(v_hat) + eps)

    Args:
        parameters: parameters to change, or groups of them.
        lr: learning rate, above 0.
        betas: b1 and b2, each from 0 to below 1.
        eps: added to the divisor, against division by 0.
        weight_decay: strength of an L2 penalty in the gradient.
        momentum_decay: d, how fast mu rises to b1.

    Source: Dozat 2016, Incorporating Nesterov momentum into Adam, algorithm 2.

    catalogue  opt-nadam
    """

    settings: ClassVar[tuple[str, ...]] = (*Adam.settings, "momentum_decay")
    per_parameter: ClassVar = (*Optimizer.per_parameter, "mu_product")
    mu_product: Array

    def __init__(
        self,
        parameters: Iterable[Parameter | Group],
        lr: float = 2e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
    ) -> None:
        super().__init__(parameters, lr, betas=betas, eps=eps, weight_decay=weight_decay)
        self.momentum_decay = momentum_decay
        if self.in_torch is None:
            self.mu_product = np.ones(len(self.parameters))

    def begin(self, part: Segment) -> None:
        """Begin a step, and multiply the product of mu further."""
        super().begin(part)
        part.mu_product *= self._mu(part.steps)

    def update(self, part: Segment) -> None:
        """Make one step of NAdam."""
        g, b1 = part.decayed_grad(), self.betas[0]
        size, scale = self.accumulate(part, g)
        mu, mu_next = (self._mu(t) for t in (part.steps, part.steps + 1))
        product = float(part.mu_product[0])  # equal counts of steps, equal products
        ahead = part.m * ((1 - b1) * mu_next / (1 - product * mu_next))
        ahead += g * ((1 - mu) / (1 - product))
        np.divide(ahead, size, out=size)
        size *= part.rate * scale
        part.w -= size

    def _mu(self, t: int) -> float:
        return self.betas[0] * (1 - 0.5 * math.pow(0.96, t * self.momentum_decay))

    def to_torch(self, torch: Any, parameters: Any) -> Any:
        """Return the same optimizer of PyTorch."""
        return torch.optim.NAdam(
            parameters, self.lr, self.betas, self.eps, self.weight_decay, self.momentum_decay
        )
