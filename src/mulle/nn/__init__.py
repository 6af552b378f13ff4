"""A neural engine: written in NumPy to be read, scaled in PyTorch, shipped in ONNX.

    net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
    nn.train(net, (x, y), loss="cross_entropy", epochs=20)
    nn.to_onnx(net, x[:2]).save("net.onnx")

Here is everything that builds and trains a network; operations are in `nn.functional`, whole
networks in `nn.networks`.
"""

from mulle.nn import clip, functional, init, layers, losses, optim, schedules
from mulle.nn.adapters import freeze, load_adapter, lora, merge, save_adapter
from mulle.nn.check import check_gradients, numerical_gradient
from mulle.nn.export import ExportWarning, to_onnx
from mulle.nn.layers import *  # noqa: F403 - each room lists its own
from mulle.nn.losses import *  # noqa: F403
from mulle.nn.memory import keep_pages
from mulle.nn.model import Input, Model
from mulle.nn.module import Module, watching
from mulle.nn.pretrained import from_pretrained
from mulle.nn.randomness import manual_seed, seeded
from mulle.nn.regularize import Penalty
from mulle.nn.summary import summary
from mulle.nn.symbol import symbol
from mulle.nn.tensor import Buffer, Parameter, Tensor, no_grad
from mulle.nn.train import EarlyStopping, History, ResumeWarning, Training, lr_range_test, train
from mulle.nn.weights import load, save

__all__ = [
    "Buffer",
    "EarlyStopping",
    "ExportWarning",
    "History",
    "Input",
    "Model",
    "Module",
    "Parameter",
    "Penalty",
    "ResumeWarning",
    "Tensor",
    "Training",
    "check_gradients",
    "clip",
    "freeze",
    "from_pretrained",
    "functional",
    "init",
    "keep_pages",
    "layers",
    "load",
    "load_adapter",
    "lora",
    "losses",
    "lr_range_test",
    "manual_seed",
    "merge",
    "no_grad",
    "numerical_gradient",
    "optim",
    "save",
    "save_adapter",
    "schedules",
    "seeded",
    "summary",
    "symbol",
    "to_onnx",
    "train",
    "watching",
]
__all__ += layers.__all__
__all__ += losses.__all__
