"""Normalisations as layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.tensor import Buffer, Parameter


def _ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


class BatchNorm(Module):
    """Each channel to mean 0 and variance 1: of the batch in training, remembered at inference.

    Args:
        num_features: channels, the second axis.
        eps: against division by 0.
        momentum: what the new batch weighs in what is remembered; None: all batches the same.
        affine: whether weight and bias follow.
        track_running_stats: whether to remember; if not, inference goes by its batch too.

    Shapes:
        x (n, num_features, ...) -> y (n, num_features, ...)

    catalogue  norm-batch norm-batch-eval norm-batch-limit
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        *,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        self.eps, self.momentum = eps, momentum
        self.weight = Parameter(_ones(num_features)) if affine else None
        self.bias = Parameter(_zeros(num_features)) if affine else None
        remembers = track_running_stats
        self.running_mean = Buffer(_zeros(num_features)) if remembers else None
        self.running_var = Buffer(_ones(num_features)) if remembers else None
        self.num_batches_tracked = Buffer(np.zeros((), np.int64)) if remembers else None

    def forward(self, x: Any) -> Any:
        """Compute; in training, remember."""
        mean, var = self.running_mean, self.running_var
        if mean is not None and not self.training:
            infer = OPS["batch_norm_inference"]
            return infer(x, mean, var, self.weight, self.bias, eps=self.eps)
        y, mean, var = OPS["batch_norm"](x, self.weight, self.bias, eps=self.eps)
        if self.running_mean is not None:
            m = math.prod(x.shape) // x.shape[1]
            self._remember(mean.detach().data, var.detach().data * (m / (m - 1)))
        return y

    def _remember(self, mean: Any, var: Any) -> None:
        """Running averages, of the variance with ddof 1."""
        self.num_batches_tracked.data += 1  # type: ignore[union-attr]
        new = self.momentum
        if new is None:
            new = 1 / int(self.num_batches_tracked.data)  # type: ignore[union-attr]
        for running, value in ((self.running_mean, mean), (self.running_var, var)):
            running.data *= 1 - new  # type: ignore[union-attr]
            running.data += new * value  # type: ignore[union-attr]


class BatchNorm1d(BatchNorm):
    """Batch normalisation of x (n, features) or (n, channels, length)."""


class BatchNorm2d(BatchNorm):
    """Batch normalisation of x (n, channels, height, width)."""


class LayerNorm(Module):
    """Each sample to mean 0 and variance 1 over its last axes, then weight and bias.

    Args:
        normalized_shape: lengths of those axes.
        eps: against division by 0.
        elementwise_affine: whether weight and bias follow.
        bias: whether there is a bias.

    Shapes:
        x (..., *normalized_shape) -> y (..., *normalized_shape)

    catalogue  norm-layer
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        *,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        self.normalized_shape, self.eps = _lengths(normalized_shape), eps
        shape, affine = self.normalized_shape, elementwise_affine
        self.weight = Parameter(_ones(*shape)) if affine else None
        self.bias = Parameter(_zeros(*shape)) if affine and bias else None

    def forward(self, x: Any) -> Any:
        """Compute."""
        parameters = (self.weight, self.bias)
        return _over_last(OPS["layer_norm"], x, parameters, self.normalized_shape, eps=self.eps)


class RMSNorm(Module):
    """Each sample divided by its root mean square over its last axes, then weight.

    Args:
        normalized_shape: lengths of those axes.
        eps: against division by 0; None: the smallest step of the type.
        elementwise_affine: whether a weight follows.
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float | None = None,
        *,
        elementwise_affine: bool = True,
    ) -> None:
        self.normalized_shape, self.eps = _lengths(normalized_shape), eps
        self.weight = Parameter(_ones(*self.normalized_shape)) if elementwise_affine else None

    def forward(self, x: Any) -> Any:
        """Compute."""
        return _over_last(OPS["rms_norm"], x, (self.weight,), self.normalized_shape, eps=self.eps)


class GroupNorm(Module):
    """Each group of channels of each sample to mean 0 and variance 1, then weight and bias.

    Args:
        num_groups: into how many the channels are parted.
        num_channels: the second axis.
        eps: against division by 0.
        affine: whether weight and bias follow.

    Shapes:
        x (n, num_channels, ...) -> y (n, num_channels, ...)
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, *, affine: bool = True
    ) -> None:
        self.num_groups, self.eps = num_groups, eps
        self.weight = Parameter(_ones(num_channels)) if affine else None
        self.bias = Parameter(_zeros(num_channels)) if affine else None

    def forward(self, x: Any) -> Any:
        """Compute."""
        settings = {"num_groups": self.num_groups, "eps": self.eps}
        return OPS["group_norm"](x, self.weight, self.bias, **settings)


def _lengths(normalized_shape: int | tuple[int, ...]) -> tuple[int, ...]:
    one = isinstance(normalized_shape, int)
    return (normalized_shape,) if one else tuple(normalized_shape)  # type: ignore[return-value,arg-type]


def _over_last(
    operation: Any, x: Any, parameters: tuple[Any, ...], axes: tuple[int, ...], **settings: Any
) -> Any:
    """An operation on the last axis, done on several at once."""
    if len(axes) == 1:
        return operation(x, *parameters, **settings)
    lengths = x.shape[1:]
    kept = lengths[: len(lengths) - len(axes)]
    flat = [p if p is None else p.reshape(-1) for p in parameters]
    y = operation(x.reshape(-1, *kept, math.prod(axes)), *flat, **settings)
    return y.reshape(-1, *lengths)
