"""Autoencoder: an encoder and a mirrored decoder that together give back what they were given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import ReLU
from mulle.nn.module import Module
from mulle.nn.networks.mlp import MLP


class Autoencoder(Module):
    """x -> code -> x, with the mean squared error of the way there and back.

    Trained on itself: `nn.train(model, (x, x), loss=model.loss)`.

    Args:
        sizes: widths from the input to the code, for example (784, 128, 32).
        activation: class of the layer between.

    Shapes:
        x (n, sizes[0]) -> y (n, sizes[0]); the code is (n, sizes[-1])

    catalogue  ae-basic
    """

    def __init__(self, sizes: Sequence[int], *, activation: Callable[[], Module] = ReLU) -> None:
        self.encoder = MLP(sizes, activation=activation)
        self.decoder = MLP(sizes[::-1], activation=activation)

    def encode(self, x: Any) -> Any:
        """The code of each row."""
        return self.encoder(x)

    def decode(self, code: Any) -> Any:
        """The row of each code."""
        return self.decoder(code)

    def forward(self, x: Any) -> Any:
        """Compute."""
        return self.decode(self.encode(x))

    def loss(self, output: Any, target: Any) -> Any:
        """Of the output against what should have come back."""
        return F.mse_loss(output, target)
