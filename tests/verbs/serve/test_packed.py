"""A network that was made elsewhere, through every room: packed, served, watched, explained."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import polars as pl
import pytest

import mulle
from mulle import nn
from mulle.cli import main

LABELS = ["개나리", "rose", "lily"]


def rows(count=400, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, count)
    x = rng.normal(size=(count, 3)) + y[:, None] * [2.0, -2.0, 0.5] + [shift, 0, 0]
    frame = pl.DataFrame(x.round(4), schema=["길이", "width", "d"])
    return frame.with_columns(pl.Series("꽃", [LABELS[i] for i in y]))


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The path of a packed network, and its plain answers to rows."""
    folder = tmp_path_factory.mktemp("packed")
    train = rows(seed=1)
    codes = train["꽃"].replace_strict({name: i for i, name in enumerate(LABELS)}).to_numpy()
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 3))
    nn.train(net, (train.drop("꽃").to_numpy().astype(np.float32), codes), loss="cross_entropy",
             epochs=100)  # fmt: skip
    nn.to_onnx(net, np.zeros((2, 3), np.float32)).save(folder / "net.onnx")
    rows().write_csv(folder / "rows.csv")
    code = main([
        "pack", str(folder / "net.onnx"), "--like", str(folder / "rows.csv"), "--target", "꽃",
        "--labels", ",".join(LABELS), "--activation", "softmax", "-o", str(folder / "m.mulle"),
    ])  # fmt: skip
    assert code == 0

    def plain(frame):
        x = frame.select("길이", "width", "d").to_numpy()
        a, b, c, d = (p.data.astype(float) for p in net.parameters())
        z = np.maximum(x @ a.T + b, 0) @ c.T + d
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    return folder / "m.mulle", plain


def test_predicted_and_scored(packed):
    path, plain = packed
    model, new = mulle.load(path), rows(50, seed=5)
    np.testing.assert_allclose(model.predict_proba(new), plain(new), atol=1e-6)
    right = (plain(new).argmax(axis=1) == [LABELS.index(c) for c in new["꽃"]]).mean()
    assert mulle.evaluate(model, new)["accuracy"] == pytest.approx(right)
    assert right > 0.8


def test_served(packed, start):
    path, plain = packed
    server, new = start(path), rows(5, seed=6)
    row = new.drop("꽃").to_dicts()[0]
    answer = server.post("/predict", row).json()
    np.testing.assert_allclose(list(answer["probabilities"].values()), plain(new)[0], atol=1e-6)
    assert answer["label"] == LABELS[plain(new)[0].argmax()]
    missing = server.post("/predict", row | {"d": None}).json()
    assert sum(missing["probabilities"].values()) == pytest.approx(1)
    assert "d" in server.post("/predict", {k: row[k] for k in ("길이", "width")}).body.decode()


def test_watched(packed):
    path, _ = packed
    same, moved = mulle.watch(path, rows(300, seed=7)), mulle.watch(path, rows(300, 8, shift=3))
    assert [name for name, c in moved.columns.items() if c.status == "drifted"] == ["길이"]
    assert not [name for name, c in same.columns.items() if c.status == "drifted"]
    assert same.performance[0].status != "worse"


def test_explained(packed, capfd):
    path, _ = packed
    (explanation,) = mulle.load(path).predict(rows(1, seed=9), why=True)
    assert {c.column for c in explanation.contributions} == {"길이", "width", "d"}
    assert any(abs(c.change) > 0.01 for c in explanation.contributions)
    capfd.readouterr()
    assert main(["explain", str(path)]) == 0
    assert "길이, width, d" in capfd.readouterr().out


def test_exported(packed, tmp_path):
    path, plain = packed
    assert main(["export", str(path), "--format", "onnx", "-o", str(tmp_path / "out")]) == 0
    contract = json.loads((tmp_path / "out" / "model.json").read_text("utf-8"))
    session = onnxruntime.InferenceSession(tmp_path / "out" / "model.onnx")
    new = rows(20, seed=10)
    feeds = {i["name"]: new[i["name"]].to_numpy().reshape(-1, 1) for i in contract["inputs"]}
    label, probabilities = session.run(None, feeds)
    np.testing.assert_allclose(probabilities, plain(new), atol=1e-6)
    assert label.tolist() == [LABELS[i] for i in plain(new).argmax(axis=1)]


def test_retrained_only_with_a_plan_of_its_own(packed, capfd):
    path, _ = packed
    assert main(["retrain", str(path), str(path.with_name("rows.csv"))]) != 0
    assert "--search" in capfd.readouterr().err
