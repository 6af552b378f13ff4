"""How fast an exported graph answers: against the same network written in ONNX by hand.

Both hold the same weights and are run by ONNX Runtime on one thread; that they answer the same is
asserted first.

    pip install .
    python benchmarks/nn_export.py [--rounds 400]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
from common import header
from onnx import TensorProto, helper, numpy_helper

from mulle import nn

Nodes = list[Any]


def mlp() -> tuple[nn.Module, tuple[int, ...], Nodes]:
    """784-256-128-10 with ReLU."""
    net = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    return net, (784,), [
        gemm("x", "0", "a"), relu("a", "b"),
        gemm("b", "2", "c"), relu("c", "d"),
        gemm("d", "4", "y"),
    ]  # fmt: skip


def cnn() -> tuple[nn.Module, tuple[int, ...], Nodes]:
    """Two 3x3 convolutions (16, 32) with ReLU and 2x2 maxima on 28x28, and a linear head."""
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )  # fmt: skip
    return net, (1, 28, 28), [
        conv("x", "0", "a"), relu("a", "b"), pool("b", "c"),
        conv("c", "3", "d"), relu("d", "e"), pool("e", "f"),
        helper.make_node("Flatten", ["f"], ["g"]), gemm("g", "7", "y"),
    ]  # fmt: skip


def gemm(x: str, layer: str, y: str) -> Any:
    return helper.make_node("Gemm", [x, f"{layer}.weight", f"{layer}.bias"], [y], transB=1)


def conv(x: str, layer: str, y: str) -> Any:
    inputs = [x, f"{layer}.weight", f"{layer}.bias"]
    return helper.make_node("Conv", inputs, [y], kernel_shape=[3, 3], pads=[1] * 4)


def relu(x: str, y: str) -> Any:
    return helper.make_node("Relu", [x], [y])


def pool(x: str, y: str) -> Any:
    return helper.make_node("MaxPool", [x], [y], kernel_shape=[2, 2], strides=[2, 2])


def by_hand(net: nn.Module, shape: tuple[int, ...], nodes: Nodes) -> bytes:
    """The model as someone who knows ONNX writes it."""
    weights = [numpy_helper.from_array(w, name) for name, w in net.state_dict().items()]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 10])
    graph = helper.make_graph(nodes, "by_hand", [x], [y], weights)
    opset = [helper.make_opsetid("", 21)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def answering(model: bytes, x: np.ndarray) -> Callable[[], Any]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": x})[0]


def medians(first: Callable[[], Any], second: Callable[[], Any], rounds: int) -> list[float]:
    """Median seconds of each, in turns of ten of which the second half counts."""
    taken: dict[int, list[float]] = {0: [], 1: []}
    runs = (first, second)
    for turn in range(max(2, rounds // 10)):
        for which in (turn % 2, 1 - turn % 2):
            for i in range(10):
                begin = time.perf_counter()
                runs[which]()
                if i >= 5:
                    taken[which].append(time.perf_counter() - begin)
    return [statistics.median(taken[which]) for which in (0, 1)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=400)
    rounds = parser.parse_args().rounds
    header("inference: exported graph against one written by hand", "onnxruntime", "spox", "onnx")
    print("network   rows   exported us   by hand us   ratio (1 is equal, less is faster)")
    for make in (mlp, cnn):
        net, shape, nodes = make()
        for rows in (1, 256):
            x = np.random.default_rng(0).normal(size=(rows, *shape)).astype(np.float32)
            ours = answering(nn.to_onnx(net, x[:1].repeat(2, axis=0)).onnx, x)
            hand = answering(by_hand(net, shape, nodes), x)
            np.testing.assert_allclose(ours(), hand(), rtol=1e-4, atol=1e-5)
            a, b = medians(ours, hand, rounds if rows == 1 else rounds // 4)
            print(f"{make.__name__:9} {rows:5} {a * 1e6:12.1f} {b * 1e6:12.1f}   {a / b:.2f}")


if __name__ == "__main__":
    main()
