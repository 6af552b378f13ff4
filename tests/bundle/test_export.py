"""The bare graph: whoever follows its README gets the bundle's answers."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import get_args

import numpy as np
import onnxruntime
import pytest

from mulle.bundle import Manifest, example_row, load, package
from mulle.bundle.exports import (
    export_android,
    export_c,
    export_docker,
    export_mlflow,
    export_onnx,
    export_web,
)
from mulle.bundle.exports.contract import NOTATION, REPAIRS, graph_row
from mulle.errors import UsageError
from mulle.graph import g
from mulle.table import Column, Kind, Schema, Storage, Target
from mulle.table.types import DATES, NUMBERS
from mulle.table.types.notation import Form, Notation
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


@pytest.mark.parametrize(
    "write", [export_onnx, export_android, export_c, export_docker, export_web]
)
def test_the_readme_of_another_format_is_not_lost(write, tmp_path):
    model = load(GOLDEN / "binary.mulle")
    first = export_c if write is export_onnx else export_onnx
    first(model, tmp_path)
    before = (tmp_path / "README.md").read_text("utf-8")
    with pytest.raises(UsageError) as caught:
        write(model, tmp_path)
    assert caught.value.code == "export-readme"
    assert (tmp_path / "README.md").read_text("utf-8") == before
    first(model, tmp_path)  # its own is written anew
    write(model, tmp_path / "other")
    assert (tmp_path / "other" / "README.md").is_file()


LIMITS = (*NUMBERS, "limit")
LEAD = Column("lead", Kind.continuous, Storage.number, notation=Notation(LIMITS, form="limit"))
SIDE = Column(
    "lead (limit)", Kind.discrete, Storage.number,
    notation=Notation(LIMITS, form="limit-side"), source="lead",
)  # fmt: skip


class Sides:
    """A pipeline whose value is the side of the limit, and ten times that of the number."""

    def to_onnx(self, inputs):
        return g.add(g.mul(inputs["lead"], g.constant_of(np.array(10.0))), inputs["lead (limit)"])


@pytest.fixture
def sides():
    """A model of a column with limits and of the column that is derived from it."""
    target = Target(Column("y", Kind.continuous, Storage.number), "regression")
    usual = {"lead": 0.7, "lead (limit)": 0.0}
    return package(Sides(), Manifest(target, Schema((LEAD, SIDE)), usual=usual))


def test_a_derived_column_is_computed_by_the_model_and_asked_of_a_bare_graphs_caller(
    sides, tmp_path
):
    rows = [{"lead": "<0.5"}, {"lead": "0.7"}, {"lead": ">10"}, {"lead": 2}]
    expected = [4.0, 7.0, 101.0, 20.0]
    assert sides.predict(rows).tolist() == expected
    assert [sides.predict(row).tolist()[0] for row in rows] == expected
    assert sides.predict("lead\n<0.5\n0.7\n>10\n2\n").tolist() == expected
    assert sides.feature_names_in_.tolist() == ["lead"]
    assert example_row(sides.manifest) == {"lead": 0.7}
    assert graph_row(sides.manifest) == {"lead": 0.7, "lead (limit)": 0.0}
    readme = export_onnx(sides, tmp_path / "onnx")[2].read_text("utf-8")
    assert "Derived from the column" in readme and "Limits are their numbers" in readme
    contract = json.loads((tmp_path / "onnx" / "model.json").read_text("utf-8"))
    assert [c.get("source") for c in contract["inputs"]] == [None, "lead"]
    export_c(sides, tmp_path / "c")
    export_android(sides, tmp_path / "android")
    for folder in ("c", "android"):
        text = (tmp_path / folder / "README.md").read_text("utf-8")
        assert "`lead (limit)` from `lead`" in text
    signature = json.loads((export_mlflow(sides, tmp_path / "m")[0]).read_text("utf-8"))
    names = [one["name"] for one in json.loads(signature["signature"]["inputs"])]
    assert names == ["lead"]


def test_every_part_of_a_notation_is_described():
    parts = {*Notation.__struct_fields__} - {"repairs", "form"}
    assert parts | {f"form {form}" for form in get_args(Form) if form} == set(NOTATION)
