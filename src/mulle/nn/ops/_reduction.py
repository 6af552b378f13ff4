"""Helpers of losses: reductions, and checks of their inputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.errors import UnknownName
from mulle.nn.arrays import Array
from mulle.nn.shapes import ContractError

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(reduction: str, names: tuple[str, ...] = REDUCTIONS) -> str:
    """Return the name of a reduction after checking it.

    Raises:
        UnknownName: there is no such reduction.
    """
    if reduction not in names:
        raise UnknownName("reduction-unknown", "reduction", reduction, names)
    return reduction


def reduce(losses: Array, reduction: str, parts: Any = None) -> tuple[Array, Any]:
    """Return the mean, the sum, or the losses themselves, and the weight of one loss in it.

    Args:
        losses: losses, of any shape.
        reduction: one of `REDUCTIONS`.
        parts: divisor of the mean; the number of losses where None.
    """
    if check_reduction(reduction) == "none":
        return losses, 1.0
    if reduction == "sum":
        return losses.sum(), 1.0
    parts = losses.size if parts is None else parts
    share = 1 / parts if parts else math.nan
    return losses.sum() * share, share


def onnx_reduce(g: Any, losses: Any, reduction: str, parts: Any = None) -> Any:
    """Add the reduction to a graph."""
    if reduction == "none":
        return losses
    if reduction == "mean" and parts is None:
        return g.reduce_mean(losses, keepdims=False)
    total = g.reduce_sum(losses, keepdims=False)
    return total if reduction == "sum" else g.div(total, parts)


def onnx_length(g: Any, x: Any, axis: int) -> Any:
    """Return the length of an axis as a number of the graph's type."""
    length = g.gather(g.shape(x), g.constant_of(np.array(axis)))
    return g.cast(length, to=x.type.dtype)


def align_rows(gradient: Array) -> Array:
    """Reshape the gradients of row losses so that they multiply rows; a scalar stays as it is."""
    return gradient[:, None] if gradient.ndim else gradient


def select_rows(target: Array, classes: int, ignore_index: int) -> Array | None:
    """Return which rows count, those whose class is not `ignore_index`; None where all do.

    Raises:
        ContractError: a class is not in 0 .. classes - 1.
    """
    # A negative id is a huge one when it is read without its sign.
    outside = target.size and target.astype(np.uint64).max() >= classes
    if not outside and not 0 <= ignore_index < classes:
        return None
    kept = target != ignore_index
    wrong = target[kept & ((target < 0) | (target >= classes))]
    if wrong.size:
        raise ContractError("class-out-of-range", label=int(wrong[0]), last=classes - 1)
    return kept


def check_probabilities(x: Array, name: str) -> None:
    """Check that all entries lie between 0 and 1; nan does not.

    Raises:
        ContractError: an entry does not.
    """
    if x.size and not (x.min() >= 0 and x.max() <= 1):  # nan too
        raise ContractError(
            "probability-out-of-range", argument=name, low=float(x.min()), high=float(x.max())
        )


def check_broadcast(weight: Array | None, x: Array, name: str) -> None:
    """Check that weights broadcast to the shape of x without stretching x.

    Raises:
        ContractError: they would stretch x.
    """
    if weight is not None and np.broadcast_shapes(weight.shape, x.shape) != x.shape:
        raise ContractError("weight-shape", argument=name)
