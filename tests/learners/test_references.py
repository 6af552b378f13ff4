"""Learners against the libraries that train them: same predictions, to the last digits."""

from typing import Any

import lightgbm
import numpy as np
import pytest
from sklearn import ensemble, linear_model

from mulle.learners import CLASSIFIERS, REGRESSORS, Learner

rng = np.random.default_rng(3)
X = rng.normal(size=(300, 5)).astype(np.float32)
X_NEW = rng.normal(size=(300, 5)).astype(np.float32)
VALUES = X[:, 0] * X[:, 1] + X[:, 2]
CLASSES = np.digitize(VALUES, [-0.5, 0.5])
WEIGHT = rng.random(300) + 0.1
FOREST = {"n_estimators": 20, "random_state": 0, "max_features": 0.8}
BOOST = {"n_estimators": 20, "num_leaves": 7, "learning_rate": 0.1}

REFERENCES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "random_forest": (
        FOREST | {"bootstrap": True, "min_samples_leaf": 2, "max_leaf_nodes": 40},
        ensemble.RandomForestClassifier,
        ensemble.RandomForestRegressor,
    ),
    "extra_trees": (
        FOREST | {"min_samples_leaf": 2, "max_leaf_nodes": 40},
        ensemble.ExtraTreesClassifier,
        ensemble.ExtraTreesRegressor,
    ),
    "lightgbm": (
        BOOST,
        lightgbm.LGBMClassifier,
        lightgbm.LGBMRegressor,
    ),
}


def reference(name: str, column: int) -> Any:
    params = dict(REFERENCES[name][0])
    if name == "lightgbm":
        params |= {"verbosity": -1, "deterministic": True, "force_row_wise": True, "n_jobs": 1}
    return REFERENCES[name][column](**params)


def ours(registry: dict[str, type[Learner]], name: str) -> Any:
    return registry[name](**REFERENCES[name][0])


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", REFERENCES)
def test_classes(name: str, weight: Any) -> None:
    for y in (CLASSES, CLASSES > 0):
        expected = reference(name, 1).fit(X, y, sample_weight=weight).predict_proba(X_NEW)
        got = ours(CLASSIFIERS, name).fit(X, y, weight).predict_proba(X_NEW)
        np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", REFERENCES)
def test_values(name: str, weight: Any) -> None:
    expected = reference(name, 2).fit(X, VALUES, sample_weight=weight).predict(X_NEW)
    got = ours(REGRESSORS, name).fit(X, VALUES, weight).predict(X_NEW)
    np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_logistic_regression(weight: Any) -> None:
    for y in (CLASSES, CLASSES > 0):
        solver = linear_model.LogisticRegression(C=0.7, max_iter=1000, tol=1e-8)
        expected = solver.fit(X.astype(float), y, sample_weight=weight).predict_proba(X_NEW)
        got = CLASSIFIERS["linear"](C=0.7).fit(X, y, weight).predict_proba(X_NEW)
        np.testing.assert_allclose(got, expected, atol=2e-3)  # L-BFGS stops at 1e-4


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_ridge(weight: Any) -> None:
    solver = linear_model.Ridge(alpha=2.5).fit(X.astype(float), VALUES, sample_weight=weight)
    got = REGRESSORS["linear"](alpha=2.5).fit(X, VALUES, weight).predict(X_NEW)
    np.testing.assert_allclose(got, solver.predict(X_NEW.astype(float)), atol=1e-12)


def test_dummies() -> None:
    y = np.array([0, 0, 1])
    weight = np.array([1.0, 1.0, 6.0])
    assert CLASSIFIERS["dummy"]().fit(X[:3], y, weight).predict_proba(X[:1]).tolist() == [
        [0.25, 0.75]
    ]
    assert REGRESSORS["dummy"]().fit(X[:3], y, weight).predict(X[:1]).tolist() == [0.75]


def test_early_stopping_keeps_the_best_number_of_trees() -> None:
    from mulle.learners import Held

    noise = VALUES + rng.normal(size=300) * 3
    held = Held(X_NEW, X_NEW[:, 0] * X_NEW[:, 1] + X_NEW[:, 2])
    fitted = REGRESSORS["lightgbm"](patience=10).fit(X, noise, held=held)
    found = fitted.final_params([fitted])["n_estimators"]
    assert 1 <= found < 200
    again = REGRESSORS["lightgbm"](n_estimators=found).fit(X, noise)
    np.testing.assert_array_equal(again.predict(X_NEW), fitted.predict(X_NEW))


@pytest.mark.parametrize("name", ["lightgbm", "random_forest", "extra_trees"])
def test_training_ends_when_told_to_with_a_model(name: str) -> None:
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return True

    for registry, y in ((CLASSIFIERS, CLASSES), (REGRESSORS, VALUES)):
        learner = registry[name]().fit(X, y, stop=stop)
        assert np.isfinite(learner.scores(X)).all()
    assert asked


@pytest.mark.parametrize("noise", [0.1, 1.0, 10.0])
def test_the_penalty_has_the_least_generalized_cross_validation_error(noise: float) -> None:
    from mulle.learners.linear import _ALPHAS

    x = np.hstack([X, rng.normal(size=(300, 40))]).astype(np.float32)
    y = x[:, :3].sum(axis=1) + noise * rng.normal(size=300)
    design = np.hstack([np.ones((300, 1)), x.astype(float)])

    def error(alpha: float) -> float:  # straight from the definition
        penalty = np.diag([0.0, *[alpha] * x.shape[1]])
        hat = design @ np.linalg.solve(design.T @ design + penalty, design.T)
        return 300 * float(((y - hat @ y) ** 2).sum()) / (300 - float(np.trace(hat))) ** 2

    assert REGRESSORS["linear"]().fit(x, y).alpha_ == min(_ALPHAS, key=error)


def test_held_classes_are_known_by_name_not_by_position() -> None:
    from mulle.learners import Held

    y = np.where(X[:, 0] > 0, 9, 4)
    held = Held(X_NEW, np.where(X_NEW[:, 0] > 0, 9, 4))
    fitted = CLASSIFIERS["lightgbm"](patience=5, learning_rate=0.2).fit(X, y, held=held)
    codes = (y == 9).astype(int)
    same = CLASSIFIERS["lightgbm"](patience=5, learning_rate=0.2).fit(
        X, codes, held=Held(X_NEW, (held.y == 9).astype(int))
    )
    assert fitted.n_trees_ == same.n_trees_ > 5
