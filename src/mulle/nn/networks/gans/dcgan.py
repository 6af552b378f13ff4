"""Deep convolutional GAN: strides instead of pooling, batch norm, tanh at the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mulle.errors import UsageError
from mulle.nn import init
from mulle.nn.layers import (
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    LeakyReLU,
    ReLU,
    Sequential,
    Tanh,
)
from mulle.nn.module import Module
from mulle.nn.networks.gans.gan import GAN
from mulle.nn.networks.gans.losses import NON_SATURATING, AdversarialLoss


def init_small(network: Module) -> None:
    """Draw all kernels from N(0, 0.02^2); biases and norms stay as they are.

    Source: Radford et al. 2016, arXiv:1511.06434, section 4.

    catalogue  init-small
    """
    for p in network.parameters():
        if p.ndim > 1:
            p.data[...] = init.normal(p.shape, 0.02)


def halved_side(image: tuple[int, int, int], halvings: int) -> int:
    """Return the side of a square image after a number of halvings.

    Raises:
        UsageError: the image is not square, or its side is not divisible often enough.
    """
    side = image[1] >> halvings
    if image[1] != image[2] or side << halvings != image[1]:
        raise UsageError(
            "image-not-square",
            layers=halvings,
            height=image[1],
            width=image[2],
            divisor=2**halvings,
        )
    return side


class DCGenerator(Module):
    """Generator that doubles noise, seen as an image of one pixel, until it has its size.

    Shapes:
        z (n, n_noise) -> x (n, *image), between -1 and 1
    """

    def __init__(self, n_noise: int, image: tuple[int, int, int], channels: Sequence[int]) -> None:
        self.n_noise = n_noise
        wide = channels[::-1]
        layers: list[Module] = [
            ConvTranspose2d(n_noise, wide[0], halved_side(image, len(channels)), bias=False),
            BatchNorm2d(wide[0]),
            ReLU(),
        ]
        for n_in, n_out in pairwise(wide):
            layers.append(ConvTranspose2d(n_in, n_out, 4, 2, 1, bias=False))
            layers += [BatchNorm2d(n_out), ReLU()]
        self.layers = Sequential(*layers, ConvTranspose2d(wide[-1], image[0], 4, 2, 1), Tanh())
        init_small(self)

    def forward(self, z: Any) -> Any:
        """Compute the output of the network."""
        return self.layers(z.reshape(-1, self.n_noise, 1, 1))


class DCDiscriminator(Module):
    """Discriminator that halves an image until one logit is left.

    Shapes:
        x (n, *image) -> logit (n)
    """

    def __init__(self, image: tuple[int, int, int], channels: Sequence[int]) -> None:
        layers: list[Module] = [Conv2d(image[0], channels[0], 4, 2, 1), LeakyReLU(0.2)]
        for n_in, n_out in pairwise(channels):
            layers += [Conv2d(n_in, n_out, 4, 2, 1, bias=False), BatchNorm2d(n_out)]
            layers.append(LeakyReLU(0.2))
        side = halved_side(image, len(channels))
        self.layers = Sequential(*layers, Conv2d(channels[-1], 1, side))
        init_small(self)

    def forward(self, x: Any) -> Any:
        """Compute the output of the network."""
        return self.layers(x).reshape(-1)


class DCGAN(GAN):
    """GAN for images.

    Batch norm stands everywhere but at the generator's output and the discriminator's input.

    Args:
        n_noise: length of the noise.
        image: channels, height and width; square, its side divisible by 2 for each entry of
            `channels`.
        channels: channels of the discriminator's layers; the generator has them reversed.
        loss: the pair of losses.

    Shapes:
        z (n, n_noise) -> x (n, *image), between -1 and 1

    Raises:
        UsageError: the image is not square, or its side is not divisible often enough.

    Source: Radford et al. 2016, arXiv:1511.06434, section 3.

    catalogue  gan-dcgan gan-bn
    """

    def __init__(
        self,
        n_noise: int = 64,
        *,
        image: tuple[int, int, int] = (1, 28, 28),
        channels: Sequence[int] = (32, 64),
        loss: AdversarialLoss = NON_SATURATING,
    ) -> None:
        super().__init__(
            DCGenerator(n_noise, image, channels), DCDiscriminator(image, channels), n_noise, loss
        )
