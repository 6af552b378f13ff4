"""Learners: scikit-learn estimators on float32 features that write themselves as ONNX."""

from mulle.learners.base import Classifier, Held, Learner, Regressor
from mulle.learners.boosting import LightGBMClassifier, LightGBMRegressor
from mulle.learners.dummy import DummyClassifier, DummyRegressor
from mulle.learners.linear import LogisticRegression, Ridge
from mulle.learners.network import MLPClassifier, MLPRegressor
from mulle.learners.trees import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

CLASSIFIERS: dict[str, type[Classifier]] = {
    "dummy": DummyClassifier,
    "linear": LogisticRegression,
    "lightgbm": LightGBMClassifier,
    "random_forest": RandomForestClassifier,
    "extra_trees": ExtraTreesClassifier,
    "network": MLPClassifier,
}
REGRESSORS: dict[str, type[Regressor]] = {
    "dummy": DummyRegressor,
    "linear": Ridge,
    "lightgbm": LightGBMRegressor,
    "random_forest": RandomForestRegressor,
    "extra_trees": ExtraTreesRegressor,
    "network": MLPRegressor,
}

__all__ = [
    "CLASSIFIERS",
    "REGRESSORS",
    "Classifier",
    "DummyClassifier",
    "DummyRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "Held",
    "Learner",
    "LightGBMClassifier",
    "LightGBMRegressor",
    "LogisticRegression",
    "MLPClassifier",
    "MLPRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "Regressor",
    "Ridge",
]
