from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from mulle.errors import MissingFile, UnknownName, UsageError
from mulle.learners import LightGBMClassifier
from mulle.verbs.fit import fit
from mulle.verbs.fit.plan import Features, Plan, read_plans, write_plans

PLAN = Plan(
    "first",
    "lightgbm",
    [Features(["size", "age"], [{"step": "Impute", "strategy": "mean"}])],
    {"n_estimators": 7},
    0.5,
)


def test_plans_are_the_same_after_toml(tmp_path):
    path = tmp_path / "plan.toml"
    other = msgspec.structs.replace(PLAN, name="second", params={})
    path.write_text(write_plans([PLAN, other]), encoding="utf-8")
    assert read_plans(path) == [PLAN, other]
    without = msgspec.structs.replace(PLAN, weight=None)
    path.write_text(write_plans([without]), encoding="utf-8")
    assert read_plans(path) == [without]


def test_a_plan_makes_its_steps_and_its_learner():
    learner = PLAN.estimator(regression=False, n_jobs=1, seed=3)
    assert isinstance(learner, LightGBMClassifier)
    assert (learner.n_estimators, learner.n_jobs, learner.random_state) == (7, 1, 3)
    columns = {"size": np.array([[1.0], [np.nan]]), "age": np.array([[3.0], [5.0]])}
    features = PLAN.preparation().fit_transform(columns, np.array([0, 1]))
    assert features.tolist() == [[1.0, 3.0, 0.0], [1.0, 5.0, 1.0]]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("[[plan]\n", UsageError, "The plan cannot be read"),
        ("", UsageError, "holds no"),
        ('[[plan]]\nname = "a"\n', UsageError, "The plan cannot be read"),
        ('[[plan]]\nname = 3\nlearner = "linear"\nfeatures = []\n', UsageError, "cannot be read"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(tmp_path, text, error, message):
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        read_plans(path)


def test_unknown_names_offer_near_misses(tmp_path):
    with pytest.raises(MissingFile):
        read_plans(tmp_path / "none.toml")
    with pytest.raises(UnknownName, match="Did you mean 'lightgbm'"):
        Plan("a", "lightgmb", []).estimator(regression=False, n_jobs=1, seed=0)
    with pytest.raises(UnknownName, match="Did you mean 'Impute'"):
        Plan("a", "linear", [Features(["x"], [{"step": "Impte"}])]).preparation()
    with pytest.raises(UnknownName, match="Impute has no setting named 'stratgy'"):
        Plan("a", "linear", [Features(["x"], [{"step": "Impute", "stratgy": 1}])]).preparation()
    with pytest.raises(UsageError, match="names no columns"):
        Plan("a", "linear", [Features([])]).preparation()


PLANS = """
[[plan]]
name = "good"
learner = "linear"
{good}
[[plan.features]]
columns = ["size", "age"]
steps = [{{ step = "Impute" }}, {{ step = "StandardScale" }}]

[[plan]]
name = "useless"
learner = "linear"
{useless}
[[plan.features]]
columns = ["noise"]
steps = [{{ step = "StandardScale" }}]
"""


def plan_file(folder, good="", useless=""):
    path = folder / "plan.toml"
    path.write_text(PLANS.format(good=good, useless=useless), encoding="utf-8")
    return str(path)


def members_of(table, **options):
    noise = np.random.default_rng(9).normal(size=table.height)
    table = table.drop("price", "band").with_columns(noise=pl.Series(noise))
    result = fit(table, "dear", n_jobs=1, **options)
    assert {trial.plan.name for trial in result.packaged.board.trials} == {"good", "useless"}
    return {row.name: row.weight for row in result.packaged.rows if row.name != "blend"}


def test_plans_without_weights_are_compared_and_the_useless_one_is_left_out(table, tmp_path):
    weights = members_of(table, plan=plan_file(tmp_path))
    assert weights == {"good": 1.0, "useless": 0.0}


def test_given_weights_are_exactly_these(table, tmp_path):
    plan = plan_file(tmp_path, good="weight = 3", useless="weight = 1")
    weights = members_of(table, plan=plan)
    assert weights == pytest.approx({"good": 0.75, "useless": 0.25})


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ({"good": "weight = 1"}, "plan-weights-mixed"),
        ({"good": "weight = -1", "useless": "weight = 2"}, "plan-weights-invalid"),
        ({"good": "weight = 0", "useless": "weight = 0"}, "plan-weights-invalid"),
    ],
)
def test_weights_that_cannot_be_meant_are_refused(tmp_path, weights, code):
    with pytest.raises(UsageError) as caught:
        read_plans(Path(plan_file(tmp_path, **weights)))
    assert caught.value.code == code


def test_two_plans_of_one_name_are_refused(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLANS.format(good="", useless="").replace("useless", "good"), encoding="utf-8")
    with pytest.raises(UsageError, match="Two plans have the name 'good'"):
        read_plans(path)
