"""The layers of a small convolutional network: pixels, shifts, blocks, and one dense layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mulle import nn
from mulle.arrays import Array
from mulle.nn import functional as F

FAR = 10.0  # beyond any pixel, which lies between 0 and 1: sums in float32 stay exact enough


class AsImage(nn.Module):
    """Lay pixels out as images [N, channels, side, side]; what is short of them is black.

    Args:
        features: numbers of a row.
        channels: numbers of a pixel.
        divisor: of the side.
    """

    def __init__(self, features: int, channels: int, divisor: int) -> None:
        super().__init__()
        self.channels = channels
        side = math.ceil(math.sqrt(math.ceil(features / channels)))
        self.side = -(-side // divisor) * divisor
        self.missing = channels * self.side**2 - features

    def forward(self, x: Any) -> Any:
        """Return the images of rows [N, features]."""
        x = F.clip(x, -FAR, FAR)
        if self.missing:
            zeros = x[:, :1] * 0.0
            x = F.concatenate(x, *[zeros] * self.missing, axis=1)
        return x.reshape(-1, self.channels, self.side, self.side)


class Jitter(nn.Module):
    """Move training images by some pixels at random, black behind them, and mirror some.

    Args:
        most: pixels, up, down, left or right.
        mirror: whether every other image is mirrored, left to right.
        seed: of the moves.
    """

    def __init__(self, most: int, *, mirror: bool, seed: int) -> None:
        super().__init__()
        self.most, self.mirror = most, mirror
        self._rng = np.random.default_rng(seed)

    def forward(self, x: Any) -> Any:
        """Return the images [N, channels, side, side]; themselves where nothing is trained."""
        if not self.training or not isinstance(x, nn.Tensor) or not (self.most or self.mirror):
            return x
        return nn.Tensor(self._moved(x.data))

    def _moved(self, images: Array) -> Array:
        most, (rows, _, height, width) = self.most, images.shape
        wide = np.pad(images, ((0, 0), (0, 0), (most, most), (most, most)))
        windows = np.lib.stride_tricks.sliding_window_view(wide, (height, width), axis=(2, 3))
        down, right = self._rng.integers(0, 2 * most + 1, (2, rows))
        moved = np.ascontiguousarray(windows[np.arange(rows), :, down, right])
        if self.mirror:
            turned = self._rng.integers(2, size=rows) == 1
            moved[turned] = moved[turned, :, :, ::-1]
        return moved


def network(
    features: int,
    outputs: int,
    *,
    channels: int,
    maps: Sequence[int],
    dropout: float,
    shift: float,
    mirror: bool,
    seed: int,
) -> nn.Sequential:
    """Return the layers, not yet trained.

    Args:
        features: numbers of a row: the pixels of an image, channel by channel.
        outputs: numbers that it gives.
        channels, maps, dropout, shift, mirror, seed: see `convolution`.
    """
    image = AsImage(features, channels, 2 ** len(maps))
    layers: list[Any] = [image, Jitter(round(shift * image.side), mirror=mirror, seed=seed)]
    before, side = channels, image.side
    for count in maps:
        layers += [nn.Conv2d(before, count, 3, padding=1), nn.BatchNorm2d(count), nn.ReLU()]
        layers += [nn.MaxPool2d(2)]
        before, side = count, side // 2
    layers += [nn.Flatten(), nn.Dropout(dropout), nn.Linear(before * side * side, outputs)]
    return nn.Sequential(*layers)
