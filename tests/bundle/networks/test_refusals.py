"""What cannot be packed is refused by a sentence, and nothing is written."""

from __future__ import annotations

import numpy as np
import onnx
import polars as pl
import pytest
import torch
from onnx import TensorProto, helper
from tests.bundle.networks.conftest import FLOAT, LABELS, NAMES, graph, linear

from mulle import nn
from mulle.bundle.networks import pack
from mulle.errors import MulleError

node = helper.make_node
SOFTMAX = {"labels": LABELS, "activation": "softmax"}
BAD: dict[str, tuple] = {
    # code: network, and how it is packed
    "network-columns": (linear(), SOFTMAX | {"columns": NAMES[:3]}),
    "network-column-target": (linear(), SOFTMAX | {"columns": [*NAMES[:3], "꽃"]}),
    "network-labels": (linear(), SOFTMAX | {"labels": ["개나리", "rose"]}),
    "network-labels-few": (linear(), SOFTMAX | {"labels": ["rose", "rose", "lily"]}),
    "network-labels-needed": (linear(), {"activation": "softmax"}),
    "network-activation": (linear(), {"labels": LABELS}),
    "network-no-probabilities": (linear(), SOFTMAX | {"activation": "none"}),
    "network-sigmoid-many": (linear(), SOFTMAX | {"activation": "sigmoid"}),
    "network-activation-unknown": (linear(), SOFTMAX | {"activation": "tanh"}),
    "network-activation-twice": (linear(node("Softmax", ["z"], ["y"], axis=1)), SOFTMAX),
    "network-threshold": (linear(), SOFTMAX | {"threshold": 1.5}),
    "network-operators": (
        linear(node("FusedGelu", ["z"], ["y"], domain="com.acme"), **{"com.acme": 1}), SOFTMAX,
    ),
    "network-axes": (linear(inputs={"x": (["N", "T"], FLOAT)}), SOFTMAX),
    "network-no-shape": (linear(inputs={"x": (None, FLOAT)}), SOFTMAX),
    "network-shape": (linear(inputs={"x": (["N", "T"], FLOAT)}), SOFTMAX | {"shape": (2, 2)}),
    "network-halves": (
        graph([node("Cast", ["x"], ["y"], to=1)], {"x": (["N", 4], TensorProto.BFLOAT16)},
              {"y": (["N", 4], FLOAT)}), SOFTMAX,
    ),
    "network-input-type": (
        graph([node("Cast", ["x"], ["y"], to=1)], {"x": (["N", 4], TensorProto.UINT8)},
              {"y": (["N", 4], FLOAT)}), SOFTMAX,
    ),
    "network-output-type": (
        graph([node("Cast", ["x"], ["y"], to=7)], {"x": (["N", 4], FLOAT)},
              {"y": (["N", 4], TensorProto.INT64)}), SOFTMAX,
    ),
    "network-outputs": (
        linear(node("Relu", ["z"], ["y"]), node("Exp", ["z"], ["e"]),
               outputs={"y": (["N", 3], FLOAT), "e": (["N", 3], FLOAT)}), SOFTMAX,
    ),
    "network-output-unknown": (linear(), SOFTMAX | {"output": "logit"}),
    "network-rows": (linear(node("ReduceMean", ["z"], ["y"], axes=[0], keepdims=0),
                            outputs={"y": ([3], FLOAT)}), SOFTMAX),
    "network-not-finite": (linear(node("Log", ["z"], ["y"])), SOFTMAX),
    "network-refused": (linear(node("Softmax", ["z"], ["y"], axis=5)), SOFTMAX),
    "network-no-inputs": (
        graph([node("Identity", ["w"], ["y"])], {}, {"y": ([1], FLOAT)},
              {"w": np.ones(1, np.float32)}), SOFTMAX,
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", BAD)
def test_a_file_is_refused_by_a_sentence(rows, saved, tmp_path, code):
    network, how = BAD[code]
    path = tmp_path / "m.mulle"
    with pytest.raises(MulleError) as refused:
        pack(saved(network), rows.drop("y"), "꽃", **how, path=path)
    assert refused.value.code == code
    assert refused.value.what and refused.value.fix
    assert "{" not in str(refused.value)
    assert not path.exists()


ONE = [node("MatMul", ["x", "w"], ["y"])]


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("network-activation-one", {"labels": ["no", "yes"]}),
        ("network-softmax-one", {"labels": ["no", "yes"], "activation": "softmax"}),
        ("network-activation-values", {"activation": "sigmoid"}),
        ("network-labels", {"labels": LABELS, "activation": "sigmoid"}),
    ],
)
def test_one_number_is_refused_where_it_is_not_clear(rows, saved, code, how):
    net = graph(ONE, {"x": (["N", 4], FLOAT)}, {"y": (["N", 1], FLOAT)},
                {"w": np.ones((4, 1), np.float32)})  # fmt: skip
    with pytest.raises(MulleError) as refused:
        pack(saved(net), rows, "new", columns=NAMES, **how)
    assert refused.value.code == code


