"""Undercomplete autoencoder: a code so narrow that only what matters gets through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mulle.errors import UsageError
from mulle.nn.layers import ReLU
from mulle.nn.module import Module
from mulle.nn.networks.autoencoders.autoencoder import Autoencoder


class UndercompleteAutoencoder(Autoencoder):
    """Autoencoder whose code is narrower than its input.

    With two sizes it is linear, and at its best it spans the subspace of the first principal
    components, though not by the components themselves.

    Args:
        sizes: widths of the layers from the input to the code.
        activation: class of the layers between.

    Raises:
        UsageError: the code is as wide as the input or wider.

    Source: Baldi & Hornik 1989, Neural networks and principal component analysis.

    catalogue  ae-under
    """

    def __init__(self, sizes: Sequence[int], *, activation: Callable[[], Module] = ReLU) -> None:
        if sizes[-1] >= sizes[0]:
            raise UsageError("code-too-wide", code_size=sizes[-1], input_size=sizes[0])
        super().__init__(sizes, activation=activation)
