"""`g`, the operators that a graph is written with: ONNX 21 and ONNX-ML 5, as one namespace.

`g.mul(a, b)` adds a node. Only this room knows which library stands behind it.
"""

from __future__ import annotations

from typing import Any

import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as core


class Opset:
    """Looks an operator up in ONNX first, then in ONNX-ML; adds what graphs need constantly."""

    def __getattr__(self, name: str) -> Any:
        return getattr(core, name, None) or getattr(ml, name)

    def constant_of(self, values: Any) -> Any:
        """A constant holding a NumPy array."""
        return core.const(values)


g = Opset()
