"""A neural engine: written in NumPy to be read, scaled in PyTorch, shipped in ONNX."""

from mulle.nn import clip, functional, init, optim, schedules
from mulle.nn.check import check_gradients, numerical_gradient
from mulle.nn.layers import Linear, ReLU, Sequential
from mulle.nn.memory import keep_pages
from mulle.nn.module import Module, watching
from mulle.nn.randomness import manual_seed
from mulle.nn.regularize import Penalty
from mulle.nn.tensor import Buffer, Parameter, Tensor, no_grad
from mulle.nn.train import EarlyStopping, History, Training, lr_range_test, train
from mulle.nn.weights import load, save

__all__ = [
    "Buffer",
    "EarlyStopping",
    "History",
    "Linear",
    "Module",
    "Parameter",
    "Penalty",
    "ReLU",
    "Sequential",
    "Tensor",
    "Training",
    "check_gradients",
    "clip",
    "functional",
    "init",
    "keep_pages",
    "load",
    "lr_range_test",
    "manual_seed",
    "no_grad",
    "numerical_gradient",
    "optim",
    "save",
    "schedules",
    "train",
    "watching",
]
