"""Step 11. The model, called on a symbol, writes its own graph · 심볼로 부르면 그래프가 된다

No part of the model knows what it is called on. Hand it a symbol, a tensor without numbers that has
only a name: each operation then adds a node to a list instead of computing. The list is the ONNX
graph, and it runs wherever ONNX runs.
"""

from importlib import import_module

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

Tensor = import_module("05_arrays").Tensor
modules = import_module("08_modules")
Linear = import_module("10_fused").Linear


class Symbol:
    """Stands where a tensor would, and writes down what is done to it."""

    def __init__(self, name, nodes, weights):
        self.name, self.nodes, self.weights = name, nodes, weights

    def do(self, operation, *others):
        """Add a node; tensors among the inputs become weights of the graph."""
        names = [self.name]
        for other in others:
            names.append(f"weight{len(self.weights)}")
            self.weights.append(numpy_helper.from_array(other.data.astype(np.float32), names[-1]))
        result = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation.onnx, names, [result]))
        return Symbol(result, self.nodes, self.weights)


def to_onnx(model, inputs):
    """The bytes of a graph that answers as the model does, for any number of rows."""
    nodes, weights = [], []
    y = model(Symbol("x", nodes, weights))
    ends = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", inputs]),
            helper.make_tensor_value_info(y.name, TensorProto.FLOAT, None)]  # fmt: skip
    graph = helper.make_graph(nodes, "steps", ends[:1], ends[1:], weights)
    opset = helper.make_opsetid("", 18)
    return helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()


if __name__ == "__main__":
    rng = np.random.default_rng(11)
    model = modules.Sequential(Linear(4, 8, rng), modules.ReLU(), Linear(8, 3, rng))
    graph = to_onnx(model, 4)
    x = rng.normal(size=(5, 4))
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    answer = session.run(None, {"x": x.astype(np.float32)})[0]
    print(
        f"{len(graph)} bytes; largest difference {np.abs(answer - model(Tensor(x)).data).max():.1e}"
    )

    assert np.allclose(answer, model(Tensor(x)).data, atol=1e-5)
