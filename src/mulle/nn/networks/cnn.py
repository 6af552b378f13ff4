"""Convolutional network for small images."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mulle.errors import UsageError
from mulle.nn.layers import Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential
from mulle.nn.module import Module


class CNN(Sequential):
    """Classify images by blocks of a 3x3 convolution, ReLU and 2x2 pooling, then dense layers.

    Each block keeps the image's size in its convolution (padding 1) and halves it in its pooling.

    Args:
        n_classes: number of classes, the logits of the output.
        image: channels, height and width; each block halves height and width.
        channels: number of feature maps of each block.
        hidden: width of a dense layer before the last one; 0 for none.
        dropout: share dropped before the last layer, 0 to 1.

    Shapes:
        x (n, *image) -> y (n, n_classes)

    Raises:
        UsageError: height or width is not divisible by 2 for each block.

    Source: LeCun et al. 1998, Gradient-based learning applied to document recognition.

    >>> CNN().n_parameters()
    20490

    catalogue  net-cnn conv-map conv-params
    """

    def __init__(
        self,
        n_classes: int = 10,
        *,
        image: tuple[int, int, int] = (1, 28, 28),
        channels: Sequence[int] = (16, 32),
        hidden: int = 0,
        dropout: float = 0.0,
    ) -> None:
        divisor = 2 ** len(channels)
        if image[1] % divisor or image[2] % divisor:
            raise UsageError(
                "image-size",
                layers=len(channels),
                height=image[1],
                width=image[2],
                divisor=divisor,
            )
        layers: list[Module] = []
        for n_in, n_out in pairwise((image[0], *channels)):
            layers += [Conv2d(n_in, n_out, 3, padding=1), ReLU(), MaxPool2d(2)]
        layers.append(Flatten())
        width = channels[-1] * (image[1] // divisor) * (image[2] // divisor)
        if hidden:
            layers += [Linear(width, hidden), ReLU()]
        layers += [Dropout(dropout)] if dropout else []
        super().__init__(*layers, Linear(hidden or width, n_classes))
