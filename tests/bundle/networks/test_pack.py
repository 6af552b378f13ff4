"""A packed network answers as the network does, whoever made it, and as a plain formula does."""

from __future__ import annotations

import numpy as np
import onnx
import polars as pl
import pytest
import torch
from onnx import TensorProto, helper
from tests.bundle.networks.conftest import (
    FLOAT,
    LABELS,
    NAMES,
    WEIGHTS,
    graph,
    linear,
    logits,
    softmax,
)

import mulle
from mulle import nn
from mulle.bundle import load, parse_baseline
from mulle.bundle.networks import pack

node = helper.make_node
SOFTMAX = {"labels": LABELS, "activation": "softmax"}


def test_a_network_of_the_engine(rows, tmp_path):
    net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 3))
    path = tmp_path / "flowers.mulle"
    pack(net, rows.drop("y"), "꽃", **SOFTMAX, path=path)
    x, hidden = rows.select(NAMES).to_numpy(), [p.data.astype(float) for p in net.parameters()]
    z = np.maximum(x @ hidden[0].T + hidden[1], 0) @ hidden[2].T + hidden[3]
    model = load(path)
    np.testing.assert_allclose(model.predict_proba(rows), softmax(z), atol=1e-6)
    assert model.predict(rows).tolist() == [LABELS[i] for i in z.argmax(axis=1)]
    assert net.training
    assert (model.manifest.parity.rows, model.manifest.parity.label_flips) == (1_240, 0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_module_of_torch(rows, dtype):
    net = torch.nn.Sequential(
        torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 8), torch.nn.Dropout(), torch.nn.Tanh(),
        torch.nn.Linear(8, 3),
    ).to(dtype)  # fmt: skip
    net[0](
        torch.randn(64, 4, dtype=dtype) * 3 + 1
    )  # running averages that are not those of a new layer
    model = pack(net, rows.drop("y"), "꽃", **SOFTMAX)
    assert net.training
    with torch.no_grad():
        x = torch.from_numpy(rows.select(NAMES).to_numpy()).to(dtype)
        expected = torch.softmax(net.eval()(x), 1).numpy()
    np.testing.assert_allclose(model.predict_proba(rows), expected, atol=1e-6)


def test_images_are_made_of_columns():
    rng = np.random.default_rng(0)
    table = pl.DataFrame(rng.integers(0, 16, (60, 64)).astype(float),
                         schema=[f"p{i}" for i in range(64)])  # fmt: skip
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(64, 2), torch.nn.LogSoftmax(1),
    )  # fmt: skip
    model = pack(net, table, "odd", labels=["no", "yes"], activation="softmax", shape=(1, 8, 8))
    with torch.no_grad():
        expected = net(torch.from_numpy(table.to_numpy()).float().reshape(-1, 1, 8, 8)).exp()
    np.testing.assert_allclose(model.predict_proba(table), expected.numpy(), atol=1e-6)


def test_a_call_with_an_input_a_column():
    class Sum(torch.nn.Module):
        def forward(self, a, b):
            return 2 * a - b

    table = pl.DataFrame({"a": [1.0, 2.0, 4.0], "b": [0.5, 0.25, 3.0]})
    model = pack(Sum(), table, "y")
    np.testing.assert_allclose(model.predict(table), [1.5, 3.75, 5.0])
    assert model.manifest.schema.names == ["a", "b"]


@pytest.mark.parametrize("opset", [9, 13, 17, 21])
def test_a_file_of_any_maker(rows, saved, opset):
    model = pack(saved(linear(opset=opset)), rows.drop("y"), "꽃", **SOFTMAX)
    expected = softmax(logits(rows))
    np.testing.assert_allclose(model.predict_proba(rows), expected, atol=1e-6)
    weights = {tuple(t.dims) for t in onnx.load_from_string(model.graph).graph.initializer}
    assert (4, 3) in weights


def test_probabilities_are_seen(rows, saved):
    ending = node("Softmax", ["z"], ["y"], axis=1)
    model = pack(saved(linear(ending)), rows.drop("y"), "꽃", labels=LABELS)
    np.testing.assert_allclose(model.predict_proba(rows), softmax(logits(rows)), atol=1e-6)
    codes = [d["code"] for d in model.manifest.lineage["decisions"]]
    assert codes == ["columns-in-turn", "activation-seen", "missing-filled"]