def test_several_values_are_refused(rows, saved):
    with pytest.raises(MulleError) as refused:
        pack(saved(linear()), rows.drop("꽃"), "y", columns=NAMES)
    assert refused.value.code == "network-labels-needed"


def test_text_does_not_reach_an_input_of_numbers(rows, saved):
    with pytest.raises(MulleError) as refused:
        pack(saved(linear()), rows, "y", columns=[*NAMES[:3], "꽃"])
    assert (refused.value.code, refused.value.values["column"]) == ("network-column-text", "꽃")


def test_numbers_do_not_reach_an_input_of_text(rows, saved):
    net = graph([node("LabelEncoder", ["x"], ["y"], domain="ai.onnx.ml", keys_strings=["a"],
                      values_floats=[1.0])], {"x": (["N", 1], TensorProto.STRING)},
                {"y": (["N", 1], FLOAT)}, **{"ai.onnx.ml": 2})  # fmt: skip
    with pytest.raises(MulleError) as refused:
        pack(saved(net), rows, "new", columns=["d"])
    assert refused.value.code == "network-column-number"


def test_names_for_a_column_of_codes_are_refused(rows, saved):
    coded = rows.with_columns(pl.col("꽃").rank("dense") - 1)
    with pytest.raises(MulleError) as refused:
        pack(saved(linear()), coded, "꽃", columns=NAMES, **SOFTMAX)
    assert (refused.value.code, refused.value.values["sample"]) == ("network-labels-type", "0,1,2")


def test_files_that_are_no_networks(rows, tmp_path):
    codes = {}
    (tmp_path / "net.pt").write_bytes(b"\x80\x02")
    (tmp_path / "net.onnx").write_bytes(b"no graph at all")
    (tmp_path / "empty.onnx").write_bytes(b"")
    for name in ("net.pt", "net.onnx", "empty.onnx", "none.onnx"):
        with pytest.raises(MulleError) as refused:
            pack(tmp_path / name, rows, "꽃")
        codes[name] = refused.value.code
    assert codes == {
        "net.pt": "network-pickled", "net.onnx": "network-not-onnx",
        "empty.onnx": "network-not-onnx", "none.onnx": "network-missing",
    }  # fmt: skip


def external(tmp_path, change) -> str:
    path = tmp_path / "net.onnx"
    onnx.save(linear(), path, save_as_external_data=True, location="net.data", size_threshold=0)
    change(path)
    return path


def elsewhere(path):
    path.write_bytes(path.read_bytes().replace(b"net.data", b"../a.bin"))


def shorten(path):
    data = path.with_name("net.data")
    data.write_bytes(data.read_bytes()[:10])


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("network-weights-missing", lambda path: path.with_name("net.data").unlink()),
        ("network-weights-elsewhere", elsewhere),
        ("network-weights-damaged", shorten),
    ],
)
def test_weights_that_are_not_there(rows, tmp_path, code, change):
    with pytest.raises(MulleError) as refused:
        pack(external(tmp_path, change), rows.drop("y"), "꽃", **SOFTMAX)
    assert refused.value.code == code


def test_weights_beside_bytes(rows, tmp_path):
    data = external(tmp_path, lambda path: None).read_bytes()
    with pytest.raises(MulleError) as refused:
        pack(data, rows.drop("y"), "꽃", **SOFTMAX)
    assert refused.value.code == "network-weights-bytes"


class Burned(torch.nn.Module):
    """Writes the number of rows of the example into the graph."""

    def forward(self, x):
        return x.reshape(2, 4).mean(dim=1, keepdim=True) if len(x) == 2 else x[:, :1]


class Chance(nn.Module):
    def forward(self, x):
        return x * nn.Tensor(np.random.default_rng().normal(size=x.shape).astype(np.float32))


@pytest.mark.parametrize(
    ("code", "network"),
    [
        ("network-unknown", object()),
        ("network-unknown", {"a": 1}),
        ("network-halves-torch", torch.nn.Linear(4, 3).bfloat16()),
        ("network-halves-torch", torch.nn.Linear(4, 3).half()),
        ("network-torch-export", torch.nn.Linear(5, 3)),
        ("network-torch-export", torch.nn.Conv2d(1, 1, 3)),
    ],
)
def test_what_is_no_network_of_numbers(rows, code, network):
    with pytest.raises(MulleError) as refused:
        pack(network, rows.drop("y"), "꽃", **SOFTMAX)
    assert refused.value.code == code


def test_a_network_of_the_engine_of_another_width(rows):
    with pytest.raises(MulleError) as refused:
        pack(nn.Linear(5, 3), rows.drop("y"), "꽃", **SOFTMAX)
    assert "linear" in str(refused.value)


def test_rows_that_are_written_into_the_graph(rows):
    with pytest.raises(MulleError) as refused:
        pack(Burned(), rows.select(*NAMES, "y"), "y")
    assert refused.value.code in {"network-differs", "network-failed", "trial-failed"}


def test_too_few_rows(rows, saved):
    with pytest.raises(MulleError) as refused:
        pack(saved(linear()), rows.drop("y")[:1], "꽃", **SOFTMAX)
    assert refused.value.code == "table-small"
