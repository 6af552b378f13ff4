"""Layers that add noise in training and do nothing at inference or in an exported graph."""

from __future__ import annotations

from typing import Any, ClassVar

from mulle.errors import UsageError
from mulle.nn.layers._noise import normal_like, uniform_like
from mulle.nn.module import Module
from mulle.nn.ops import OPS


class Dropout(Module):
    """Dropout: each entry becomes 0 with probability p, the others are divided by 1 - p.

    Args:
        p: probability, from 0 to 1.

    Raises:
        UsageError: p is not from 0 to 1.

    catalogue  reg-dropout
    """

    operation: ClassVar[str] = "dropout"

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        if not 0 <= p <= 1:
            raise UsageError("dropout-probability", layer=type(self).__name__, received=p)
        self.p = p

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        if not self.training or self.p == 0:
            return x
        return OPS[self.operation](x, uniform_like(x), p=self.p)

    def _line(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class AlphaDropout(Dropout):
    """Alpha dropout: dropped entries take SELU's lowest value, which keeps mean 0 and variance 1.

    catalogue  reg-alphadrop
    """

    operation: ClassVar[str] = "alpha_dropout"


class GaussianNoise(Module):
    """Gaussian noise: y = x + N(0, std^2).

    Args:
        std: standard deviation of the noise.

    catalogue  reg-noise
    """

    def __init__(self, std: float) -> None:
        self.std = std

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return x + normal_like(x) * self.std if self.training else x
