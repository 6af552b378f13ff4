"""The MLflow layout, and, where MLflow is installed, what MLflow itself makes of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mulle.bundle import load
from mulle.bundle.exports import export_mlflow
from mulle.bundle.exports.mlflow import _load_pyfunc
from mulle.bundle.exports.wheel import WHEEL

GOLDEN = Path(__file__).parent / "golden"
MEMO = 'a "memo" 메모'
ROWS = json.loads((GOLDEN / "rows.json").read_text("utf-8"))[:8]  # the typed ones


@pytest.fixture(params=["binary", "multiclass", "regression"])
def model(request):
    return load(GOLDEN / f"{request.param}.mulle")


def test_the_folder(model, tmp_path):
    written = export_mlflow(model, tmp_path / "m")
    assert {path.relative_to(tmp_path / "m").as_posix() for path in written} == {
        "MLmodel",
        "python_env.yaml",
        "conda.yaml",
        "input_example.json",
        "requirements.txt",
        "data/model.mulle",
        f"wheels/{WHEEL}",
    }
    flavor = json.loads((tmp_path / "m" / "MLmodel").read_text("utf-8"))["flavors"]
    assert flavor["python_function"]["loader_module"] == "mulle.bundle.exports.mlflow"
    loaded = _load_pyfunc(str(tmp_path / "m" / flavor["python_function"]["data"]))
    assert loaded.predict(ROWS).tolist() == model.predict(ROWS).tolist()


def test_the_example_can_be_answered(model, tmp_path):
    export_mlflow(model, tmp_path)
    example = json.loads((tmp_path / "input_example.json").read_text("utf-8"))
    assert len(model.predict(json.dumps(example))) == 1


def test_its_requirements_lie_in_the_folder(model, tmp_path):
    export_mlflow(model, tmp_path)
    (line,) = (tmp_path / "requirements.txt").read_text("utf-8").split()
    assert (tmp_path / line.removesuffix("[pandas]")).is_file()


@pytest.fixture
def served(model, tmp_path, monkeypatch):
    """The exported model as MLflow loads it."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    pyfunc = pytest.importorskip("mlflow.pyfunc")
    export_mlflow(model, tmp_path / "m")
    return pyfunc.load_model(str(tmp_path / "m"))


def test_mlflow_answers_the_same(model, served, tmp_path):
    frame = pd.DataFrame(ROWS)
    frame["first day"] = pd.to_datetime(frame["first day"])
    assert served.metadata.get_input_schema().input_names() == model.manifest.schema.names
    assert served.predict(frame).tolist() == model.predict(frame).tolist()
    if not model.is_regression:
        proba = served.predict(frame, params={"proba": True})
        np.testing.assert_array_equal(proba, model.predict_proba(frame))
    example = served.metadata.load_input_example(str(tmp_path / "m"))
    assert len(served.predict(example)) == 1
    assert served.metadata.signature.outputs is not None


@pytest.mark.parametrize(
    "cells",
    [
        {"mileage": ["1", "300000"], "first day": ["2020-01-01", "2021-02-03"]},
        {"mileage": ["1.5", ""], "first day": ["", "2021-02-03"]},
        {"mileage": ["True", "False"], "first day": ["2020-01-01", ""]},
        {"mileage": ["1", "2"], "city": ["7", "8"], "first day": ["2020-01-01", "2021-02-03"]},
    ],
)
def test_mlflow_takes_the_table_as_pandas_reads_it(cells, model, served):
    columns = {"mileage": ["1", "2"], "city": ["a", ""], "first day": ["", ""], MEMO: ["x", ""]}
    rows = zip(*(columns | cells).values(), strict=True)
    text = io.StringIO()
    csv.writer(text).writerows([list(columns), *rows])
    frame = pd.read_csv(io.StringIO(text.getvalue()))
    assert served.predict(frame).tolist() == model.predict(frame).tolist()
