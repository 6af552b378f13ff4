"""Rows in every form, in any number, give the same answers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pytest

import mulle
from mulle.bundle import Model, load, load_whole
from mulle.bundle.model import PIECE_ROWS, _pieces
from mulle.errors import PredictionError, RunError, UsageError

GOLDEN = Path(__file__).parent / "golden"
ROWS = json.loads((GOLDEN / "rows.json").read_text("utf-8"))[:8]


@pytest.fixture(params=["binary", "multiclass", "regression"])
def model(request):
    return load(GOLDEN / f"{request.param}.mulle")


@pytest.fixture
def binary():
    return load(GOLDEN / "binary.mulle")


def test_all_forms_of_rows(model, tmp_path):
    expected = model.predict(ROWS).tolist()
    frame = pl.DataFrame(ROWS)
    path = tmp_path / "rows.csv"
    frame.write_csv(path)
    forms = [
        frame,
        frame.to_pandas(),
        frame.to_arrow(),
        frame.to_dict(as_series=False),
        json.dumps(ROWS),
        frame.write_csv(),
        path,
        str(path),
        mulle.read(frame),
    ]
    for form in forms:
        assert model.predict(form).tolist() == expected


def test_columns_may_come_in_any_order_and_with_others(binary):
    row = ROWS[0]
    turned = {"more": 1} | dict(reversed(row.items()))
    assert binary.predict_proba(turned).tolist() == binary.predict_proba(row).tolist()
    frame = pl.DataFrame([turned])
    assert binary.predict_proba(frame).tolist() == binary.predict_proba(row).tolist()


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 8])
@pytest.mark.parametrize("batch", [1, 3, 100])
def test_batches_do_not_change_answers(model, rows, batch):
    manifest = msgspec.structs.replace(model.manifest, batch_rows=batch)
    batched = Model(manifest, model.graph, model.members)
    frame = pl.DataFrame(ROWS).head(rows)
    expected = model.predict(ROWS)[:rows]
    if model.is_regression:
        np.testing.assert_allclose(batched.predict(frame), expected, rtol=1e-12)
    else:
        assert batched.predict(frame).tolist() == expected.tolist()
    if not model.is_regression:
        proba = batched.predict_proba(frame)
        assert proba.shape == (rows, len(model.classes_))
        # Matrix products of few rows may differ from those of many in the last bit.
        np.testing.assert_allclose(proba, model.predict_proba(ROWS)[:rows], rtol=1e-12)


def test_threads_change_nothing(model, monkeypatch):
    manifest = msgspec.structs.replace(model.manifest, batch_rows=3)
    batched = Model(manifest, model.graph, model.members)
    inputs = {name: np.repeat(a, 25, axis=0) for name, a in model.inputs(ROWS).items()}
    answers = []
    for threads in (1, 4):
        monkeypatch.setattr("os.cpu_count", lambda threads=threads: threads)
        answers.append(batched.predict_arrays(inputs).scores)
    np.testing.assert_array_equal(*answers)


def test_labels_are_what_they_were(model):
    answers = model.predict(ROWS)
    if model.is_regression:
        assert answers.dtype == np.float64
        assert model.classes_ is None
        return
    assert set(answers.tolist()) <= set(model.manifest.labels)
    proba = model.predict_proba(ROWS)
    np.testing.assert_allclose(proba.sum(axis=1), 1.0)
    assert answers.tolist() == model.classes_[proba.argmax(axis=1)].tolist()


def test_a_column_that_is_missing(binary):
    with pytest.raises(PredictionError) as caught:
        binary.predict({"mileage": 1})
    assert caught.value.code == "column-missing"
    assert "'city'" in caught.value.what


def test_a_value_of_the_wrong_type(binary):
    with pytest.raises(PredictionError) as caught:
        binary.predict([ROWS[0], ROWS[1] | {"mileage": "far"}])
    assert (caught.value.values["row"], caught.value.values["column"]) == (2, "mileage")
    assert caught.value.what == "Row 2: the column 'mileage' needs a number, not 'far'."


def test_unseen_and_missing_are_answered(binary):
    odd = dict.fromkeys(ROWS[0])
    for row in (odd, odd | {"city": "never seen"}):
        assert np.isfinite(binary.predict_proba(row)).all()


def test_no_probabilities_of_values():
    with pytest.raises(UsageError) as caught:
        load(GOLDEN / "regression.mulle").predict_proba(ROWS)
    assert str(caught.value) == (
        "The model predicts values of 'price', which have no class probabilities.\n"
        "  fix: Use predict."
    )


def test_pandas_missing_values(binary):
    frame = pd.DataFrame(ROWS)
    frame.loc[0, "city"] = None
    frame.loc[1, "mileage"] = np.nan
    changed = [dict(row) for row in ROWS]
    changed[0]["city"] = changed[1]["mileage"] = None
    np.testing.assert_array_equal(binary.predict_proba(frame), binary.predict_proba(changed))


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, pd.NaT], ids=repr)
def test_a_row_of_pandas_with_missing_cells_is_a_row(model, missing):
    row = pd.DataFrame(ROWS).iloc[0].to_dict()
    for name in row:
        holed = row | {name: missing}
        expected = model.predict(row | {name: None}).tolist()
        assert model.predict(holed).tolist() == expected
        assert model.predict([holed, row]).tolist()[:1] == expected
        assert model.predict(pd.DataFrame([holed, row])).tolist()[:1] == expected


def test_few_rows_as_a_frame_are_read_without_one(model, monkeypatch):
    expected = model.inputs(pl.DataFrame(ROWS * 100))
    monkeypatch.setattr("mulle.bundle.model.rows_of", None)  # the way of large frames
    frame = pl.DataFrame(ROWS)
    for rows in (ROWS, frame, frame.to_pandas(), frame.to_arrow(), frame.to_dict(as_series=False)):
        found = model.inputs(rows)
        assert {*found} == {*expected}
        for name, column in found.items():
            assert column.dtype == expected[name].dtype
            np.testing.assert_array_equal(column, expected[name][: len(ROWS)])


@pytest.mark.parametrize("batch", [3, 1_000, 2_500, 10_000])
def test_pieces_hold_every_row_once_and_begin_anew_with_each_batch(batch):
    for rows in (1, 999, 1_000, 1_001, 2_500, 7_777):
        pieces = _pieces(rows, batch)
        assert [i for piece in pieces for i in range(rows)[piece]] == [*range(rows)]
        assert all(p.stop - p.start <= min(batch, PIECE_ROWS) for p in pieces)
        for piece in pieces:  # those of a batch alone, moved
            begin = piece.start // batch * batch
            alone = _pieces(min(batch, rows - begin), batch)
            assert slice(piece.start - begin, piece.stop - begin) in alone


def test_rows_by_whole_batches_get_the_same_answers_to_the_last_bit(model):
    manifest = msgspec.structs.replace(model.manifest, batch_rows=1_500)
    batched = Model(manifest, model.graph, model.members)
    inputs = {name: np.resize(a, (4_321, 1)) for name, a in model.inputs(ROWS).items()}
    together = batched.predict_arrays(inputs).scores
    parts = [
        batched.predict_arrays({n: a[begin : begin + 3_000] for n, a in inputs.items()}).scores
        for begin in (0, 3_000)
    ]
    np.testing.assert_array_equal(together, np.concatenate(parts))


def test_rows_of_other_libraries_are_the_same_rows(model):
    expected = model.predict(ROWS).tolist()
    frame, pandas = pl.DataFrame(ROWS), pl.DataFrame(ROWS).to_pandas()
    forms = [
        {name: frame[name] for name in frame.columns},
        {name: pandas[name] for name in pandas},
        frame.to_arrow().to_reader(),
        frame.to_arrow().to_batches()[0],
        frame.lazy(),
        pandas.convert_dtypes(),
        pandas.convert_dtypes(dtype_backend="pyarrow"),
        pandas.set_axis([np.nan] * len(ROWS)),
        pandas.astype(object).to_records(index=False),
        tuple(ROWS),
    ]
    for form in forms:
        assert model.predict(form).tolist() == expected


def test_a_row_of_pandas_is_a_row(model):
    pandas = pl.DataFrame(ROWS).to_pandas()
    assert model.predict(pandas.iloc[0]).tolist() == model.predict(ROWS[:1]).tolist()
    asked = model.predict(pandas[list(model.feature_names_in_)].iloc[1])
    assert asked.tolist() == model.predict(ROWS[1:2]).tolist()


@pytest.mark.parametrize("column", ["mileage", "city"])
@pytest.mark.parametrize("many", [False, True])
def test_half_a_character_is_refused_in_a_sentence(binary, column, many):
    rows = ROWS[0] | {column: "\ud800x"}
    with pytest.raises(PredictionError) as caught:
        binary.predict([rows, ROWS[1]] if many else rows)
    assert caught.value.code == "text-half-character"
    assert "\\ud800x" in caught.value.what


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (np.zeros(3), "array-without-names"),
        (np.zeros((2, 3)), "array-without-names"),
        (3, "source-unknown"),
        (None, "source-unknown"),
        ([None], "row-not-a-record"),
        ([], ""),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(binary, rows, code):
    if not code:
        assert not len(binary.predict(rows))
        return
    with pytest.raises(PredictionError) as caught:
        binary.predict(rows)
    assert caught.value.code == code


def test_cells_of_numpy_are_cells(binary):
    masked = binary.predict_proba(ROWS[0] | {"mileage": np.ma.masked})
    assert masked.tolist() == binary.predict_proba(ROWS[0] | {"mileage": None}).tolist()
    with pytest.raises(PredictionError, match="needs a number"):
        binary.predict(ROWS[0] | {"mileage": np.array([1, 2])})


def test_a_model_names_itself_shortly(model):
    assert repr(model).startswith(f"Model(target={model.manifest.target.name!r}")
    assert len(repr(model)) < 200


def test_a_model_may_be_loaded_with_its_bytes_and_only_by_its_checksum():
    path = GOLDEN / "binary.mulle"
    model, data, sha256 = load_whole(path)
    assert (data, sha256) == (path.read_bytes(), hashlib.sha256(data).hexdigest())
    assert load_whole(path, sha256).model.predict(ROWS).tolist() == model.predict(ROWS).tolist()
    with pytest.raises(RunError) as caught:
        load_whole(path, "0" * 64)
    assert caught.value.code == "bundle-replaced"
