"""The bare graph: whoever follows its README gets the bundle's answers."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from mulle.bundle import load
from mulle.bundle.exports import export_onnx
from mulle.bundle.exports.contract import REPAIRS
from mulle.table.types import DATES, NUMBERS
from mulle.table.types.text import TEXT

GOLDEN = Path(__file__).parent / "golden"
ROWS = json.loads((GOLDEN / "rows.json").read_text("utf-8"))[:8]


def prepared(column, value):
    """What a caller in any language would write, from model.json alone."""
    if column["dtype"] == "string":
        return column["missing"] if value in (None, "") else unicodedata.normalize("NFC", value)
    if column["dtype"] == "int64":
        return np.datetime64(value, "us").astype(np.int64) if value else column["missing"]
    return float("nan") if value is None else value


@pytest.mark.parametrize("name", ["binary", "multiclass", "regression"])
def test_following_model_json_gives_the_same_answers(name, tmp_path):
    model = load(GOLDEN / f"{name}.mulle")
    paths = export_onnx(model, tmp_path / "out")
    assert [path.name for path in paths] == ["model.onnx", "model.json", "README.md"]
    contract = json.loads(paths[1].read_text("utf-8"))
    missing = {c["dtype"]: c["missing"] for c in contract["inputs"]}
    assert missing == {"float64": "NaN", "int64": -(2**63), "string": "\ue000"}
    feeds = {}
    for column in contract["inputs"]:
        cells = [[prepared(column, row[column["name"]])] for row in ROWS]
        dtype = object if column["dtype"] == "string" else column["dtype"]
        feeds[column["name"]] = np.array(cells, dtype)
    session = onnxruntime.InferenceSession(paths[0].read_bytes())
    names = [output["name"] for output in contract["outputs"]]
    results = session.run(names, feeds)
    for output, result in zip(contract["outputs"], results, strict=True):
        shape = [len(ROWS) if size == "N" else size for size in output["shape"]]
        assert list(result.shape) == shape
        assert result.dtype == (object if output["dtype"] == "string" else output["dtype"])
    expected = model.predict(ROWS) if model.is_regression else model.predict_proba(ROWS)
    np.testing.assert_array_equal(results[-1].reshape(expected.shape), expected)


def test_readme_names_every_column_and_repair(tmp_path):
    model = load(GOLDEN / "binary.mulle")
    readme = export_onnx(model, tmp_path)[2].read_text("utf-8")
    for column in model.manifest.schema.columns:
        assert f"| {column.name} |" in readme
        assert all(f"- `{code}`: {REPAIRS[code]}" in readme for code in column.notation.repairs)
    assert "U+E000" in readme
    assert "-9223372036854775808" in readme


def test_every_repair_is_described():
    assert {*TEXT, *NUMBERS, *DATES} <= set(REPAIRS)
