"""Auxiliary-classifier GAN: the discriminator also predicts the class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import LeakyReLU, Linear, Sequential
from mulle.nn.module import Module
from mulle.nn.networks.gans.conditional import ConditionedMLP
from mulle.nn.networks.gans.gan import GAN
from mulle.nn.networks.gans.losses import NON_SATURATING, AdversarialLoss
from mulle.nn.networks.mlp import MLP


class TwoHeads(Module):
    """Dense network that predicts whether a row is real, and its class.

    Shapes:
        x (n, sizes[0]) -> real (n, 1) logit, classes (n, n_classes) logits
    """

    def __init__(self, sizes: Sequence[int], n_classes: int) -> None:
        self.trunk = Sequential(MLP(sizes, activation=LeakyReLU), LeakyReLU())
        self.real, self.classes = Linear(sizes[-1], 1), Linear(sizes[-1], n_classes)

    def forward(self, x: Any) -> Any:
        """Compute the output of the network."""
        h = self.trunk(x)
        return self.real(h), self.classes(h)


class ACGAN(GAN):
    """GAN whose generator receives the class and whose discriminator predicts it.

    A batch is (x, y).

    Both losses reward a recognized class; generated rows can augment a data set.

    Args:
        n_noise: length of the noise.
        n_data: length of a row.
        n_classes: number of classes.
        hidden: widths of the hidden layers of the generator, and reversed of the discriminator.
        n_embd: width of the embedding of a class.
        loss: the pair of losses on real and generated rows.

    Shapes:
        z (n, n_noise), y (n) ids -> x (n, n_data)

    Source: Odena, Olah & Shlens 2017, arXiv:1610.09585, section 3.

    catalogue  gan-acgan
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
            TwoHeads((n_data, *hidden[::-1]), n_classes),
            n_noise,
            loss,
        )

    def discriminator_loss(self, batch: Sequence[Any], smoothing: float = 0.0) -> Any:
        """Return the loss of telling real from generated rows, and of the class of both."""
        x, y = batch
        real, of_real = self.discriminator(x)
        fake, of_fake = self.discriminator(self.generate(batch).detach())
        classes = F.cross_entropy(of_real, y) + F.cross_entropy(of_fake, y)
        return self.loss.discriminator(real, fake, smoothing) + classes

    def generator_loss(self, batch: Sequence[Any]) -> Any:
        """Return the loss of not passing for real, and of not showing the given class."""
        fake, of_fake = self.discriminator(self.generate(batch))
        return self.loss.generator(fake) + F.cross_entropy(of_fake, batch[1])
