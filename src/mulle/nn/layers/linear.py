"""Dense layers."""

from __future__ import annotations

from typing import Any

from mulle.nn import init
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.tensor import Parameter


class Linear(Module):
    """Dense layer: y = x W' + b.

    Args:
        in_features: length of the last axis of x.
        out_features: length of the last axis of y.
        bias: whether to add a learned b.

    Shapes:
        x (..., in_features) -> y (..., out_features)

    catalogue  net-dense
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(init.by_fan_in((out_features, in_features), in_features))
        self.bias = Parameter(init.by_fan_in((out_features,), in_features)) if bias else None

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS["linear"](x, self.weight, self.bias)
