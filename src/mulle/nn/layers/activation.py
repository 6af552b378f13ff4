"""Activations as layers; each formula stands in the operation of the same name.

catalogue  act-why act-linear act-order
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mulle.nn.layers._noise import uniform_like
from mulle.nn.module import Module
from mulle.nn.ops import OPS
from mulle.nn.tensor import Parameter


class Activation(Module):
    """Apply an operation with fixed settings.

    Shapes:
        x (*) -> y (*)
    """

    operation: ClassVar[str]

    def __init__(self, inplace: bool = False, **settings: Any) -> None:
        self.settings = settings  # inplace has no effect on the answer

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS[self.operation](x, **self.settings)

    def _line(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings.items())
        return f"{type(self).__name__}({settings})"


class Identity(Module):
    """Return x as it is; arguments of the constructor are ignored."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def forward(self, x: Any) -> Any:
        """Return the input."""
        return x


class ReLU(Activation):
    """ReLU: y = max(0, x)."""

    operation = "relu"


class ReLU6(Activation):
    """ReLU6: y = min(max(0, x), 6)."""

    operation = "relu6"


class Sigmoid(Activation):
    """Sigmoid: y = 1 / (1 + e^-x)."""

    operation = "sigmoid"


class Tanh(Activation):
    """Hyperbolic tangent: y = tanh x."""

    operation = "tanh"


class SELU(Activation):
    """Scaled ELU, whose two constants keep mean 0 and variance 1.

    Initialize its weights with `init.lecun_normal`, and use `AlphaDropout`.
    """

    operation = "selu"


class Hardswish(Activation):
    """Hard swish: y = x min(max(0, x + 3), 6) / 6."""

    operation = "hardswish"


class Mish(Activation):
    """Mish: y = x tanh(ln(1 + e^x))."""

    operation = "mish"


class Softsign(Activation):
    """Softsign: y = x / (1 + |x|)."""

    operation = "softsign"


class LeakyReLU(Activation):
    """Leaky ReLU: y = x where x > 0, else negative_slope x."""

    operation = "leaky_relu"

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(negative_slope=negative_slope)


class ELU(Activation):
    """ELU: y = x where x > 0, else alpha (e^x - 1)."""

    operation = "elu"

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(alpha=alpha)


class GELU(Activation):
    """GELU: y = x P(x), P the normal distribution function; faster and approximate with "tanh"."""

    operation = "gelu"

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(approximate=approximate)


class SiLU(Activation):
    """SiLU: y = x / (1 + e^-x)."""

    operation = "silu"


class Softplus(Activation):
    """Softplus: y = ln(1 + e^(beta x)) / beta; x itself where beta x > threshold."""

    operation = "softplus"

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__(beta=beta, threshold=threshold)


class Softmax(Activation):
    """Softmax: probabilities along the axis `dim`."""

    operation = "softmax"

    def __init__(self, dim: int = -1) -> None:
        super().__init__(axis=dim)


class LogSoftmax(Activation):
    """Log-softmax: logarithms of probabilities along the axis `dim`."""

    operation = "log_softmax"

    def __init__(self, dim: int = -1) -> None:
        super().__init__(axis=dim)


class Swish(Module):
    """Swish: y = x / (1 + e^(-beta x)).

    Args:
        beta: steepness: 1 gives SiLU, 0 the line x / 2, large values come close to ReLU.
        learnable: whether beta is a parameter.
    """

    def __init__(self, beta: float = 1.0, *, learnable: bool = False) -> None:
        self.beta = Parameter(np.array(beta, np.float32)) if learnable else beta

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS["silu"](x, self.beta)


class PReLU(Module):
    """Parametric ReLU: y = x where x > 0, else weight x, with a learned weight.

    Args:
        num_parameters: 1, or the number of channels (second axis) for one weight per channel.
        init: initial value of the weights.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        self.weight = Parameter(np.full(num_parameters, init, np.float32))

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        return OPS["prelu"](x, self.weight)


class RReLU(Module):
    """Randomized ReLU: y = x where x > 0, else a x.

    In training, a is drawn for each entry; at inference it is the middle of the range.

    Args:
        lower: smallest a.
        upper: largest a.
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        self.lower, self.upper = lower, upper

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        if not self.training:
            return OPS["leaky_relu"](x, negative_slope=(self.lower + self.upper) / 2)
        return OPS["rrelu"](x, self.lower + (self.upper - self.lower) * uniform_like(x))
