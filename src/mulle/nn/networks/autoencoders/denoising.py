"""Denoising autoencoder: it is shown a damaged row and asked for the whole one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mulle.nn.layers import Dropout, GaussianNoise, ReLU, Sequential
from mulle.nn.module import Module
from mulle.nn.networks.autoencoders.autoencoder import Autoencoder


class DenoisingAutoencoder(Autoencoder):
    """While it trains, noise is added to its input, or part of its input is dropped.

    Attributes:
        corrupt: what does this; in inference it does nothing.

    Args:
        sizes: widths from the input to the code.
        noise: standard deviation of Gaussian noise.
        dropout: share of the inputs that are set to 0 (the others are scaled up).
        activation: class of the layer between.

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
        """Compute."""
        return super().forward(self.corrupt(x))
