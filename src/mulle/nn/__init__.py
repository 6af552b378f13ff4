"""A neural engine: written in NumPy to be read, scaled in PyTorch, shipped in ONNX.

    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
    nn.to_onnx(net, x[:2]).save("net.onnx")

Here is everything that builds and trains a network; operations are in `nn.functional`, whole
networks in `nn.networks`.
"""

from mulle.nn import functional, init, layers, optim, schedules
from mulle.nn.export import to_onnx
from mulle.nn.layers import *  # noqa: F403 - they are listed where they are made
from mulle.nn.model import Input, Model
from mulle.nn.module import Module, watching
from mulle.nn.randomness import manual_seed, seeded
from mulle.nn.summary import summary
from mulle.nn.symbol import symbol
from mulle.nn.tensor import Buffer, Parameter, Tensor, no_grad

__all__ = [
    "Buffer",
    "Input",
    "Model",
    "Module",
    "Parameter",
    "Tensor",
    "functional",
    "init",
    "layers",
    "manual_seed",
    "no_grad",
    "optim",
    "schedules",
    "seeded",
    "summary",
    "symbol",
    "to_onnx",
    "watching",
]
__all__ += layers.__all__
