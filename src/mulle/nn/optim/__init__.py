"""Optimizers."""

from mulle.nn.optim.adam import Adam
from mulle.nn.optim.base import Optimizer

__all__ = ["Adam", "Optimizer"]
