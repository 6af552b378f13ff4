"""Layers one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mulle.nn.module import Module


class Sequential(Module):
    """Each layer on what the one before it gives.

    catalogue  keras-seq
    """

    def __init__(self, *layers: Module) -> None:
        self.layers = list(layers)

    def forward(self, x: Any) -> Any:
        """Compute."""
        for layer in self.layers:
            x = layer(x)
        return x

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The layers, named by their places."""
        return ((str(i), layer) for i, layer in enumerate(self.layers))

    def __getitem__(self, i: int) -> Module:
        return self.layers[i]

    def __len__(self) -> int:
        return len(self.layers)
