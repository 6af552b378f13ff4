"""Plans of a person: linear models on columns of any size, and steps that take something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import mulle
from mulle.bundle.prove import compare
from mulle.errors import UsageError
from mulle.metrics import Predictions
from mulle.verbs.fit.plan import Features, Plan, write_plans

COLUMNS = [f"c{i}" for i in range(12)]
STEPS = {
    "plain": [],
    "scaled": [{"step": "StandardScale"}],
    "bent": [{"step": "PowerTransform", "min_skew": 0.0}],
    "components": [{"step": "Impute"}, {"step": "PCA"}],
}


def write_plan(steps: list[dict[str, object]], columns: list[str], **params: float) -> str:
    plan = Plan("one", "linear", [Features(columns, steps)], params)
    Path("p.toml").write_text(write_plans([plan]), encoding="utf-8")
    return "p.toml"


@pytest.mark.parametrize("params", [{}, {"alpha": 0.0}], ids=["ridge", "least-squares"])
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
@pytest.mark.filterwarnings("ignore:An ill-conditioned matrix")
def test_a_linear_model_of_large_values_is_proved(folder, steps, params):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 12)) * 10.0 ** rng.integers(-3, 9, 12)
    y = (x / x.std(axis=0)).sum(axis=1) + rng.normal(size=200)
    table = pl.DataFrame(dict(zip(COLUMNS, x.T, strict=True)) | {"y": y})
    result = mulle.fit(table, "y", plan=write_plan(steps, COLUMNS, **params))
    assert result.packaged.proof.holds


def test_only_what_is_far_from_all_real_rows_is_compared_with_the_largest_sums():
    expected = np.array([1.0, 2.0, 3.0, 1e38, -1e30])
    off = np.array([0.0, 0.0, 0.0, 1e24, 1e20])
    near = np.array([0.0, 0.5, 0.0, 0.0, 0.0])
    assert compare(expected, Predictions(expected + off), generated=5).holds
    assert not compare(expected, Predictions(expected + off)).holds  # of rows that occur
    assert not compare(expected, Predictions(expected + near), generated=5).holds
    wrong = np.array([0.0, 0.0, 0.0, 1e31, 0.0])
    assert not compare(expected, Predictions(expected + wrong), generated=5).holds


WRONG = {
    "TextScore": ("note", "step-takes-other"),
    "StandardScale": ("note", "step-takes-other"),
    "TfIdf": ("size", "step-takes-other"),
    "DateParts": ("size", "step-takes-other"),
    "OneHot": ("day", "step-takes-other"),
}


@pytest.fixture
def notes() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    words = ["good", "bad", "great", "so", "film", "story", "actor", "plot"]
    written = [" ".join(rng.choice(words, 7)) for _ in range(120)]
    days = np.datetime64("2024-01-01") + rng.integers(0, 300, 120)
    like = np.where([t.count("good") > t.count("bad") for t in written], "yes", "no")
    return pl.DataFrame({"note": written, "size": rng.normal(size=120), "day": days, "like": like})


@pytest.mark.parametrize("step", WRONG)
def test_a_step_that_takes_something_else_is_refused_in_words(notes, step):
    column, code = WRONG[step]
    with pytest.raises(UsageError) as refused:
        mulle.fit(notes, "like", plan=write_plan([{"step": step}], [column]))
    assert refused.value.code == code
    assert refused.value.values["column"] == column
    assert step in refused.value.what


def test_a_text_needs_a_step_and_text_score_one_before_it(notes):
    with pytest.raises(UsageError) as refused:
        mulle.fit(notes, "like", plan=write_plan([], ["note"]))
    assert refused.value.code == "column-without-step"
    assert "TfIdf" in refused.value.fix
    steps = [{"step": "TfIdf"}, {"step": "TextScore"}]
    assert mulle.fit(notes, "like", plan=write_plan(steps, ["note"])).packaged.proof.holds
