"""pix2pix: a GAN that turns one image into another, learned from pairs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mulle.nn import functional as F
from mulle.nn.layers import (
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    LeakyReLU,
    ReLU,
    Sequential,
    Tanh,
)
from mulle.nn.module import Module
from mulle.nn.networks.gans.dcgan import init_small
from mulle.nn.networks.gans.gan import GAN


class UNet(Module):
    """U-Net: halve an image step by step and double it again, with skips across.

    Dropout on the way up stands for the noise.

    Args:
        n_in: number of channels of the input.
        n_out: number of channels of the output.
        channels: channels on the way down; both sides of the image must be divisible by 2 for each.

    Shapes:
        x (n, n_in, h, w) -> y (n, n_out, h, w), between -1 and 1
    """

    def __init__(
        self, n_in: int, n_out: int, channels: Sequence[int] = (16, 32, 64), dropout: float = 0.5
    ) -> None:
        self.down: list[Module] = [Conv2d(n_in, channels[0], 4, 2, 1)]
        self.up: list[Module] = []
        self.up_norms: list[Module] = []
        for wide, deep in pairwise(channels):
            self.down.append(Conv2d(wide, deep, 4, 2, 1))
            twice = 1 if deep == channels[-1] else 2  # all but the deepest are joined
            self.up.insert(0, ConvTranspose2d(twice * deep, wide, 4, 2, 1, bias=False))
            self.up_norms.insert(0, BatchNorm2d(wide))
        self.last = Sequential(ConvTranspose2d(2 * channels[0], n_out, 4, 2, 1), Tanh())
        self.leaky, self.relu, self.dropout = LeakyReLU(0.2), ReLU(), Dropout(dropout)
        init_small(self)

    def forward(self, x: Any) -> Any:
        """Compute the output of the network."""
        passed = []
        for conv in self.down:
            x = self.leaky(conv(x))
            passed.append(x)
        x = passed.pop()
        for conv, norm in zip(self.up, self.up_norms, strict=True):
            x = self.dropout(self.relu(norm(conv(x))))
            x = F.concatenate(x, passed.pop(), axis=1)
        return self.last(x)


class PatchCritic(Module):
    """Predict for each patch of an image whether it is real, given its source image.

    Shapes:
        x (n, n_image, h, w), source (n, n_source, h, w) -> logits (n, 1, h / 4 - 1, w / 4 - 1)
    """

    def __init__(self, n_channels: int, width: int = 16) -> None:
        self.layers = Sequential(
            Conv2d(n_channels, width, 4, 2, 1),
            LeakyReLU(0.2),
            Conv2d(width, 2 * width, 4, 2, 1, bias=False),
            BatchNorm2d(2 * width),
            LeakyReLU(0.2),
            Conv2d(2 * width, 1, 4, 1, 1),
        )
        init_small(self)

    def forward(self, x: Any, source: Any) -> Any:
        """Compute the output of the network."""
        return self.layers(F.concatenate(x, source, axis=1))


class Pix2Pix(GAN):
    """Image-to-image GAN; loss = GAN loss + 100 * mean absolute error.

    A batch is (target image, source image).

    Args:
        n_source: number of channels of the source image.
        n_image: number of channels of the target image.
        channels: channels of the generator on its way down.
        l1: weight of the mean absolute error, 100 in the paper.

    Shapes:
        source (n, n_source, h, w) -> x (n, n_image, h, w), between -1 and 1

    Source: Isola et al. 2017, arXiv:1611.07004, equation 4 and section 3.2.

    catalogue  gan-pix2pix
    """

    def __init__(
        self,
        n_source: int,
        n_image: int,
        *,
        channels: Sequence[int] = (16, 32, 64),
        l1: float = 100.0,
    ) -> None:
        super().__init__(
            UNet(n_source, n_image, channels), PatchCritic(n_source + n_image, channels[0]), 0
        )
        self.l1 = l1

    def forward(self, source: Any) -> Any:
        """Return the image that belongs to a source."""
        return self.generator(source)

    def generate(self, batch: Sequence[Any]) -> Any:
        """Generate an image for each source of a batch."""
        return self.generator(batch[1])

    def generator_loss(self, batch: Sequence[Any]) -> Any:
        """Return the loss of not passing for real, plus the distance to the target image."""
        fake = self.generate(batch)
        passed = self.loss.generator(self.discriminator(fake, batch[1]))
        return passed + self.l1 * F.l1_loss(fake, batch[0])
