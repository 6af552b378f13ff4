"""Layers, with PyTorch's names, arguments and parameter names."""

from mulle.nn.layers.activation import (
    ELU,
    GELU,
    SELU,
    Hardswish,
    Identity,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Swish,
    Tanh,
)
from mulle.nn.layers.container import (
    Sequential,
)
from mulle.nn.layers.dropout import (
    AlphaDropout,
    Dropout,
    GaussianNoise,
)
from mulle.nn.layers.hierarchical import (
    HierarchicalSoftmax,
)
from mulle.nn.layers.linear import (
    Linear,
)
from mulle.nn.layers.norm import (
    BatchNorm1d,
    BatchNorm2d,
    GroupNorm,
    LayerNorm,
    RMSNorm,
)
from mulle.nn.layers.shape import (
    Flatten,
    Unflatten,
)

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "AlphaDropout",
    "BatchNorm1d",
    "BatchNorm2d",
    "Dropout",
    "Flatten",
    "GaussianNoise",
    "GroupNorm",
    "Hardswish",
    "HierarchicalSoftmax",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RMSNorm",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Swish",
    "Tanh",
    "Unflatten",
]
