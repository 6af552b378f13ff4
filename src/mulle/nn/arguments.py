"""The arguments of an operation as people write them: by position, or by PyTorch's names.

    F.max_pool2d(x, 2)      F.softmax(x, dim=-1)      F.cross_entropy(x, target, weight=w)

Behind the arrays, settings stand in PyTorch's order. A module whose own order differs, or where
PyTorch has settings in between that are not offered here, gives that order as `POSITIONAL`.
"""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from mulle.errors import UsageError
from mulle.nn.shapes import Contract

#: PyTorch's name -> ours
NAMES = {"attn_mask": "mask", "dim": "axis", "keepdim": "keepdims", "min": "low",
         "max": "high", "dim0": "first", "dim1": "second", "query": "q", "key": "k",
         "value": "v"}  # fmt: skip
#: settings without an effect on the answer
WITHOUT_EFFECT = frozenset({"inplace", "_stacklevel"})


class Arguments:
    """Know the arrays and settings of one operation.

    Args:
        name: name of the operation.
        module: its module.
        contract: its arrays.

    Attributes:
        most: most arrays that it takes.
        settings: names of its settings.
    """

    def __init__(self, name: str, module: ModuleType, contract: Contract) -> None:
        parameters = inspect.signature(module.forward).parameters
        self._name, self._arrays = name, [a.name for a in contract.inputs]
        many = any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
        self.most = 1_000_000 if many else len(self._arrays)
        own = tuple(list(parameters)[len(self._arrays) :])
        self.settings = frozenset(own)
        self.order: tuple[str, ...] = getattr(module, "POSITIONAL", own)

    def sort(
        self, inputs: tuple[Any, ...], attrs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arrays by position and the settings by name.

        Raises:
            UsageError: there are too many arguments, or a name is unknown, or given twice.
        """
        beyond = inputs[self.most :]
        if len(beyond) > len(self.order):
            raise UsageError("operation-arguments", operation=self._name, received=len(inputs),
                             expected=self.most + len(self.order))  # fmt: skip
        arrays: list[Any] = list(inputs[: self.most])
        given_by_position, settings = len(arrays), dict[str, Any]()
        given = [*zip(self.order, beyond, strict=False), *attrs.items()]
        for theirs, value in given:
            name = self._own_name(theirs)
            place = self._arrays.index(name) if name in self._arrays else -1
            if place >= given_by_position and (place >= len(arrays) or arrays[place] is None):
                arrays += [None] * (place + 1 - len(arrays))
                arrays[place] = value
            elif name in self.settings and name not in settings:
                settings[name] = value
            elif not self._is_default(theirs, value):
                raise UsageError("operation-setting-unknown", operation=self._name, setting=theirs,
                                 known=[*self._arrays, *sorted(self.settings)])  # fmt: skip
        return tuple(arrays), settings

    def _own_name(self, name: str) -> str:
        if name in self.settings or name in self._arrays:
            return name
        first = {"input": 0, "other": 1}.get(name, len(self._arrays))
        return self._arrays[first] if first < len(self._arrays) else NAMES.get(name, name)

    def _is_default(self, name: str, value: Any) -> bool:
        """Return whether leaving a setting out gives what PyTorch's default gives."""
        return name in WITHOUT_EFFECT or (name in self.order and not value)
