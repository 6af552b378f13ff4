"""Convolution layers."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

from mulle.errors import UsageError
from mulle.nn import init
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.ops._windows import Size, Sizes, each
from mulle.nn.tensor import Parameter


class _Convolution(Module):
    """Base class of convolutions; a subclass sets the number of axes."""

    axes: ClassVar[int]
    kernel_size: Size

    def _create_weights(self, rows: int, columns: int, out: int, *, bias: bool) -> None:
        """Create weights (rows, columns, *kernel) and bias (out), initialized as in PyTorch."""
        kernel = each(self.kernel_size, self.axes)
        fan_in = columns * prod(kernel)
        self.weight = Parameter(init.by_fan_in((rows, columns, *kernel), fan_in))
        self.bias = Parameter(init.by_fan_in((out,), fan_in)) if bias else None


class _Forward(_Convolution):
    """Base class of the convolutions; `Conv2d` documents the arguments."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        _check_groups(in_channels, out_channels, groups)
        self.kernel_size, self.stride, self.dilation = kernel_size, stride, dilation
        self.groups = groups
        self.padding = self._resolve_padding(padding) if isinstance(padding, str) else padding
        self._create_weights(out_channels, in_channels // groups, out_channels, bias=bias)

    def _resolve_padding(self, padding: str) -> Sizes:
        """Return the numbers that "same" and "valid" stand for."""
        if padding == "valid":
            return (0,) * self.axes
        kernel, dilation = each(self.kernel_size, self.axes), each(self.dilation, self.axes)
        reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        if (
            padding != "same"
            or set(each(self.stride, self.axes)) != {1}
            or any(r % 2 for r in reach)
        ):
            raise UsageError(
                "convolution-padding",
                padding=padding,
                kernel_size=str(self.kernel_size),
                stride=str(self.stride),
                dilation=str(self.dilation),
            )
        return tuple(r // 2 for r in reach)

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS[f"conv{self.axes}d"](
            x,
            self.weight,
            self.bias,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )


class Conv1d(_Forward):
    """Convolution over time or over the positions of a text; arguments as in `Conv2d`.

    Shapes:
        x (n, in_channels, length) -> y (n, out_channels, length_out)

    catalogue  net-1dcnn
    """

    axes = 1


class Conv2d(_Forward):
    """Convolution over images: y = b + W times each window of x.

    Args:
        in_channels: number of channels of x.
        out_channels: number of channels of y.
        kernel_size: size of a window; one number for all axes, or one per axis.
        stride: distance from one window to the next.
        padding: number of zeros on each side, or "same" for y as long as x, or "valid" for none.
        dilation: distance from one cell of the window to the next.
        groups: number of groups of channels; each group of y sees only its group of x.
        bias: whether to add a learned b.

    Raises:
        UsageError: the groups do not divide the channels, or "same" is not possible.

    Shapes:
        x (n, in_channels, h, w) -> y (n, out_channels, h_out, w_out)

    catalogue  conv-2d conv-params net-cnn
    """

    axes = 2


class _Transposed(_Convolution):
    """Base class of the transposed convolutions; `ConvTranspose2d` documents the arguments."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
    ) -> None:
        _check_groups(in_channels, out_channels, groups)
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.output_padding, self.groups, self.dilation = output_padding, groups, dilation
        self._create_weights(in_channels, out_channels // groups, out_channels, bias=bias)

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS[f"conv_transpose{self.axes}d"](
            x,
            self.weight,
            self.bias,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            groups=self.groups,
            dilation=self.dilation,
        )


class ConvTranspose1d(_Transposed):
    """Transposed convolution over one axis; arguments as in `ConvTranspose2d`.

    Shapes:
        x (n, in_channels, length) -> y (n, out_channels, length_out)
    """

    axes = 1


class ConvTranspose2d(_Transposed):
    """Transposed convolution: W spreads each entry of x over a window of a larger y.

    Args:
        in_channels: number of channels of x.
        out_channels: number of channels of y.
        kernel_size: size of a window.
        stride: distance from one window to the next.
        padding: number of entries of y cut off on each side.
        output_padding: number of entries added to y on one side.
        groups: number of groups of channels.
        bias: whether to add a learned b.
        dilation: distance from one cell of the window to the next.

    Raises:
        UsageError: the groups do not divide the channels.

    Shapes:
        x (n, in_channels, h, w) -> y (n, out_channels, h_out, w_out)

    catalogue  gan-dcgan
    """

    axes = 2


def _check_groups(in_channels: int, out_channels: int, groups: int) -> None:
    if in_channels % groups or out_channels % groups:
        raise UsageError(
            "convolution-groups", groups=groups, in_channels=in_channels, out_channels=out_channels
        )
