"""Losses as modules, with PyTorch's names and arguments; formulas stand in the operations.

catalogue  loss-what loss-choice
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.ops._reduction import REDUCTIONS, check_reduction
from mulle.nn.tensor import Buffer

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "GaussianKL",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "NLLLoss",
]


class Loss(Module):
    """Base class of losses: an operation on predictions and targets.

    Args:
        reduction: `mean`, `sum` or `none`.

    Raises:
        UnknownName: there is no such reduction.
    """

    operation: ClassVar[str]

    def __init__(self, reduction: str = "mean", **settings: Any) -> None:
        self.settings = {"reduction": check_reduction(reduction), **settings}

    def forward(self, x: Any, target: Any) -> Any:
        """Return the loss of predictions x."""
        return OPS[self.operation](x, target, **self.settings)


class MSELoss(Loss):
    """Squared error: l = (x - target)^2."""

    operation = "mse_loss"


class L1Loss(Loss):
    """Absolute error: l = |x - target|."""

    operation = "l1_loss"


class HuberLoss(Loss):
    """Huber loss: squared error up to `delta`, absolute error beyond it."""

    operation = "huber_loss"

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction, delta=delta)


class HingeLoss(Loss):
    """Hinge loss of scores against classes -1 and 1: l = max(0, margin - target x)."""

    operation = "hinge_loss"

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(reduction, margin=margin)


class GaussianKL(Loss):
    """Divergence of N(mean, e^log_var) from N(0, 1), the second term of a variational autoencoder.

    Call the loss on (mean, log_var).
    """

    operation = "gaussian_kl"


class KLDivLoss(Module):
    """Kullback-Leibler divergence of target probabilities from predicted log-probabilities.

    Args:
        reduction: `batchmean` gives the divergence, averaged over the batch; PyTorch's default
            `mean` does not, because it also divides by the number of classes.
    """

    def __init__(self, reduction: str = "batchmean") -> None:
        self.reduction = check_reduction(reduction, ("batchmean", *REDUCTIONS))

    def forward(self, x: Any, target: Any) -> Any:
        """Return the loss of log-probabilities x."""
        return OPS["kl_div"](x, target, reduction=self.reduction)


class WeightedLoss(Loss):
    """Base class of losses with weights of classes or entries.

    Args:
        weight: weight of each class, or of each entry.
        reduction: `mean`, `sum` or `none`.
    """

    def __init__(self, weight: Any = None, reduction: str = "mean", **settings: Any) -> None:
        super().__init__(reduction, **settings)
        self.weight = _buffer(weight)

    def forward(self, x: Any, target: Any) -> Any:
        """Return the loss of predictions x."""
        return OPS[self.operation](x, target, self.weight, **self.settings)


class BCELoss(WeightedLoss):
    """Binary cross-entropy of probabilities."""

    operation = "binary_cross_entropy"


class NLLLoss(WeightedLoss):
    """Negative log-likelihood of class ids; rows of class `ignore_index` do not count."""

    operation = "nll_loss"

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(weight, reduction, ignore_index=ignore_index)


class BCEWithLogitsLoss(WeightedLoss):
    """Binary cross-entropy of logits; `pos_weight` is the weight of a positive over a negative."""

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__(weight, reduction)
        self.pos_weight = _buffer(pos_weight)

    def forward(self, x: Any, target: Any) -> Any:
        """Return the loss of logits x."""
        loss = OPS["binary_cross_entropy_with_logits"]
        return loss(x, target, self.weight, self.pos_weight, **self.settings)


class CrossEntropyLoss(WeightedLoss):
    """Cross-entropy of logits against class ids (n), or against probabilities (n, classes).

    Args:
        weight: weight of each class, shape (classes,).
        ignore_index: class id of rows that do not count.
        reduction: `mean`, `sum` or `none`.
        label_smoothing: share of the target spread evenly over all classes, 0 to 1.
    """

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction, label_smoothing=label_smoothing)
        self.ignore_index = ignore_index

    def forward(self, x: Any, target: Any) -> Any:
        """Return the loss of logits x."""
        if target.ndim == x.ndim:
            return OPS["soft_cross_entropy"](x, target, self.weight, **self.settings)
        settings = {**self.settings, "ignore_index": self.ignore_index}
        return OPS["cross_entropy"](x, target, self.weight, **settings)


def _buffer(weight: Any) -> Buffer | None:
    return None if weight is None else Buffer(np.asarray(weight, np.float32))
