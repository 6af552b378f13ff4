"""Files of every released format still load and still give the answers they gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulle.bundle import load

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.mulle"))


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def test_each_task_has_a_golden_file():
    assert {load(GOLDEN / f"{n}.mulle").manifest.task for n in NAMES} == {
        "binary",
        "multiclass",
        "regression",
    }


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_those_of_the_version_that_wrote_it(name):
    model, expected = load(GOLDEN / f"{name}.mulle"), golden(name)
    rows = golden("rows")
    if model.is_regression:
        np.testing.assert_allclose(model.predict(rows), expected["predict"], rtol=1e-9)
        return
    assert model.predict(rows).tolist() == expected["predict"]
    np.testing.assert_allclose(model.predict_proba(rows), expected["predict_proba"], atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_alone_is_answered_as_among_others(name):
    model, rows = load(GOLDEN / f"{name}.mulle"), golden("rows")
    alone = [model.predict(row).item() for row in rows]
    if model.is_regression:
        np.testing.assert_allclose(alone, model.predict(rows), rtol=1e-12)
    else:
        assert alone == model.predict(rows).tolist()


@pytest.mark.parametrize("name", NAMES)
def test_golden_files_are_small(name):
    assert (GOLDEN / f"{name}.mulle").stat().st_size < 32_000