@pytest.mark.parametrize(
    "ending",
    [
        [node("ArgMax", ["z"], ["y"], axis=1)],
        [node("ArgMax", ["z"], ["k"], axis=1, keepdims=0), node("Cast", ["k"], ["y"], to=6)],
        [node("Softmax", ["z"], ["p"], axis=1), node("ArgMax", ["p"], ["y"], axis=1)],
    ],
)
def test_the_largest_is_named_by_its_numbers(rows, saved, ending):
    net = linear(*ending, outputs={"y": (None, TensorProto.INT64)})
    given = {} if len(ending) == 2 and ending[0].op_type == "Softmax" else SOFTMAX
    model = pack(saved(net), rows.drop("y"), "꽃", **({"labels": LABELS} | given))
    np.testing.assert_allclose(model.predict_proba(rows), softmax(logits(rows)), atol=1e-6)


def test_a_dictionary_of_probabilities_is_taken_apart(rows, saved):
    names = [name.encode() for name in LABELS]
    net = linear(
        node("Softmax", ["z"], ["p"], axis=1),
        node("ZipMap", ["p"], ["y"], domain="ai.onnx.ml", classlabels_strings=names),
        **{"ai.onnx.ml": 2},
    )
    del net.graph.output[0]
    kind = helper.make_map_type_proto(
        TensorProto.STRING, helper.make_tensor_type_proto(FLOAT, None)
    )
    net.graph.output.append(helper.make_value_info("y", helper.make_sequence_type_proto(kind)))
    model = pack(saved(net), rows.drop("y"), "꽃", labels=LABELS)
    np.testing.assert_allclose(model.predict_proba(rows), softmax(logits(rows)), atol=1e-6)


TWO = {"labels": ["no", "yes"], "columns": NAMES}


@pytest.mark.parametrize("shape", [[1], [], [1, 1]])
@pytest.mark.parametrize("inside", [True, False])
def test_one_number_of_two_labels(rows, saved, shape, inside):
    w = {"w": WEIGHTS["w"][:, :1]}
    steps = [node("MatMul", ["x", "w"], ["z"])]
    steps += [node("Sigmoid", ["z"], ["s"])] if inside else [node("Identity", ["z"], ["s"])]
    size = {"n": np.array([-1, *shape], np.int64)}
    net = graph([*steps, node("Reshape", ["s", "n"], ["y"])], {"x": (["N", 4], FLOAT)},
                {"y": (["N", *shape], FLOAT)}, w | size)  # fmt: skip
    how = TWO | ({} if inside else {"activation": "sigmoid"})
    model = pack(saved(net), rows, "ok", **how, threshold=0.7)
    z = rows.select(NAMES).to_numpy() @ w["w"][:, 0].astype(float)
    p = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(model.predict_proba(rows)[:, 1], p, atol=1e-6)
    near = np.abs(p - 0.7) < 1e-5
    same = model.predict(rows) == np.where(p >= 0.7, "yes", "no")
    assert (same | near).all()
    assert 0 < (p >= 0.7).mean() < 1


def test_values_and_their_score(rows, saved, tmp_path):
    net = graph([node("MatMul", ["x", "w"], ["y"])], {"x": (["N", 4], FLOAT)},
                {"y": (["N", 1], FLOAT)}, {"w": np.eye(4, 1, dtype=np.float32) * 2})  # fmt: skip
    path = tmp_path / "y.mulle"
    pack(saved(net), rows.drop("꽃"), "y", path=path)
    model = load(path)
    np.testing.assert_allclose(model.predict(rows), rows["y"].to_numpy(), rtol=1e-6)
    assert model.manifest.scores["test"]["r2"] == pytest.approx(1.0)
    assert parse_baseline(model.members["watch.json"]).score.rows == len(rows)


def test_inputs_that_are_called_as_columns_take_them(saved):
    kinds = {"a": (["N", 1], FLOAT), "n": (["N"], TensorProto.INT64), "s": (["N", 1], 8)}
    net = graph(
        [
            node("LabelEncoder", ["s"], ["c"], domain="ai.onnx.ml", keys_strings=["x", "y"],
                 values_floats=[10.0, 20.0], default_float=0.0),
            node("Cast", ["n"], ["f"], to=1),
            node("Reshape", ["f", "size"], ["g"]),
            node("Sum", ["a", "c", "g"], ["y"]),
        ],
        {name: kinds[name] for name in ("s", "n", "a")},
        {"y": (["N", 1], FLOAT)},
        {"size": np.array([-1, 1], np.int64)},
        **{"ai.onnx.ml": 2},
    )  # fmt: skip
    table = pl.DataFrame(
        {"a": [1.5, 2.5, 0.5] * 20, "n": [3, 4, 5] * 20, "s": ["x", "y", "x"] * 20}
    )
    model = pack(saved(net), table, "sum")
    assert model.predict(table)[:3].tolist() == [14.5, 26.5, 15.5]
    assert model.predict({"a": 1, "n": None, "s": "z"}).tolist() == [5.0]  # the median of n is 4
    assert model.manifest.lineage["decisions"][0]["code"] == "columns-by-name"
    assert set(model.manifest.lineage["filled"]) == {"n", "a"}


