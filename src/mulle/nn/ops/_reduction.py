"""What losses share: many of them made one number, and a look at what they are given."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mulle.errors import UnknownName
from mulle.nn.arrays import Array
from mulle.nn.shapes import ContractError

REDUCTIONS = ("mean", "sum", "none")


def known(reduction: str, names: tuple[str, ...] = REDUCTIONS) -> str:
    """The name itself.

    Raises:
        UnknownName: there is no such reduction.
    """
    if reduction not in names:
        raise UnknownName("reduction-unknown", "reduction", reduction, names)
    return reduction


def reduced(losses: Array, reduction: str, parts: Any = None) -> tuple[Array, Any]:
    """Mean, sum, or the losses themselves; and what one loss counts in it.

    Args:
        losses: of any shape.
        reduction: one of `REDUCTIONS`.
        parts: what a mean divides by, if it is not their number.
    """
    if known(reduction) == "none":
        return losses, 1.0
    if reduction == "sum":
        return losses.sum(), 1.0
    parts = losses.size if parts is None else parts
    share = 1 / parts if parts else math.nan
    return losses.sum() * share, share


def onnx_reduced(g: Any, losses: Any, reduction: str, parts: Any = None) -> Any:
    """The same in a graph."""
    if reduction == "none":
        return losses
    if reduction == "mean" and parts is None:
        return g.reduce_mean(losses, keepdims=False)
    total = g.reduce_sum(losses, keepdims=False)
    return total if reduction == "sum" else g.div(total, parts)


def onnx_length(g: Any, x: Any, axis: int) -> Any:
    """Length of an axis, as a number that can be calculated with."""
    length = g.gather(g.shape(x), g.constant_of(np.array(axis)))
    return g.cast(length, to=x.type.dtype)


def beside_rows(gradient: Array) -> Array:
    """Gradients of the losses of rows, so that they multiply rows; a single one as it is."""
    return gradient[:, None] if gradient.ndim else gradient


def kept_rows(target: Array, classes: int, ignore_index: int) -> Array | None:
    """Which rows count: those whose class is not `ignore_index`; None where all do.

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


def refuse_improbable(x: Array, name: str) -> None:
    """Look whether all lies in 0..1.

    Raises:
        ContractError: it does not.
    """
    if x.size and (x.min() < 0 or x.max() > 1):
        raise ContractError(
            "probability-out-of-range", argument=name, low=float(x.min()), high=float(x.max())
        )


def refuse_stretching(weight: Array | None, x: Array, name: str) -> None:
    """Look whether weights can be repeated to the shape of x, and do not stretch x instead.

    Raises:
        ContractError: they do.
    """
    if weight is not None and np.broadcast_shapes(weight.shape, x.shape) != x.shape:
        raise ContractError("weight-shape", argument=name)
