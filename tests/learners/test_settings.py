"""Every setting of every learner: declared, refused beyond its limits, and working up to them."""

import inspect
import tomllib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from spox import Tensor, argument
from tests.learners.agreement import most_apart
from tests.setting_values import inside, outside

from mulle.errors import UnknownName
from mulle.graph import g, open_session, run, to_model
from mulle.i18n import Messages
from mulle.learners import CLASSIFIERS, REGRESSORS, Held, Learner, describe_learner
from mulle.learners.describe import example_of
from mulle.learners.network import _ACTIVATIONS
from mulle.settings import InvalidSetting, check_settings, settings_of
from mulle.verbs.fit.plan import Plan

ROWS = 60
SMALL: dict[str, dict[str, Any]] = {  # settings that keep the tests quick
    "lightgbm": {"n_estimators": 5, "min_child_samples": 3, "n_jobs": 1},
    "random_forest": {"n_estimators": 5, "n_jobs": 1},
    "extra_trees": {"n_estimators": 5, "n_jobs": 1},
    "network": {"hidden": [8], "epochs": 3, "n_jobs": 1},
    "convolution": {"maps": [4], "epochs": 2, "n_jobs": 1},
}
LEARNERS = [(name, cls) for r in (CLASSIFIERS, REGRESSORS) for name, cls in r.items()]


def cases(values: Any) -> Iterator[Any]:
    for key, cls in LEARNERS:
        for name, constraint in cls.parameters.items():
            for value in values(constraint):
                yield pytest.param(key, cls, name, value, id=f"{cls.__name__}-{name}-{value}")


def rows() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(ROWS, 3)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(int)


@pytest.mark.parametrize(("key", "cls"), LEARNERS)
def test_every_parameter_is_declared_in_order_and_its_default_is_accepted(
    key: str, cls: type[Learner]
) -> None:
    signature = inspect.signature(cls).parameters
    assert list(cls.parameters) == list(signature)
    for name, parameter in signature.items():
        assert cls.parameters[name].accepts(parameter.default), name
    check_settings(cls, {})


@pytest.mark.parametrize(("key", "cls", "name", "value"), list(cases(outside)))
def test_what_is_beyond_the_limits_is_refused_by_fit_and_in_a_plan(
    key: str, cls: type[Learner], name: str, value: Any
) -> None:
    with pytest.raises(InvalidSetting) as by_fit:
        clone(cls()).set_params(**{name: value}).fit(*rows())
    plan = Plan("mine", key, [], {name: value})
    with pytest.raises(InvalidSetting) as by_plan:
        plan.estimator(regression=cls in REGRESSORS.values(), n_jobs=1, seed=0)
    for refusal in (by_fit.value, by_plan.value):
        assert refusal.what.startswith(f"{cls.__name__}: {name} must be ")
    assert by_plan.value.where == '[[plan]] name = "mine"'


@pytest.mark.parametrize(("key", "cls", "name", "value"), list(cases(inside)))
def test_what_is_just_within_the_limits_works_and_its_graph_agrees(
    key: str, cls: type[Learner], name: str, value: Any
) -> None:
    x, y = rows()
    learner = cls(**SMALL.get(key, {}) | {name: value}).fit(x, y, held=Held(x[::3], y[::3]))
    features = argument(Tensor(np.float32, ("N", x.shape[1])))
    session = open_session(to_model({"x": features}, {"y": learner.to_onnx(g, features)}))
    python, graph = learner.scores(x), run(session, {"x": x})[0]
    assert np.isfinite(python).all()
    assert np.abs(python - graph).max() <= most_apart(learner, python)


def test_a_misspelled_choice_offers_the_right_one() -> None:
    with pytest.raises(InvalidSetting) as refused:
        Plan("a", "network", [], {"activation": "reluu"}).estimator(
            regression=False, n_jobs=1, seed=0
        )
    assert refused.value.fix == "Did you mean 'relu', 'relu6'?"
    assert refused.value.render_what("ko").startswith("MLPClassifier: activation에 쓸 수 있는 값은")


def test_every_activation_is_an_operation_of_the_engine() -> None:
    from mulle.nn import functional

    assert [name for name in _ACTIVATIONS if not hasattr(functional, name)] == []


def test_as_many_iterations_as_are_allowed() -> None:
    x, y = rows()
    assert CLASSIFIERS["linear"](max_iter=1).fit(x, y).n_iter_ == 1
    assert CLASSIFIERS["linear"](max_iter=27, C=1e6).fit(x, y).n_iter_ <= 27


def test_a_whole_share_is_a_share_as_well() -> None:
    x, y = rows()
    forest = {
        s: REGRESSORS["extra_trees"](n_estimators=3, max_features=s).fit(x, y) for s in (1, 1.0)
    }
    assert np.array_equal(forest[1].scores(x), forest[1.0].scores(x))


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize(("key", "cls"), LEARNERS)
def test_every_learner_and_setting_is_described(key: str, cls: type[Learner], lang: Any) -> None:
    messages = Messages(lang)
    for name in (key, cls.__name__):
        page = describe_learner(name, lang)
        assert messages(f"learner-what.{key}") in page
        for row in settings_of(cls, lang):
            assert f"  {row.name}: {row.expected} ({row.default})\n      {row.meaning}\n" in page
    assert describe_learner(cls.__name__, lang).startswith(f"{cls.__name__}: ")


def test_settings_that_differ_are_shown_for_classes_and_for_values() -> None:
    page = describe_learner("linear", "en")
    assert "LogisticRegression: linear model" in page
    assert "Ridge: linear model" in page
    assert describe_learner("lightgbm", "en").startswith("lightgbm: LightGBM, boosted trees\n")


@pytest.mark.parametrize(("key", "cls"), LEARNERS)
def test_the_example_of_a_learner_is_a_plan(key: str, cls: type[Learner]) -> None:
    (plan,) = tomllib.loads(example_of(key, cls))["plan"]
    made = Plan(plan["name"], plan["learner"], [], plan.get("params", {}))
    learner = made.estimator(regression=cls in REGRESSORS.values(), n_jobs=1, seed=0)
    assert type(learner) is cls
    assert plan["features"] == [{"columns": ["age", "fare"]}]


def test_the_page_of_an_unknown_learner_offers_near_names() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'lightgbm'"):
        describe_learner("lightgmb", "en")
