"""Dropout as a layer."""

from __future__ import annotations

from typing import Any

from mulle.nn.module import Module
from mulle.nn.ops import OPS


class Dropout(Module):
    """Sets a share p of the entries to 0 in training, and scales the others up by 1 / (1 - p)."""

    def __init__(self, p: float = 0.5) -> None:
        self.p = p

    def forward(self, x: Any) -> Any:
        """Compute."""
        return OPS["dropout"](x, p=self.p) if self.training and self.p else x
