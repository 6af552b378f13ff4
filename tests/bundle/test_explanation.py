"""`why` is what replacing one column by hand gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mulle.bundle import load

GOLDEN = Path(__file__).parent / "golden"
ROWS = json.loads((GOLDEN / "rows.json").read_text("utf-8"))


@pytest.fixture(params=["binary", "multiclass", "regression"])
def model(request):
    return load(GOLDEN / f"{request.param}.mulle")


def test_each_part_is_the_difference_that_replacing_makes(model):
    labels = [] if model.is_regression else list(model.classes_)
    for row, why in zip(ROWS, model.predict(ROWS, why=True), strict=True):
        assert why.prediction == model.predict(row).item()
        at = 0 if model.is_regression else labels.index(why.prediction)

        def score(values, at=at):
            answer = model.predict if model.is_regression else model.predict_proba
            return float(answer(values).ravel()[at])

        assert why.score == pytest.approx(score(row), rel=1e-12)
        assert {part.column for part in why.contributions} == set(row)
        for part in why.contributions:
            usual = model.manifest.usual.get(part.column)
            assert part.usual == usual
            replaced = score(row | {part.column: usual})
            assert part.change == pytest.approx(score(row) - replaced, rel=1e-9, abs=1e-9)


def test_largest_change_first(model):
    for why in model.predict(ROWS, why=True):
        sizes = [abs(part.change) for part in why.contributions]
        assert sizes == sorted(sizes, reverse=True)


def test_missing_is_none_and_values_are_plain(model):
    (why,) = model.predict(dict.fromkeys(ROWS[0]), why=True)
    assert all(part.value is None for part in why.contributions)
    assert type(why.prediction) in (bool, str, float)


def test_no_rows(model):
    assert model.predict([], why=True) == []


def test_usual_values_move_nothing(model):
    usual = {name: model.manifest.usual.get(name) for name in ROWS[0]}
    (why,) = model.predict(usual, why=True)
    np.testing.assert_array_equal([part.change for part in why.contributions], 0.0)
