"""GAN: a generator that learns from a discriminator, which learns to recognize generated rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mulle.nn.export import inference
from mulle.nn.layers import LeakyReLU
from mulle.nn.module import Module
from mulle.nn.networks.gans.losses import LEAST_SQUARES, NON_SATURATING, AdversarialLoss
from mulle.nn.networks.mlp import MLP
from mulle.nn.randomness import generator as chance
from mulle.nn.tensor import as_numpy, no_grad


class GAN(Module):
    """Hold a generator, a discriminator and their losses; calling it calls the generator.

    A batch is (x, *given): real rows and further inputs of both networks, such as classes. Other
    kinds of GAN override the two losses, or only use other networks.

    Args:
        generator: noise (n, n_noise), *given -> rows.
        discriminator: rows, *given -> logits of being real, of any shape.
        n_noise: length of the noise.
        loss: the pair of losses.

    catalogue  gan-basic
    """

    def __init__(
        self,
        generator: Module,
        discriminator: Module,
        n_noise: int,
        loss: AdversarialLoss = NON_SATURATING,
    ) -> None:
        self.generator, self.discriminator = generator, discriminator
        self.n_noise, self.loss = n_noise, loss

    def forward(self, z: Any, *given: Any) -> Any:
        """Return rows generated from noise."""
        return self.generator(z, *given)

    def generate(self, batch: Sequence[Any]) -> Any:
        """Generate as many rows as a batch has real ones."""
        return self.generator(self.noise(len(batch[0])), *batch[1:])

    def discriminator_loss(self, batch: Sequence[Any], smoothing: float = 0.0) -> Any:
        """Return the loss on real and on generated rows, each in a batch of its own.

        No gradient reaches the generator.
        """
        x, *given = batch
        fake = self.generate(batch).detach()
        return self.loss.discriminator(
            self.discriminator(x, *given), self.discriminator(fake, *given), smoothing
        )

    def generator_loss(self, batch: Sequence[Any]) -> Any:
        """Return the loss on generated rows."""
        return self.loss.generator(self.discriminator(self.generate(batch), *batch[1:]))

    def noise(self, n: int) -> np.ndarray:
        """Draw standard normal noise (n, n_noise)."""
        return chance().standard_normal((n, self.n_noise), np.float32)

    def sample(self, n: int, *given: Any) -> np.ndarray:
        """Generate rows in inference mode."""
        with inference(self), no_grad():
            return as_numpy(self(self.noise(n), *given))


class DenseGAN(GAN):
    """GAN of two dense networks, the first kind.

    Args:
        n_noise: length of the noise.
        n_data: length of a row.
        hidden: widths of the hidden layers of the generator, and reversed of the discriminator.
        loss: the pair of losses.

    Shapes:
        z (n, n_noise) -> x (n, n_data)

    Source: Goodfellow et al. 2014, arXiv:1406.2661.

    catalogue  gan-basic
    """

    def __init__(
        self,
        n_noise: int,
        n_data: int,
        *,
        hidden: Sequence[int] = (64, 64),
        loss: AdversarialLoss = NON_SATURATING,
    ) -> None:
        super().__init__(
            MLP((n_noise, *hidden, n_data), activation=LeakyReLU),
            MLP((n_data, *hidden[::-1], 1), activation=LeakyReLU),
            n_noise,
            loss,
        )


class LSGAN(DenseGAN):
    """Dense GAN with least squares, which pull in even rows that pass but lie far from the border.

    Other networks work as well: `DCGAN(loss=LEAST_SQUARES)`.

    Source: Mao et al. 2017, arXiv:1611.04076.

    catalogue  gan-lsgan
    """

    def __init__(self, n_noise: int, n_data: int, *, hidden: Sequence[int] = (64, 64)) -> None:
        super().__init__(n_noise, n_data, hidden=hidden, loss=LEAST_SQUARES)
