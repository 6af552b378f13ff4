"""Registry of the optimizers by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mulle.errors import UnknownName
from mulle.nn.optim.adagrad import Adagrad
from mulle.nn.optim.adam import Adam, AdamW, NAdam
from mulle.nn.optim.base import Optimizer
from mulle.nn.optim.bfgs import BFGS
from mulle.nn.optim.hessian_free import HessianFree
from mulle.nn.optim.lbfgs import LBFGS
from mulle.nn.optim.newton import Newton
from mulle.nn.optim.rmsprop import RMSprop
from mulle.nn.optim.sgd import SGD

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": NAdam,
    "lbfgs": LBFGS,
    "bfgs": BFGS,
    "newton": Newton,
    "hessian-free": HessianFree,
}


def optimizer(name: str, parameters: Iterable[Any], **settings: Any) -> Optimizer:
    """Make an optimizer by its name.

    Args:
        name: one of `OPTIMIZERS`.
        parameters: parameters to change, or groups of them.
        settings: arguments of the optimizer; those that are None keep their defaults.

    Raises:
        UnknownName: there is no optimizer of this name.
    """
    if name not in OPTIMIZERS:
        raise UnknownName("optimizer-unknown", "optimizer", name, OPTIMIZERS)
    given = {k: v for k, v in settings.items() if v is not None}
    return OPTIMIZERS[name](parameters, **given)
