"""All learners that a plan can name, for classes and for values."""

from __future__ import annotations

from mulle.learners.base import Classifier, Regressor
from mulle.learners.boosting import LightGBMClassifier, LightGBMRegressor
from mulle.learners.convolution import ConvolutionClassifier, ConvolutionRegressor
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
    "convolution": ConvolutionClassifier,
}
REGRESSORS: dict[str, type[Regressor]] = {
    "dummy": DummyRegressor,
    "linear": Ridge,
    "lightgbm": LightGBMRegressor,
    "random_forest": RandomForestRegressor,
    "extra_trees": ExtraTreesRegressor,
    "network": MLPRegressor,
    "convolution": ConvolutionRegressor,
}
