"""Autoencoder: an encoder and a mirrored decoder that together reconstruct the input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import ReLU
from mulle.nn.module import Module
from mulle.nn.networks.mlp import MLP


class Autoencoder(Module):
    """Autoencoder with the mean squared error of the reconstruction: x -> code -> x.

    Train it on its own input: `nn.train(model, (x, x), loss=model.loss)`.

    Args:
        sizes: widths of the layers from the input to the code, for example (784, 128, 32).
        activation: class of the layers between.

    Shapes:
        x (n, sizes[0]) -> y (n, sizes[0]); the code is (n, sizes[-1])

    catalogue  ae-basic
    """

    def __init__(self, sizes: Sequence[int], *, activation: Callable[[], Module] = ReLU) -> None:
        self.encoder = MLP(sizes, activation=activation)
        self.decoder = MLP(sizes[::-1], activation=activation)

    def encode(self, x: Any) -> Any:
        """Return the code of each row."""
        return self.encoder(x)

    def decode(self, code: Any) -> Any:
        """Return the row of each code."""
        return self.decoder(code)

    def forward(self, x: Any) -> Any:
        """Compute the output of the network."""
        return self.decode(self.encode(x))

    def loss(self, output: Any, target: Any) -> Any:
        """Return the mean squared error of the output against the input."""
        return F.mse_loss(output, target)
