"""Pooling layers."""

from __future__ import annotations

from typing import Any, ClassVar

from mulle.errors import DataError
from mulle.nn.layers._settings import refuse_settings
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.ops._windows import Size, each


class _MaxPool(Module):
    operation: ClassVar[str]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        refuse_settings(self, return_indices=return_indices, ceil_mode=ceil_mode)
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS[self.operation](
            x,
            kernel_size=self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )


class MaxPool1d(_MaxPool):
    """Max pooling: the largest value of each window of x (n, channels, length).

    Args:
        kernel_size: size of a window.
        stride: distance from one window to the next; None for windows side by side.
        padding: number of cells by which windows reach over each end; they never win.
        dilation: distance from one cell of a window to the next.

    catalogue  pool-max
    """

    operation = "max_pool1d"


class MaxPool2d(_MaxPool):
    """Max pooling: the largest value of each window of x (n, channels, h, w).

    Arguments as in `MaxPool1d`.

    catalogue  pool-max
    """

    operation = "max_pool2d"


class _AvgPool(Module):
    operation: ClassVar[str]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        refuse_settings(self, ceil_mode=ceil_mode)
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.count_include_pad = padding, count_include_pad

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS[self.operation](
            x,
            kernel_size=self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            count_include_pad=self.count_include_pad,
        )


class AvgPool1d(_AvgPool):
    """Average pooling: the mean of each window of x (n, channels, length).

    Args:
        kernel_size: size of a window.
        stride: distance from one window to the next; None for windows side by side.
        padding: number of zeros on both ends.
        count_include_pad: whether these zeros count in the mean.

    catalogue  pool-avg
    """

    operation = "avg_pool1d"


class AvgPool2d(_AvgPool):
    """Average pooling: the mean of each window of x (n, channels, h, w).

    Arguments as in `AvgPool1d`.

    catalogue  pool-avg
    """

    operation = "avg_pool2d"


class AdaptiveAvgPool2d(Module):
    """Average pooling to a given output size, by equal windows of x (n, channels, h, w).

    Args:
        output_size: number of windows along h and along w; 1 averages over the whole image.

    Raises:
        DataError: when called, if the windows would not be equal.

    catalogue  pool-avg
    """

    def __init__(self, output_size: Size) -> None:
        self.output_size = output_size

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        space, out = x.shape[2:], each(self.output_size, 2)
        if any(length % n for length, n in zip(space, out, strict=True)):
            raise DataError(
                "pool-uneven", output_size=str(self.output_size), received="×".join(map(str, space))
            )
        kernel = tuple(length // n for length, n in zip(space, out, strict=True))
        return OPS["avg_pool2d"](x, kernel_size=kernel)
