"""A neural engine: written in NumPy to be read, scaled in PyTorch, shipped in ONNX."""

from mulle.nn import functional, init, optim
from mulle.nn.export import to_onnx
from mulle.nn.layers import Linear, ReLU, Sequential
from mulle.nn.model import Input, Model
from mulle.nn.module import Module, watching
from mulle.nn.randomness import manual_seed, seeded
from mulle.nn.summary import summary
from mulle.nn.symbol import symbol
from mulle.nn.tensor import Buffer, Parameter, Tensor, no_grad

__all__ = [
    "Buffer",
    "Input",
    "Linear",
    "Model",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Tensor",
    "functional",
    "init",
    "manual_seed",
    "no_grad",
    "optim",
    "seeded",
    "summary",
    "symbol",
    "to_onnx",
    "watching",
]
