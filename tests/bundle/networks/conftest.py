"""Rows of three kinds of flowers that are easy to tell apart, and graphs of any maker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
from onnx import TensorProto, helper, numpy_helper

NAMES, LABELS = ["길이", "width", "a b", "d"], ["개나리", "rose", "lily"]
ROWS = 240


@pytest.fixture(scope="session")
def rows() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, ROWS)
    x = rng.normal(size=(ROWS, 4)) + y[:, None] * [1.0, -1.0, 2.0, 0.0]
    frame = pl.DataFrame(x, schema=NAMES)
    return frame.with_columns(pl.Series("꽃", [LABELS[i] for i in y]), pl.Series("y", x[:, 0] * 2))


def graph(
    nodes: list[onnx.NodeProto],
    inputs: dict[str, tuple[Any, int]],
    outputs: dict[str, tuple[Any, int]],
    weights: dict[str, np.ndarray] | None = None,
    opset: int = 17,
    **others: int,
) -> onnx.ModelProto:
    """A graph of nodes; an input or output is its shape and its type."""
    made = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info(n, kind, shape) for n, (shape, kind) in inputs.items()],
        [helper.make_tensor_value_info(n, kind, shape) for n, (shape, kind) in outputs.items()],
        [numpy_helper.from_array(w, n) for n, w in (weights or {}).items()],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(*o) for o in others.items())]
    return helper.make_model(made, opset_imports=opsets, ir_version=8)


WEIGHTS = {
    "w": np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32),
    "b": np.array([0.1, -0.2, 0.3], np.float32),
}
FLOAT = TensorProto.FLOAT


def linear(*ending: onnx.NodeProto, rows: Any = "N", kind: Any = FLOAT, **how: Any) -> Any:
    """A layer of three logits `z`, and what stands behind it; the output is `y`."""
    last = list(ending) or [helper.make_node("Identity", ["z"], ["y"])]
    layer = helper.make_node("Gemm", ["x", "w", "b"], ["z"])
    how = {"inputs": {"x": ([rows, 4], kind)}, "outputs": {"y": ([rows, 3], FLOAT)}} | how
    return graph([layer, *last], weights=WEIGHTS, **how)


def logits(rows: pl.DataFrame) -> np.ndarray:
    """What `linear` gives, in float64."""
    x = rows.select(NAMES).to_numpy()
    return x @ WEIGHTS["w"].astype(float) + WEIGHTS["b"].astype(float)


def softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[onnx.ModelProto], Path]:
    def save(model: onnx.ModelProto) -> Path:
        path = tmp_path / "net.onnx"
        path.write_bytes(model.SerializeToString())
        return path

    return save
