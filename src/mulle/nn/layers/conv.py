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
    """What all convolutions have; a subclass says over how many axes."""

    axes: ClassVar[int]
    kernel_size: Size

    def _learn(self, rows: int, columns: int, out: int, *, bias: bool) -> None:
        """Weights (rows, columns, *kernel) and bias (out), begun as PyTorch does."""
        kernel = each(self.kernel_size, self.axes)
        fan_in = columns * prod(kernel)
        self.weight = Parameter(init.by_fan_in((rows, columns, *kernel), fan_in))
        self.bias = Parameter(init.by_fan_in((out,), fan_in)) if bias else None


class _Forward(_Convolution):
    """See `Conv2d`."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        *,
        bias: bool = True,
    ) -> None:
        _check_groups(in_channels, out_channels, groups)
        self.kernel_size, self.stride, self.dilation = kernel_size, stride, dilation
        self.groups = groups
        self.padding = self._same(padding) if isinstance(padding, str) else padding
        self._learn(out_channels, in_channels // groups, out_channels, bias=bias)

    def _same(self, padding: str) -> Sizes:
        """The numbers that "same" and "valid" stand for."""
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
        """Compute."""
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
    """Convolution over time, or over the places of a text; arguments as in `Conv2d`.

    Shapes:
        x (n, in_channels, length) -> y (n, out_channels, length_out)

    catalogue  net-1dcnn
    """

    axes = 1


class Conv2d(_Forward):
    """Convolution over pictures: y = b + the windows of x times W.

    Args:
        in_channels: channels of x.
        out_channels: channels of y.
        kernel_size: lengths of a window; one number for all axes, or one for each.
        stride: from one window to the next.
        padding: zeros on each side, or "same" for y as long as x, or "valid" for none.
        dilation: from one cell of the window to the next.
        groups: how many parts the channels are in; each part of y sees its part of x alone.
        bias: whether there is a b.

    Raises:
        UsageError: the groups do not divide the channels, or "same" is not possible.

    Shapes:
        x (n, in_channels, h, w) -> y (n, out_channels, h_out, w_out)

    catalogue  conv-2d conv-params net-cnn
    """

    axes = 2


class _Transposed(_Convolution):
    """See `ConvTranspose2d`."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        *,
        bias: bool = True,
        dilation: Size = 1,
    ) -> None:
        _check_groups(in_channels, out_channels, groups)
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.output_padding, self.groups, self.dilation = output_padding, groups, dilation
        self._learn(in_channels, out_channels // groups, out_channels, bias=bias)

    def forward(self, x: Any) -> Any:
        """Compute."""
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
    """Transposed convolution: each entry of x is spread over a window of a larger y by W.

    Args:
        in_channels: channels of x.
        out_channels: channels of y.
        kernel_size: lengths of a window.
        stride: from one window to the next.
        padding: how much of y is cut away on each side.
        output_padding: added to the length of y on one side.
        groups: how many parts the channels are in.
        bias: whether there is a b.
        dilation: from one cell of the window to the next.

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
