"""Normalizations as layers."""

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
    """Batch normalization: each channel gets mean 0 and variance 1.

    Training uses the statistics of the batch, inference the running ones.

    Args:
        num_features: number of channels, the second axis.
        eps: added to the variance, against division by 0.
        momentum: weight of the new batch in the running statistics; None weighs all batches alike.
        affine: whether to multiply by a learned weight and add a learned bias.
        track_running_stats: whether to keep running statistics; if not, inference uses its batch.

    Shapes:
        x (n, num_features, ...) -> y (n, num_features, ...)

    catalogue  norm-batch norm-batch-eval norm-batch-limit
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
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
        """Compute the output; in training, update the running statistics."""
        mean, var = self.running_mean, self.running_var
        if mean is not None and not self.training:
            infer = OPS["batch_norm_inference"]
            return infer(x, mean, var, self.weight, self.bias, eps=self.eps)
        y, mean, var = OPS["batch_norm"](x, self.weight, self.bias, eps=self.eps)
        if self.running_mean is not None:
            running = self.running_mean, self.running_var
            update_statistics(running, x, (mean, var), self._count_batch())
        return y

    def _count_batch(self) -> float:
        """Count a batch of training, and return its weight in the running statistics."""
        self.num_batches_tracked.data += 1  # type: ignore[union-attr]
        if self.momentum is not None:
            return self.momentum
        return 1 / int(self.num_batches_tracked.data)  # type: ignore[union-attr]


class BatchNorm1d(BatchNorm):
    """Batch normalization of x (n, features) or (n, channels, length)."""


class BatchNorm2d(BatchNorm):
    """Batch normalization of x (n, channels, height, width)."""


class LayerNorm(Module):
    """Layer normalization: each sample gets mean 0 and variance 1 over its last axes.

    Args:
        normalized_shape: lengths of these axes.
        eps: added to the variance, against division by 0.
        elementwise_affine: whether to multiply by a learned weight and add a learned bias.
        bias: whether to add a learned bias.

    Shapes:
        x (..., *normalized_shape) -> y (..., *normalized_shape)

    catalogue  norm-layer
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        self.normalized_shape, self.eps = as_lengths(normalized_shape), eps
        shape, affine = self.normalized_shape, elementwise_affine
        self.weight = Parameter(_ones(*shape)) if affine else None
        self.bias = Parameter(_zeros(*shape)) if affine and bias else None

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        parameters = (self.weight, self.bias)
        return over_last(OPS["layer_norm"], x, parameters, self.normalized_shape, eps=self.eps)


class RMSNorm(Module):
    """RMS normalization: each sample is divided by its root mean square over its last axes.

    Args:
        normalized_shape: lengths of these axes.
        eps: added to the mean square, against division by 0; None for the epsilon of the dtype.
        elementwise_affine: whether to multiply by a learned weight.
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float | None = None,
        elementwise_affine: bool = True,
    ) -> None:
        self.normalized_shape, self.eps = as_lengths(normalized_shape), eps
        self.weight = Parameter(_ones(*self.normalized_shape)) if elementwise_affine else None

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return over_last(OPS["rms_norm"], x, (self.weight,), self.normalized_shape, eps=self.eps)


class GroupNorm(Module):
    """Group normalization: each group of channels of each sample gets mean 0 and variance 1.

    Args:
        num_groups: number of groups; must divide num_channels.
        num_channels: number of channels, the second axis.
        eps: added to the variance, against division by 0.
        affine: whether to multiply by a learned weight and add a learned bias.

    Shapes:
        x (n, num_channels, ...) -> y (n, num_channels, ...)
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True
    ) -> None:
        self.num_groups, self.eps = num_groups, eps
        self.weight = Parameter(_ones(num_channels)) if affine else None
        self.bias = Parameter(_zeros(num_channels)) if affine else None

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        settings = {"num_groups": self.num_groups, "eps": self.eps}
        return OPS["group_norm"](x, self.weight, self.bias, **settings)


def update_statistics(running: Any, x: Any, batch: Any, weight: float) -> None:
    """Move running mean and variance towards those of a batch x; the variance has ddof 1."""
    m = math.prod(x.shape) // x.shape[1]
    mean, var = (value.detach().data for value in batch)
    for average, value in zip(running, (mean, var * (m / (m - 1))), strict=True):
        average.data *= 1 - weight
        average.data += weight * value


def as_lengths(normalized_shape: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return the lengths of the axes to normalize."""
    one = isinstance(normalized_shape, int)
    return (normalized_shape,) if one else tuple(normalized_shape)  # type: ignore[return-value,arg-type]


def over_last(
    operation: Any, x: Any, parameters: tuple[Any, ...], axes: tuple[int, ...], **settings: Any
) -> Any:
    """Apply an operation on the last axis to several axes at once."""
    if len(axes) == 1:
        return operation(x, *parameters, **settings)
    lengths = x.shape[1:]
    kept = lengths[: len(lengths) - len(axes)]
    flat = [p if p is None else p.reshape(-1) for p in parameters]
    y = operation(x.reshape(-1, *kept, math.prod(axes)), *flat, **settings)
    return y.reshape(-1, *lengths)
