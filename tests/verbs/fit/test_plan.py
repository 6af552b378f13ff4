import numpy as np
import pytest

from mulle.errors import MissingFile, UnknownName, UsageError
from mulle.learners import LightGBMClassifier
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
    path.write_text(write_plans([PLAN, PLAN]), encoding="utf-8")
    assert read_plans(path) == [PLAN, PLAN]


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
        ("[[plan]\n", UsageError, "This is not a plan"),
        ("", UsageError, "holds no"),
        ('[[plan]]\nname = "a"\n', UsageError, "This is not a plan"),
        ('[[plan]]\nname = 3\nlearner = "linear"\nfeatures = []\n', UsageError, "not a plan"),
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
