"""Groups of parameters with learning rates and weight decays of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from mulle.errors import UnknownName


class Group(NamedTuple):
    """Hold parameters that share two factors.

    Attributes:
        parameters: parameters of one model.
        lr_factor: factor of the optimizer's learning rate.
        decay_factor: factor of the optimizer's weight decay; 0 for none.
    """

    parameters: tuple[Any, ...]
    lr_factor: float = 1.0
    decay_factor: float = 1.0


def groups(model: Any, factors: Mapping[str, tuple[float, float]]) -> list[Group]:
    """Group a model's parameters by the first pattern that fits their names.

    Args:
        model: the module; its other parameters get the factors 1.
        factors: patterns of names, as for file names, with their (lr_factor, decay_factor).

    Raises:
        UnknownName: no parameter has a name like a pattern.

    >>> from mulle import nn
    >>> net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    >>> [(len(g.parameters), g.lr_factor) for g in groups(net, {"*.bias": (0.1, 0.0)})]
    [(2, 0.1), (2, 1.0)]
    """
    named = list(model.named_parameters())
    taken: dict[str, list[Any]] = {pattern: [] for pattern in [*factors, "*"]}
    for name, parameter in named:
        taken[next(p for p in taken if fnmatchcase(name, p))].append(parameter)
    for pattern in factors:
        if not any(fnmatchcase(name, pattern) for name, _ in named):
            raise UnknownName(
                "parameter-unknown", "parameter-like", pattern, [name for name, _ in named]
            )
    every = {**dict.fromkeys(taken, (1.0, 1.0)), **factors}
    return [Group(tuple(found), *every[p]) for p, found in taken.items() if found]


def as_groups(parameters: Iterable[Any]) -> list[Group]:
    """Return groups as they are, and bare parameters as one group."""
    given = list(parameters)
    if given and all(isinstance(g, Group) for g in given):
        return given
    return [Group(tuple(given))]
