"""Conditional GAN: both networks receive the class, so that it can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import Embedding, LeakyReLU
from mulle.nn.module import Module
from mulle.nn.networks.gans.gan import GAN
from mulle.nn.networks.gans.losses import NON_SATURATING, AdversarialLoss
from mulle.nn.networks.mlp import MLP


class ConditionedMLP(Module):
    """Dense network that receives a class beside its input.

    Shapes:
        x (n, sizes[0]), y (n) ids -> (n, sizes[-1])
    """

    def __init__(self, sizes: Sequence[int], n_classes: int, n_embd: int) -> None:
        self.classes = Embedding(n_classes, n_embd)
        self.layers = MLP((sizes[0] + n_embd, *sizes[1:]), activation=LeakyReLU)

    def forward(self, x: Any, y: Any) -> Any:
        """Compute the output of the network."""
        return self.layers(F.concatenate(x, self.classes(y), axis=1))


class ConditionalGAN(GAN):
    """Dense GAN for rows with classes; a batch is (x, y).

    Args:
        n_noise: length of the noise.
        n_data: length of a row.
        n_classes: number of classes.
        hidden: widths of the hidden layers of the generator, and reversed of the discriminator.
        n_embd: width of the embedding of a class.
        loss: the pair of losses.

    Shapes:
        z (n, n_noise), y (n) ids -> x (n, n_data)

    Source: Mirza & Osindero 2014, arXiv:1411.1784.

    catalogue  gan-cgan
    """

    def __init__(
        self,
        n_noise: int,
        n_data: int,
        n_classes: int,
        *,
        hidden: Sequence[int] = (64, 64),
        n_embd: int = 8,
        loss: AdversarialLoss = NON_SATURATING,
    ) -> None:
        super().__init__(
            ConditionedMLP((n_noise, *hidden, n_data), n_classes, n_embd),
            ConditionedMLP((n_data, *hidden[::-1], 1), n_classes, n_embd),
            n_noise,
            loss,
        )
