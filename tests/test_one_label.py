"""The label of a row is the graph's: nothing else decides from which probability a row is positive.

One model with a threshold of 0.3 goes through every verb, and no other code takes the most probable
class or compares with one half.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.verbs.serve.conftest import Server

import mulle
from mulle.bundle import exports
from mulle.bundle.batch import predict_file
from mulle.cli import main
from mulle.graph import open_session, run
from mulle.metrics import metric
from mulle.verbs.watch import Reference, Window

SOURCE = Path(mulle.__file__).parent
THRESHOLD = 0.3

NO_PREDICTIONS = ("nn/", "table/", "verbs/explore/", "stats/")  # rooms that never see any
# Where the largest of several numbers is taken, how often, and of what.
LARGEST = {
    "metrics/predictions.py": 1,  # the rule itself, in Python
    "bundle/trace.py": 1,  # the rule itself, in the graph
    "profile/scripts.py": 1,  # the script with most letters
    "profile/drift/reasons.py": 1,  # the category that moved most
    "bundle/networks/pack.py": 1,  # the first row without a finite answer
    "bundle/trial.py": 1,  # the first row whose label is not the recorded one
    "profile/drift/measures.py": 1,  # the edge at which most rows moved
    "verbs/serve/routing/thompson.py": 1,  # the arm with the largest draw
}
# Where something else than a probability of a label is compared with one half, and how often.
HALF = {
    "cli/demo_data.py": 2,  # how its tables are made up
    "profile/drift/measures.py": 1,  # the middle of the rows of a reference
    "verbs/fit/portfolio.py": 2,  # whether something is drawn at random
}


def sources() -> list[Path]:
    """Every file in which a prediction could get a label."""
    paths = ((path, path.relative_to(SOURCE).as_posix()) for path in sorted(SOURCE.rglob("*.py")))
    return [path for path, name in paths if not name.startswith(NO_PREDICTIONS)]


def test_the_most_probable_class_is_taken_in_two_places():
    found = Counter()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node, "attr", getattr(node, "id", ""))
            if name.replace("_", "").lower() in {"argmax", "nanargmax"}:
                found[path.relative_to(SOURCE).as_posix()] += 1
    assert found == Counter(LARGEST)


def test_no_probability_is_compared_with_one_half():
    for path in sources():
        name = path.relative_to(SOURCE).as_posix()
        halves = [
            node.lineno
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Compare)
            and any(isinstance(c, ast.Constant) and c.value == 0.5 for c in node.comparators)
        ]
        assert len(halves) == HALF.get(name, 0), (name, halves)


def test_no_sample_takes_the_most_probable_class():
    samples = SOURCE / "bundle" / "exports" / "samples"
    texts = {p.name: p.read_text("utf-8") for p in samples.rglob("*.*") if p.suffix != ".pyc"}
    assert {"main.c", "Predictor.kt", "app.js", "prepare.js"} <= set(texts)
    for name, text in texts.items():
        assert not re.search(r"maxBy|arg_?max|Math\.max\(\.\.\.|> scores\[", text), name


def table(rows: int = 400, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x, city = rng.normal(size=rows), rng.choice(["서울", "부산"], rows)
    p = 1 / (1 + np.exp(-(1.2 * x - 0.8 + (city == "서울"))))
    y = np.where(rng.random(rows) < p, "late", "on time")
    return pl.DataFrame({"x": x, "city": city, "y": y})


@pytest.fixture(scope="module")
def fitted(share):
    """The path of a model whose threshold is 0.3."""

    def make(folder: Path) -> None:
        mulle.fit(
            table(), "y", trials=2, preset="quick", n_jobs=1, threshold=THRESHOLD,
            positive="late", output=str(folder),
        )  # fmt: skip

    return share("one-label", make) / "table.mulle"


@pytest.fixture
def rows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(300, 1).write_csv("new.csv")
    return table(300, 1)


@pytest.fixture
def labels(fitted, rows):
    """The labels by the rule, from nothing but the probabilities."""
    p = mulle.load(fitted).predict_proba(rows.drop("y"))[:, 1]
    assert ((p >= THRESHOLD) & (p < 0.5)).sum() > 20, "rows that one half would get wrong"
    return np.where(p >= THRESHOLD, "late", "on time")


def test_it_is_in_the_file(fitted):
    manifest = mulle.load(fitted).manifest
    assert (manifest.threshold, manifest.labels) == (THRESHOLD, ("on time", "late"))
    assert manifest.parity is not None and manifest.parity.label_flips == 0


def test_predict(fitted, rows, labels):
    model = mulle.load(fitted)
    assert model.predict(rows.drop("y")).tolist() == labels.tolist()
    for explanation, label in zip(model.predict(rows[:9], why=True), labels, strict=False):
        assert explanation.prediction == label
    found = pl.concat([b.predictions for b in predict_file(model, Path("new.csv")).start(0)])
    assert found["prediction"].to_list() == labels.tolist()


def test_evaluate_and_the_scores_of_the_bundle(fitted, rows, labels, capsysbinary, monkeypatch):
    from sklearn import metrics as sk

    monkeypatch.setattr(sys, "argv", ["mulle"])
    assert main(["evaluate", str(fitted), "new.csv", "--format", "json"]) == 0
    told = json.loads(capsysbinary.readouterr().out)
    assert (told["positive"], told["threshold"]) == ("late", THRESHOLD)
    truth = rows["y"].to_numpy()
    expected = sk.confusion_matrix(truth, labels, labels=["on time", "late"])
    assert told["confusion"] == expected.tolist()
    for name, score in (("f1", sk.f1_score), ("recall", sk.recall_score)):
        value = score(truth, labels, pos_label="late")
        assert told["scores"][name]["score"] == pytest.approx(value)
        assert told["scores"][name]["interval"][0] < value < told["scores"][name]["interval"][1]


def test_watch(fitted, rows, labels):
    model = mulle.load(fitted)
    reference = Reference.of(model)
    window = Window(reference)
    inputs = model.inputs(rows)
    window.update(inputs, model.predict_arrays(inputs))
    late = int((labels == "late").sum())
    assert window.answers.chosen == [300 - late, late]
    logged = Window(reference)
    logged.update(inputs, model.with_labels(model.predict_proba(rows)))
    assert logged.answers.chosen == window.answers.chosen
    held_out = reference.answers
    assert held_out.chosen[1] > sum(held_out.values.counts[25:]), "more than one half would give"


def test_retrain(fitted, rows, labels):
    from sklearn.metrics import f1_score

    from mulle.table import read
    from mulle.verbs.retrain.compare import compare

    model = mulle.load(fitted)
    y = (rows["y"] == "late").to_numpy().astype(int)
    found = compare(model, model, read(rows), y, metric("f1"), resamples=20, seed=0)
    assert found.champion == pytest.approx(f1_score(y, labels == "late"))


def test_serve(fitted, rows, labels):
    server = Server(fitted)
    try:
        records = rows.drop("y").to_dicts()
        answers = server.post("/predict", records).json()["predictions"]
        assert [answer["label"] for answer in answers] == labels.tolist()
        at = next(i for i, label in enumerate(labels) if label == "late")
        assert server.post("/predict", records[at]).json()["label"] == "late"
    finally:
        server.stop()


def test_exports(fitted, rows, labels):
    model = mulle.load(fitted)
    exports.export_onnx(model, "onnx")
    contract = json.loads(Path("onnx/model.json").read_text("utf-8"))
    output = next(o for o in contract["outputs"] if o["name"] == "label")
    assert (output["threshold"], output["positive"]) == (THRESHOLD, "late")
    assert "`late` where its probability is at least 0.3" in Path("onnx/README.md").read_text()
    graph = open_session(Path("onnx/model.onnx").read_bytes())
    assert run(graph, model.inputs(rows))[0].tolist() == labels.tolist()
    exports.export_c(model, "c")
    program = Path("c/main.c").read_text("utf-8")
    assert 'OUTPUTS[] = { "label", "probabilities" }' in program
    assert "LABELS[code_of(outputs[0])]" in program
    exports.export_android(model, "android")
    kotlin = next(Path("android").rglob("Predictor.kt")).read_text("utf-8")
    assert 'outputs.get("label")' in kotlin
    exports.export_mlflow(model, "mlflow")
    from mulle.bundle.exports.mlflow import _load_pyfunc

    flavor = _load_pyfunc("mlflow/data/model.mulle")
    assert flavor.predict(rows.drop("y")).tolist() == labels.tolist()
