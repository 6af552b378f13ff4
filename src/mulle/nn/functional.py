"""Call operations as functions: `F.gelu(x)`, on tensors, torch tensors and graph symbols alike.

Arguments are PyTorch's, by position or by name. Where its function does more than the operation of
the name, as in drawing noise, the function stands here.
"""

from __future__ import annotations

from typing import Any

from mulle.errors import UnknownName
from mulle.nn.layers._noise import uniform_like
from mulle.nn.layers.norm import as_lengths, over_last, update_statistics
from mulle.nn.operation import Operation
from mulle.nn.ops import OPS

globals().update(OPS)

Shape = int | tuple[int, ...]


def dropout(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Set entries of x to 0 with probability p, and divide the others by 1 - p."""
    return _drop("dropout", x, p) if training else x


def alpha_dropout(x: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Set entries of x to SELU's lowest value with probability p, keeping mean and variance."""
    return _drop("alpha_dropout", x, p) if training else x


def _drop(operation: str, x: Any, p: float) -> Any:
    return OPS[operation](x, uniform_like(x), p=p) if p else x


def rrelu(
    x: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """Return x where x > 0, else a x; a is drawn in training, and the middle of its range else."""
    if not training:
        return OPS["leaky_relu"](x, negative_slope=(lower + upper) / 2)
    return OPS["rrelu"](x, lower + (upper - lower) * uniform_like(x))


def layer_norm(
    x: Any, normalized_shape: Shape | None = None, weight: Any = None, bias: Any = None,
    eps: float = 1e-5,
) -> Any:  # fmt: skip
    """Give each sample mean 0 and variance 1 over its last axes; over one where none are named."""
    return over_last(OPS["layer_norm"], x, (weight, bias), _axes(x, normalized_shape), eps=eps)


def rms_norm(
    x: Any, normalized_shape: Shape | None = None, weight: Any = None, eps: float | None = None
) -> Any:
    """Divide each sample by its root mean square over its last axes."""
    return over_last(OPS["rms_norm"], x, (weight,), _axes(x, normalized_shape), eps=eps)


def group_norm(
    x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Give each group of channels of each sample mean 0 and variance 1."""
    return OPS["group_norm"](x, weight, bias, num_groups=num_groups, eps=eps)


def batch_norm(
    x: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None,
    bias: Any = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """Give each channel mean 0 and variance 1: by the batch in training, else by running values.

    The running values are updated in training.
    """
    if not training and running_mean is not None:
        infer = OPS["batch_norm_inference"]
        return infer(x, running_mean, running_var, weight, bias, eps=eps)
    y, mean, var = OPS["batch_norm"](x, weight, bias, eps=eps)
    if running_mean is not None:
        update_statistics((running_mean, running_var), x, (mean, var), momentum)
    return y


def _axes(x: Any, normalized_shape: Shape | None) -> tuple[int, ...]:
    return as_lengths(x.shape[-1] if normalized_shape is None else normalized_shape)


def __getattr__(name: str) -> Operation:
    raise AttributeError(str(UnknownName("operation-unknown", "operation", name, OPS)))
