"""Optimizers, and groups of parameters with learning rates of their own."""

from mulle.nn.optim.adagrad import Adagrad
from mulle.nn.optim.adam import Adam, AdamW, NAdam
from mulle.nn.optim.base import Optimizer
from mulle.nn.optim.bfgs import BFGS
from mulle.nn.optim.closure import ClosureOptimizer
from mulle.nn.optim.groups import Group, groups
from mulle.nn.optim.hessian_free import HessianFree
from mulle.nn.optim.lbfgs import LBFGS
from mulle.nn.optim.newton import Newton
from mulle.nn.optim.registry import OPTIMIZERS, optimizer
from mulle.nn.optim.rmsprop import RMSprop
from mulle.nn.optim.sgd import SGD

__all__ = [
    "BFGS",
    "LBFGS",
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "ClosureOptimizer",
    "Group",
    "HessianFree",
    "NAdam",
    "Newton",
    "Optimizer",
    "RMSprop",
    "groups",
    "optimizer",
]
