"""A container that calls layers one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mulle.nn.module import Module


class Sequential(Module):
    """Call each layer on the output of the one before it.

    catalogue  keras-seq
    """

    def __init__(self, *layers: Module) -> None:
        self.layers = list(layers)

    def forward(self, x: Any) -> Any:
        """Compute the output of the layer."""
        for layer in self.layers:
            x = layer(x)
        return x

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the layers, named by their positions."""
        return ((str(i), layer) for i, layer in enumerate(self.layers))

    def __getitem__(self, i: int) -> Module:
        return self.layers[i]

    def __len__(self) -> int:
        return len(self.layers)
