"""A model declared by its inputs and outputs, by calling layers on placeholders.

    x = nn.Input()
    h = F.relu(nn.Linear(20, 64)(x))
    model = nn.Model(x, nn.Linear(64, 2)(h))

Any directed graph without cycles: several inputs, several outputs, branches that join, layers used
twice (then their weights are shared).

catalogue  keras-func keras-multi
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mulle.errors import UsageError
from mulle.nn.module import Module
from mulle.nn.symbol import Placeholder


def Input() -> Placeholder:  # noqa: N802 - the name the field knows
    """Return an input of a `Model`; layers and operations can be called on it."""
    return Placeholder(None, (), {})


class Model(Module):
    """Compute the declared outputs from the declared inputs.

    Args:
        inputs: one `Input`, or several in the order in which the model is called with them.
        outputs: one output of a layer or operation, or several.

    Attributes:
        layers: all layers used, in the order of the computation.

    Raises:
        UsageError: an output depends on an `Input` that is not among the inputs.
    """

    def __init__(
        self,
        inputs: Placeholder | Sequence[Placeholder],
        outputs: Placeholder | Sequence[Placeholder],
    ) -> None:
        self._inputs = _as_list(inputs)
        self._single = isinstance(outputs, Placeholder)
        self._outputs = _as_list(outputs)
        self._order = _sort(self._outputs, self._inputs)
        made_by = [p.made_by for p in self._order]
        self.layers = list(dict.fromkeys(m for m in made_by if isinstance(m, Module)))

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the layers, named by their positions."""
        return ((f"layers.{i}", layer) for i, layer in enumerate(self.layers))

    def forward(self, *inputs: Any) -> Any:
        """Compute the outputs from one value for each input."""
        if len(inputs) != len(self._inputs):
            raise UsageError("model-inputs", expected=len(self._inputs), received=len(inputs))
        values = {id(p): x for p, x in zip(self._inputs, inputs, strict=True)}
        for p in self._order:
            given = (values[id(x)] if isinstance(x, Placeholder) else x for x in p.inputs)
            values[id(p)] = p.made_by(*given, **p.attrs)
        found = tuple(values[id(p)] for p in self._outputs)
        return found[0] if self._single else found


def _as_list(given: Placeholder | Sequence[Placeholder]) -> list[Placeholder]:
    return [given] if isinstance(given, Placeholder) else list(given)


def _sort(outputs: list[Placeholder], inputs: list[Placeholder]) -> list[Placeholder]:
    """Return all placeholders to compute, each after those it needs."""
    order: list[Placeholder] = []
    done = {id(p) for p in inputs}
    waiting = [(p, False) for p in reversed(outputs)]
    while waiting:
        p, ready = waiting.pop()
        if id(p) in done:
            continue
        if ready:
            done.add(id(p))
            order.append(p)
            continue
        if p.made_by is None:
            raise UsageError("model-input-missing")
        waiting.append((p, True))
        waiting += [(x, False) for x in reversed(p.inputs) if isinstance(x, Placeholder)]
    return order
