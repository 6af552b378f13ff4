"""Learners: scikit-learn estimators on float32 features that write themselves as ONNX."""

from mulle.learners.base import Classifier, Held, Learner, Regressor
from mulle.learners.boosting import LightGBMClassifier, LightGBMRegressor
from mulle.learners.convolution import ConvolutionClassifier, ConvolutionRegressor
from mulle.learners.describe import describe_learner
from mulle.learners.dummy import DummyClassifier, DummyRegressor
from mulle.learners.linear import LogisticRegression, Ridge
from mulle.learners.network import MLPClassifier, MLPRegressor
from mulle.learners.registry import CLASSIFIERS, REGRESSORS
from mulle.learners.trees import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

__all__ = [
    "CLASSIFIERS",
    "REGRESSORS",
    "Classifier",
    "ConvolutionClassifier",
    "ConvolutionRegressor",
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
    "describe_learner",
]
