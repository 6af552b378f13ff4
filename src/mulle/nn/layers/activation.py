"""Activations as layers."""

from __future__ import annotations

from typing import Any

from mulle.nn.module import Module
from mulle.nn.ops import OPS


class ReLU(Module):
    """max(0, x)."""

    def forward(self, x: Any) -> Any:
        """Compute."""
        return OPS["relu"](x)
