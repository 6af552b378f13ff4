"""Weights are initializers, transposed beforehand where they are read so, and nothing changes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from mulle.graph import open_session, run
from mulle.graph.weights import store_weights

X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
W = np.random.default_rng(1).normal(size=(2, 3)).astype(np.float32)


def model_of(nodes: list[onnx.NodeProto], outputs: list[str]) -> onnx.ModelProto:
    weight = helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(W))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3])
    shown = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in outputs
    ]
    graph = helper.make_graph([weight, *nodes], "net", [x], shown)
    opset = helper.make_opsetid("", 21)
    return helper.make_model(graph, opset_imports=[opset], ir_version=10)


def transposed(name: str = "t") -> onnx.NodeProto:
    return helper.make_node("Transpose", ["w"], [name], perm=[1, 0])


PRODUCT = helper.make_node("MatMul", ["x", "t"], ["y"])
CASES = {
    "only transposed": (model_of([transposed(), PRODUCT], ["y"]), {"t": W.T}),
    "without an order": (
        model_of([helper.make_node("Transpose", ["w"], ["t"]), PRODUCT], ["y"]),
        {"t": W.T},
    ),
    "read as it is too": (
        model_of([transposed(), PRODUCT, helper.make_node("Relu", ["w"], ["z"])], ["y", "z"]),
        {"w": W},
    ),
    "an output itself": (model_of([transposed(), PRODUCT], ["y", "t"]), {"w": W}),
    "transposed twice": (
        model_of([transposed(), transposed("u"), PRODUCT], ["y", "u"]),
        {"w": W},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_answers_stay_and_the_weights_move(case):
    model, weights = CASES[case]
    before = run(open_session(model.SerializeToString()), {"x": X})
    store_weights(model)
    onnx.checker.check_model(model)
    found = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    assert found.keys() == weights.keys()
    for name, values in weights.items():
        np.testing.assert_array_equal(found[name], values)
    assert "Constant" not in {node.op_type for node in model.graph.node}
    for ours, theirs in zip(
        run(open_session(model.SerializeToString()), {"x": X}), before, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_a_weight_that_a_branch_reads_is_left_as_it_is():
    inner = helper.make_node("Identity", ["w"], ["i"])
    shown = helper.make_tensor_value_info("i", TensorProto.FLOAT, None)
    branch = helper.make_graph([inner], "branch", [], [shown])
    asked = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.array(True)))
    choice = helper.make_node("If", ["c"], ["z"], then_branch=branch, else_branch=branch)
    model = model_of([transposed(), PRODUCT, asked, choice], ["y", "z"])
    store_weights(model)
    y, z = run(open_session(model.SerializeToString()), {"x": X})
    np.testing.assert_allclose(y, X @ W.T, rtol=1e-5)
    np.testing.assert_array_equal(z, W)
