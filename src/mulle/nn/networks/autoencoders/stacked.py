"""Stacked autoencoder: several layers down to the code, and mirrored ones back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mulle.nn import functional as F
from mulle.nn.layers import Linear, ReLU
from mulle.nn.module import Module
from mulle.nn.networks.autoencoders.autoencoder import Autoencoder
from mulle.nn.tensor import Parameter


class StackedAutoencoder(Autoencoder):
    """Deep autoencoder whose decoder can use the encoder's weights, transposed.

    Tied weights halve the number of parameters and discourage mere copying.

    Args:
        sizes: widths of the layers from the input to the code.
        tied: whether the decoder has only biases of its own.
        activation: class of the layers between.

    Source: Hinton & Salakhutdinov 2006, Reducing the dimensionality of data with neural networks.

    catalogue  ae-stack
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        tied: bool = True,
        activation: Callable[[], Module] = ReLU,
    ) -> None:
        super().__init__(sizes, activation=activation)
        self.tied, self.activation = tied, activation()
        if tied:
            self.back = [_TransposedLinear(width) for width in sizes[-2::-1]]
            del self.decoder

    def decode(self, code: Any) -> Any:
        """Return the row of each code."""
        if not self.tied:
            return self.decoder(code)
        forth = [layer for layer in self.encoder.modules() if isinstance(layer, Linear)]
        for i, (layer, back) in enumerate(zip(forth[::-1], self.back, strict=True)):
            code = back(self.activation(code) if i else code, layer.weight)
        return code


class _TransposedLinear(Module):
    """Dense layer with the transposed weights of another layer and a bias of its own."""

    def __init__(self, n_out: int) -> None:
        self.bias = Parameter(np.zeros(n_out, np.float32))

    def forward(self, x: Any, weight: Any) -> Any:
        return F.linear(x, weight.transpose(0, 1), self.bias)
