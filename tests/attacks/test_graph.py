"""Graphs that read files, bring operators of their own, or are of another model."""

from __future__ import annotations

import pytest
from onnx import ModelProto, TensorProto, helper

from mulle.bundle import load
from mulle.errors import BundleError


def refused(members, write, change) -> tuple[str, str]:
    """Why a graph is refused, and what of it."""
    model = ModelProto()
    model.ParseFromString(members["model.onnx"])
    change(model)
    path = write(members | {"model.onnx": model.SerializeToString()})
    with pytest.raises(BundleError) as caught:
        load(path)
    assert caught.value.code == "bundle-damaged"
    return caught.value.values["reason"], caught.value.where.removeprefix(str(path))


def outside() -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def constant() -> object:
    return helper.make_node("Constant", [], ["c"], value=outside())


def branch(node: object) -> object:
    return helper.make_graph([node], "inner", [], [])


READS = {
    "initializer": lambda m: m.graph.initializer.append(outside()),
    "attribute": lambda m: m.graph.node.append(constant()),
    "attribute list": lambda m: m.graph.node.append(
        helper.make_node("Constant", [], ["c"], values=[outside()])
    ),
    "subgraph": lambda m: m.graph.node.append(
        helper.make_node("If", ["x"], ["y"], then_branch=branch(constant()))
    ),
    "subgraph of a subgraph": lambda m: m.graph.node.append(
        helper.make_node(
            "If",
            ["x"],
            ["y"],
            else_branch=branch(helper.make_node("If", ["x"], [], then_branch=branch(constant()))),
        )
    ),
    "sparse": lambda m: m.graph.sparse_initializer.add().values.CopyFrom(outside()),
}


@pytest.mark.parametrize("where", READS)
def test_data_outside_the_file(members, write, where):
    assert refused(members, write, READS[where]) == ("external-data", "")


@pytest.mark.parametrize("inside", [False, True])
def test_foreign_operator(members, write, inside):
    node = helper.make_node("Exec", ["x"], ["y"], domain="evil.example")
    if inside:
        node = helper.make_node("If", ["x"], ["y"], then_branch=branch(node))
    what = refused(members, write, lambda m: m.graph.node.append(node))
    assert what == ("operator", ": evil.example.Exec")


def test_contributed_operators_but_one(members, write):
    node = helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")
    what = refused(members, write, lambda m: m.graph.node.append(node))
    assert what == ("operator", ": com.microsoft.Gelu")


def test_own_functions(members, write):
    what = refused(members, write, lambda m: m.functions.add(name="f", domain="evil.example"))
    assert what == ("functions", "")


INPUTS = {
    "renamed": lambda m: setattr(m.graph.input[0], "name", "other"),
    "one more": lambda m: m.graph.input.append(m.graph.input[0]),
    "one less": lambda m: m.graph.input.pop(),
    "swapped": lambda m: m.graph.input.insert(0, m.graph.input.pop()),
    "other type": lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", 1),
    "other rank": lambda m: m.graph.input[0].type.tensor_type.shape.dim.add(dim_value=1),
}


@pytest.mark.parametrize("change", INPUTS)
def test_other_inputs_than_the_schema(members, write, change):
    what = refused(members, write, INPUTS[change])
    assert what == ("inputs", "")


def test_other_outputs(members, write):
    what = refused(members, write, lambda m: m.graph.output.pop())
    assert what == ("outputs", "")


@pytest.mark.parametrize("garbage", [b"", b"\x00" * 64, b"not a graph", bytes(range(256))])
def test_garbage(members, write, garbage):
    with pytest.raises(BundleError, match="cannot be trusted"):
        load(write(members | {"model.onnx": garbage}))


def test_what_onnx_runtime_refuses(members, write):
    model = ModelProto()
    model.ParseFromString(members["model.onnx"])
    model.graph.node[0].output[0] = "nowhere"
    with pytest.raises(BundleError) as caught:
        load(write(members | {"model.onnx": model.SerializeToString()}))
    assert caught.value.code == "graph-refused"
    assert caught.value.what.startswith("ONNX Runtime cannot open the graph: ")


def test_labels_that_are_not_in_the_manifest(members, write):
    import json

    manifest = json.loads(members["bundle.json"])
    manifest["target"]["labels"] = ["ham", "spam"]
    path = write(members | {"bundle.json": json.dumps(manifest).encode()})
    with pytest.raises(BundleError, match="gives a label that is not one of the model's"):
        load(path)