def test_what_takes_care_of_missing_numbers_is_left_to_it(rows, saved):
    zeros = {"zero": np.zeros((1, 4), np.float32)}
    net = graph(
        [node("IsNaN", ["x"], ["m"]), node("Where", ["m", "zero", "x"], ["f"]),
         node("MatMul", ["f", "w"], ["y"])],
        {"x": (["N", 4], FLOAT)}, {"y": (["N", 1], FLOAT)},
        zeros | {"w": np.ones((4, 1), np.float32)},
    )  # fmt: skip
    model = pack(saved(net), rows.select(*NAMES, "y"), "y")
    assert "filled" not in model.manifest.lineage
    row = dict.fromkeys(NAMES, 1.0) | {"a b": None}
    assert model.predict(row).tolist() == [3.0]


def test_a_missing_number_is_the_median_where_the_network_has_no_answer(rows, saved):
    model = pack(saved(linear()), rows.drop("y"), "꽃", **SOFTMAX)
    medians = {name: rows[name].median() for name in NAMES}
    assert model.manifest.lineage["filled"] == pytest.approx(medians)
    row = dict(zip(NAMES, [0.5, 1.0, -1.0, 2.0], strict=True))
    given, filled = row | {"width": None}, row | {"width": medians["width"]}
    np.testing.assert_allclose(model.predict_proba(given), model.predict_proba(filled), atol=1e-7)


@pytest.mark.parametrize("fixed", [1, 7])
def test_a_number_of_rows_that_only_the_declaration_fixes_is_freed(rows, saved, fixed):
    model = pack(saved(linear(rows=fixed)), rows.drop("y"), "꽃", **SOFTMAX)
    np.testing.assert_allclose(model.predict_proba(rows), softmax(logits(rows)), atol=1e-6)


def test_weights_beside_the_graph(rows, tmp_path):
    path = tmp_path / "net.onnx"
    onnx.save(linear(), path, save_as_external_data=True, location="net.data", size_threshold=0)
    assert (tmp_path / "net.data").stat().st_size > 40
    model = pack(path, rows.drop("y"), "꽃", **SOFTMAX, path=tmp_path / "m.mulle")
    (tmp_path / "net.data").unlink()
    expected = softmax(logits(rows))
    np.testing.assert_allclose(load(tmp_path / "m.mulle").predict_proba(rows), expected, atol=1e-6)
    assert model.manifest.lineage["network"] == "net.onnx"


def test_functions_of_the_file_itself_are_taken(rows, saved):
    net = linear(node("Twice", ["z"], ["y"], domain="own"), own=1)
    body = [node("Add", ["a", "a"], ["b"])]
    opsets = [helper.make_opsetid("", 17)]
    net.functions.append(helper.make_function("own", "Twice", ["a"], ["b"], body, opsets))
    model = pack(saved(net), rows.drop("y"), "꽃", **SOFTMAX)
    np.testing.assert_allclose(model.predict_proba(rows), softmax(2 * logits(rows)), atol=1e-6)


def test_codes_need_no_labels_and_columns_an_order(rows, saved):
    coded = rows.select("d", "a b", *NAMES[:2], "꽃").with_columns(
        pl.col("꽃").replace_strict({name: i for i, name in enumerate(LABELS)})
    )
    model = pack(saved(linear()), coded, "꽃", columns=NAMES, activation="softmax")
    np.testing.assert_allclose(model.predict_proba(rows), softmax(logits(rows)), atol=1e-6)
    assert model.manifest.labels == (0, 1, 2)
    right = np.mean(logits(rows).argmax(axis=1) == coded["꽃"].to_numpy())
    assert model.manifest.scores["test"]["accuracy"] == pytest.approx(right)


def test_the_function_is_at_the_top(rows, saved):
    model = mulle.pack(saved(linear()), rows.drop("y", "꽃"), "꽃", **SOFTMAX, lang="ko")
    assert model.manifest.scores == {}
    assert "신경망: net.onnx" in model.members["card.md"].decode()
