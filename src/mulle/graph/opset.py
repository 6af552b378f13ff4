"""The namespace `g` of a graph's operators: ONNX 21 and ONNX-ML 5.

`g.mul(a, b)` adds a node. Only this room knows which library stands behind it; it is imported when
the first node is added, since programs that only run graphs save 0.3 s and 30 MB by that.
"""

from __future__ import annotations

from functools import cache
from typing import Any


class Opset:
    """The operators of ONNX and ONNX-ML, with shorthands that graphs often need."""

    def __getattr__(self, name: str) -> Any:
        core, ml = _opsets()
        return getattr(core, name, None) or getattr(ml, name)

    def constant_of(self, values: Any) -> Any:
        """Return a constant that holds a NumPy array."""
        return _opsets()[0].const(values)

    def batch_normalization(self, x: Any, *parameters: Any, epsilon: float) -> Any:
        """Return batch normalisation at inference; `parameters`: scale, bias, mean, variance.

        Written out, because spox declares the two outputs that only training has.
        """
        from onnx import helper
        from spox import inline

        kind = helper.np_dtype_to_tensor_dtype(x.type.dtype)
        names = ["x", "scale", "bias", "mean", "variance"]
        node = helper.make_node("BatchNormalization", names, ["y"], epsilon=epsilon)
        shapes = {"x": x.type.shape, "y": x.type.shape}
        inputs = [
            helper.make_tensor_value_info(n, kind, shapes.get(n, (x.type.shape[1],))) for n in names
        ]
        output = helper.make_tensor_value_info("y", kind, shapes["y"])
        body = helper.make_graph([node], "batch_normalization", inputs, [output])
        model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 21)])
        return inline(model)(x, *parameters)["y"]


@cache
def _opsets() -> tuple[Any, Any]:
    import spox.opset.ai.onnx.ml.v5 as ml
    import spox.opset.ai.onnx.v21 as core

    return core, ml


g = Opset()
