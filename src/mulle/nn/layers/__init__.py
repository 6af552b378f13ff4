"""Layers, with PyTorch's names, arguments and parameter names."""

from mulle.nn.layers.activation import ReLU
from mulle.nn.layers.container import Sequential
from mulle.nn.layers.linear import Linear

__all__ = ["Linear", "ReLU", "Sequential"]
