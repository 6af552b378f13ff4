"""Summarize a model: each layer with its output shape and its number of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mulle.i18n.format import display_width
from mulle.language import messages
from mulle.nn.module import Module, is_parameter, watching
from mulle.nn.tensor import no_grad


@dataclass(frozen=True)
class Row:
    """Describe one layer: its path, its class, its output shape, its own number of parameters."""

    name: str
    kind: str
    shape: str
    parameters: int


@dataclass(frozen=True)
class Summary:
    """Hold the layers of a model; `print` shows them as a table, in the person's language.

    Attributes:
        rows: the layers, in the order in which they were computed.
        parameters: number of parameters in all, shared ones counted once.
        buffers: number of values in buffers.
    """

    rows: list[Row]
    parameters: int
    buffers: int

    def __str__(self) -> str:

        known = messages()
        cells = [tuple(known(f"nn-summary.{key}") for key in ("layer", "output", "parameters"))]
        cells += [(f"{r.name} ({r.kind})", r.shape, f"{r.parameters:,}") for r in self.rows]
        widths = [max(display_width(row[i]) for row in cells) for i in range(3)]
        lines = []
        for row in cells:
            gaps = [" " * (w - display_width(text)) for w, text in zip(widths, row, strict=True)]
            lines.append(f"{row[0]}{gaps[0]}  {row[1]}{gaps[1]}  {gaps[2]}{row[2]}")
        rule = "-" * (sum(widths) + 4)
        total = known(
            "nn-summary.total-buffers" if self.buffers else "nn-summary.total",
            parameters=self.parameters,
            buffers=self.buffers,
            size=4 * (self.parameters + self.buffers),
        )
        return "\n".join([lines[0], rule, *lines[1:], rule, total])


def summary(model: Module, *inputs: Any) -> Summary:
    """Call a model once and list its layers.

    Args:
        model: the model.
        inputs: arrays to call it with, for example two rows of its data.

    Returns:
        A `Summary`; `print` it.

    >>> import numpy as np
    >>> from mulle import nn
    >>> net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
    >>> print(summary(net, np.zeros((32, 20), np.float32)))
    layer       output    parameters
    --------------------------------
    0 (Linear)  (32, 64)       1,344
    1 (ReLU)    (32, 64)           0
    2 (Linear)  (32, 2)          130
    --------------------------------
    1,474 parameters: 5.90 KB in float32
    """
    names = {id(module): name for name, module in model.named_modules()}
    rows: dict[int, Row] = {}

    def note(module: Module, _: tuple[Any, ...], output: Any) -> None:
        own = [value for value in vars(module).values() if is_parameter(value)]
        if next(module.named_children(), None) is None or own:
            count = sum(p.data.size if hasattr(p.data, "size") else p.numel() for p in own)
            kind, name = type(module).__name__, names.get(id(module), "")
            rows.setdefault(id(module), Row(name or "model", kind, _shape(output), int(count)))

    training = {id(m): m.training for m in model.modules()}
    with no_grad(), watching(note):
        model.eval()(*inputs)
    for module in model.modules():
        module.training = training[id(module)]
    learned = model.n_parameters()
    return Summary(list(rows.values()), learned, model.n_buffers())


def _shape(output: Any) -> str:
    parts = output if isinstance(output, tuple) else (output,)
    return ", ".join(str(tuple(part.shape)) for part in parts if hasattr(part, "shape"))
