"""scikit-learn's own checks, over every learner."""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from mulle.learners import CLASSIFIERS, REGRESSORS

pytestmark = pytest.mark.long

SMALL: dict[str, dict[str, Any]] = {
    "lightgbm": {"n_estimators": 12, "min_child_samples": 1},
    "random_forest": {"n_estimators": 11},  # odd, so that no two classes are equal
    "extra_trees": {"n_estimators": 12},
    "network": {"hidden": (32,), "epochs": 60, "n_jobs": 1},
    "convolution": {"maps": (8,), "epochs": 40, "n_jobs": 1},
}
DENSE, SPARSE = (f"check_sample_weight_equivalence_on_{form}_data" for form in ("dense", "sparse"))
BY_ROWS = "LightGBM places the edges of its bins by rows, whatever they weigh"
DRAWN = "trees draw rows, whatever they weigh"
BATCHES = "a batch holds so many rows, whatever they weigh"
FAILURES: dict[str, dict[str, str]] = {
    "ConvolutionClassifier": {DENSE: BATCHES},
    "ConvolutionRegressor": {DENSE: BATCHES},
    "DummyClassifier": {"check_classifiers_train": "of two equal classes it takes the second"},
    "LightGBMClassifier": {DENSE: BY_ROWS, SPARSE: BY_ROWS},
    "LightGBMRegressor": {DENSE: BY_ROWS, SPARSE: BY_ROWS},
    "MLPClassifier": {DENSE: BATCHES},
    "MLPRegressor": {DENSE: BATCHES},
    "RandomForestClassifier": {DENSE: DRAWN},
    "RandomForestRegressor": {DENSE: DRAWN},
}


def known_failures(estimator: Any) -> dict[str, str]:
    return FAILURES.get(type(estimator).__name__, {})


ALL = [
    cls(**SMALL.get(name, {}))
    for registry in (CLASSIFIERS, REGRESSORS)
    for name, cls in registry.items()
]


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(ALL, expected_failed_checks=known_failures, xfail_strict=True)
def test_it_keeps_the_manners_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)
