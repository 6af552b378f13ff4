"""The MLflow layout, and, where MLflow is installed, what MLflow itself makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mulle.bundle import load
from mulle.bundle.exports import export_mlflow
from mulle.bundle.exports.mlflow import _load_pyfunc

GOLDEN = Path(__file__).parent / "golden"
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
    }
    flavor = json.loads((tmp_path / "m" / "MLmodel").read_text("utf-8"))["flavors"]
    assert flavor["python_function"]["loader_module"] == "mulle.bundle.exports.mlflow"
    loaded = _load_pyfunc(str(tmp_path / "m" / flavor["python_function"]["data"]))
    assert loaded.predict(ROWS).tolist() == model.predict(ROWS).tolist()


def test_the_example_can_be_answered(model, tmp_path):
    export_mlflow(model, tmp_path)
    example = json.loads((tmp_path / "input_example.json").read_text("utf-8"))
    assert len(model.predict(json.dumps(example))) == 1


def test_mlflow_answers_the_same(model, tmp_path):
    pytest.importorskip("mlflow.pyfunc", reason="MLflow is not installed")
    import mlflow.pyfunc
    import pandas as pd

    export_mlflow(model, tmp_path / "m")
    frame = pd.DataFrame(ROWS)
    frame["first day"] = pd.to_datetime(frame["first day"])
    loaded = mlflow.pyfunc.load_model(str(tmp_path / "m"))
    assert loaded.metadata.get_input_schema().input_names() == model.manifest.schema.names
    assert loaded.predict(frame).tolist() == model.predict(frame).tolist()
    if not model.is_regression:
        proba = loaded.predict(frame, params={"proba": True})
        np.testing.assert_array_equal(proba, model.predict_proba(frame))
    example = loaded.metadata.load_input_example(str(tmp_path / "m"))
    assert len(loaded.predict(example)) == 1
    assert loaded.metadata.signature.outputs is not None
