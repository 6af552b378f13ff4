"""Answers to a file, batch by batch, are to the last bit those of the file read at once."""

import json
from pathlib import Path

import msgspec
import polars as pl
import pytest

from mulle.bundle import Model, load
from mulle.bundle.batch import predict_file, useful_rows
from mulle.bundle.prediction_frame import Form, join, prediction_frame, to_bytes
from mulle.errors import PredictionError

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["binary", "multiclass", "regression"]
COUNT = 100


@pytest.fixture(params=NAMES)
def model(request):
    """A model that answers seven rows at once."""
    found = load(GOLDEN / f"{request.param}.mulle")
    return Model(msgspec.structs.replace(found.manifest, batch_rows=7), found.graph, found.members)


@pytest.fixture
def path(tmp_path):
    rows = json.loads((GOLDEN / "rows.json").read_text("utf-8"))
    lines = [json.dumps(rows[i % len(rows)], ensure_ascii=False) + "\n" for i in range(COUNT)]
    (tmp_path / "rows.ndjson").write_text("".join(lines), encoding="utf-8")
    return tmp_path / "rows.ndjson"


@pytest.mark.parametrize("rows", [7, 14, 700])
def test_the_same_to_the_last_bit(model, path, rows):
    whole = prediction_frame(model, model.inputs(path))
    found = predict_file(model, path, rows=rows)
    batches = list(found.start(0))
    assert found.height == COUNT
    assert pl.concat([b.predictions for b in batches]).equals(whole)
    assert [b.first for b in batches] == list(range(0, COUNT, rows))
    begin = 70 if rows < COUNT else 0
    rest = pl.concat([b.predictions for b in predict_file(model, path, rows=rows).start(begin)])
    assert rest.equals(whole[begin:])


@pytest.mark.parametrize("form", Form)
def test_parts_join_to_the_whole(model, path, tmp_path, form):
    parts = []
    for number, batch in enumerate(predict_file(model, path, rows=14).start(0)):
        parts.append(tmp_path / f"{number}.{form}")
        parts[-1].write_bytes(to_bytes(batch.predictions, form, header=not number))
    with (tmp_path / "out").open("wb") as file:
        join(parts, form, file)
    whole = prediction_frame(model, model.inputs(path))
    if form is Form.parquet:
        assert pl.read_parquet(tmp_path / "out").equals(whole)
    else:
        assert (tmp_path / "out").read_bytes() == to_bytes(whole, form)


def test_bad_values_are_counted_in_the_file(tmp_path):
    model = load(GOLDEN / "binary.mulle")
    rows = json.loads((GOLDEN / "rows.json").read_text("utf-8"))
    number = next(c.name for c in model.manifest.schema.columns if c.storage == "number")
    bad = [{**rows[i % len(rows)], number: "viel" if i in {20, 33} else "1"} for i in range(50)]
    path = tmp_path / "rows.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in bad), encoding="utf-8")
    with pytest.raises(PredictionError) as refused:
        list(predict_file(model, path, rows=8).start(0))
    assert refused.value.values["row"] == 21
    batches = predict_file(model, path, rows=8, on_error="null").start(0)
    answers = pl.concat([b.predictions for b in batches])
    told = "Row {row}: the column '{column}' needs a number, not 'viel'."
    assert answers["error"].drop_nulls().to_list() == [
        told.format(row=row, column=number) for row in (21, 34)
    ]
    assert answers["error"].is_not_null().arg_true().to_list() == [20, 33]
    assert answers.filter(pl.col("error").is_not_null()).drop("error").null_count().row(0) == (
        2,
    ) * (answers.width - 1)
    assert answers.filter(pl.col("error").is_null()).drop("error").null_count().row(0) == (0,) * (
        answers.width - 1
    )


def test_wide_tables_have_smaller_batches():
    model = load(GOLDEN / "binary.mulle")
    assert useful_rows(model) == 8 * model.manifest.batch_rows
    columns = model.manifest.schema.columns * 500
    schema = msgspec.structs.replace(model.manifest.schema, columns=columns)
    model.manifest = msgspec.structs.replace(model.manifest, schema=schema)
    assert useful_rows(model) == model.manifest.batch_rows
