"""Denoising autoencoder: it reconstructs whole rows from damaged ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mulle.nn.layers import Dropout, GaussianNoise, ReLU, Sequential
from mulle.nn.module import Module
from mulle.nn.networks.autoencoders.autoencoder import Autoencoder


class DenoisingAutoencoder(Autoencoder):
    """Autoencoder that adds noise to its input, or drops part of it, while it trains.

    Attributes:
        corrupt: layer that damages the input; at inference it does nothing.

    Args:
        sizes: widths of the layers from the input to the code.
        noise: standard deviation of Gaussian noise.
        dropout: share of the inputs set to 0 (the others are scaled up), 0 to 1.
        activation: class of the layers between.

    Source: Vincent et al. 2008, Extracting and composing robust features.

    catalogue  ae-denoise
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        noise: float = 0.3,
        dropout: float = 0.0,
        activation: Callable[[], Module] = ReLU,
    ) -> None:
        super().__init__(sizes, activation=activation)
        self.corrupt = Sequential(Dropout(dropout), GaussianNoise(noise))

    def forward(self, x: Any) -> Any:
        """Compute the output of the network."""
        return super().forward(self.corrupt(x))
