"""A generator that learns from a discriminator, which learns to tell its work from the real."""

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
    """Two networks and what each wants; called, it is its generator.

    A batch is (x, *given): real rows and what both networks are told beside, such as classes.
    Other kinds of GAN override the two losses, or only bring other networks.

    Args:
        generator: noise (n, n_noise), *given -> rows.
        discriminator: rows, *given -> logits of being real, of any shape.
        n_noise: length of the noise.
        loss: what each wants.

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
        """Rows made of noise."""
        return self.generator(z, *given)

    def made(self, batch: Sequence[Any]) -> Any:
        """As many made rows as a batch has real ones."""
        return self.generator(self.noise(len(batch[0])), *batch[1:])

    def discriminator_loss(self, batch: Sequence[Any], smoothing: float = 0.0) -> Any:
        """Of real rows and made ones, each in a batch of its own; the generator is left alone."""
        x, *given = batch
        fake = self.made(batch).detach()
        return self.loss.discriminator(
            self.discriminator(x, *given), self.discriminator(fake, *given), smoothing
        )

    def generator_loss(self, batch: Sequence[Any]) -> Any:
        """Of made rows alone."""
        return self.loss.generator(self.discriminator(self.made(batch), *batch[1:]))

    def noise(self, n: int) -> np.ndarray:
        """Standard normal (n, n_noise)."""
        return chance().standard_normal((n, self.n_noise), np.float32)

    def sample(self, n: int, *given: Any) -> np.ndarray:
        """Made rows, in inference mode."""
        with inference(self), no_grad():
            return as_numpy(self(self.noise(n), *given))


class DenseGAN(GAN):
    """The first kind: dense networks.

    Args:
        n_noise: length of the noise.
        n_data: length of a row.
        hidden: widths of the hidden layers of the generator, and reversed of the discriminator.
        loss: what each wants.

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
    """A dense GAN with least squares: rows far from the border are drawn to it, even if they pass.

    Other networks do as well: `DCGAN(loss=LEAST_SQUARES)`.

    Source: Mao et al. 2017, arXiv:1611.04076.

    catalogue  gan-lsgan
    """

    def __init__(self, n_noise: int, n_data: int, *, hidden: Sequence[int] = (64, 64)) -> None:
        super().__init__(n_noise, n_data, hidden=hidden, loss=LEAST_SQUARES)
