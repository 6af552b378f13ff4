"""Normalisation as layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.tensor import Parameter


class LayerNorm(Module):
    """(x - mean) / sqrt(var + eps) * w + b over the last axis.

    catalogue  norm-layer
    """

    def __init__(self, normalized_shape: int, eps: float = 1e-5, *, bias: bool = True) -> None:
        self.eps = eps
        self.weight = Parameter(np.ones(normalized_shape, np.float32))
        self.bias = Parameter(np.zeros(normalized_shape, np.float32)) if bias else None

    def forward(self, x: Any) -> Any:
        """Compute."""
        return OPS["layer_norm"](x, self.weight, self.bias, eps=self.eps)
