"""RealMLP, the simple variant: a multi-layer perceptron tuned on many tables, for tables.

    x -> x / sqrt(1 + (x / 3)^2) -> times a learned scale per feature -> dense layers

What is large is bent smoothly towards 3 instead of being cut off. The paper divides each product by
sqrt(fan_in) so that all layers learn at like rates; under Adam that is the same as weights that
begin at N(0, 1 / fan_in) and learn at lr / sqrt(fan_in), which leaves plain layers to be exported.

source  Holzmüller, Grinsztajn & Steinwart 2024, arXiv:2407.04491, section 3 and appendix A
catalogue  net-mlp net-dnn
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mulle.nn import functional as F
from mulle.nn import init
from mulle.nn.layers import Dropout, Linear
from mulle.nn.module import Module
from mulle.nn.optim import Group
from mulle.nn.tensor import Parameter

_BEND = 3.0  # what features cannot reach
_LARGEST = 1e15  # its square is still a float32
_SCALE_RATE, _BIAS_RATE = 6.0, 0.1  # learning rates relative to that of the weights


class RealMLP(Module):
    """Multi-layer perceptron for standardized features.

    Args:
        in_features: number of features.
        out_features: number of classes (logits), or 1.
        hidden: widths of the hidden layers.
        activation: name of an operation; `selu` for classes and `mish` for values were best.
        dropout: share of each hidden layer's units dropped in training, 0 to 1.

    Shapes:
        x (n, in_features) -> (n, out_features)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        hidden: Sequence[int] = (256, 256, 256),
        activation: str = "selu",
        dropout: float = 0.0,
    ) -> None:
        sizes = [in_features, *hidden, out_features]
        self.scale = Parameter(np.ones(in_features, np.float32))
        self.layers = [Linear(a, b) for a, b in pairwise(sizes)]
        for layer in self.layers:
            layer.weight.data = init.lecun_normal(layer.weight.shape)
            layer.bias = Parameter(np.zeros(layer.out_features, np.float32))
        self.layers[-1].weight.data[:] = 0  # begins by answering the same for every row
        self.activation, self.dropout = activation, Dropout(dropout)

    def forward(self, x: Any) -> Any:
        """Return logits or values."""
        x = F.clip(x, low=-_LARGEST, high=_LARGEST)
        bent = x / F.sqrt(x * x * (1 / _BEND**2) + 1.0)
        h = bent * self.scale
        for layer in self.layers[:-1]:
            h = self.dropout(getattr(F, self.activation)(layer(h)))
        return self.layers[-1](h)

    def groups(self) -> list[Group]:
        """Return the parameters in groups with learning rates of their own; only weights decay."""
        weights = [
            Group((layer.weight,), 1 / math.sqrt(layer.in_features), 1.0) for layer in self.layers
        ]
        biases = tuple(layer.bias for layer in self.layers)
        return [Group((self.scale,), _SCALE_RATE, 0.0), *weights, Group(biases, _BIAS_RATE, 0.0)]
