"""Models of features: each learns from training rows and predicts test rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, softmax
from sklearn.linear_model import Ridge


def of_classes(model: Callable[[Any], Any], y: Any, classes: int) -> Any:
    """Return probabilities of all classes, from a model that is handed codes 0, 1, ... of rows."""
    seen, codes = np.unique(y, return_inverse=True)
    p = np.asarray(model(codes)) if len(seen) > 1 else None
    found = np.zeros((1 if p is None else len(p), classes))
    if p is None:
        found[:, seen[0]] = 1.0
    elif p.ndim == 1:  # of the second of two
        found[:, seen] = np.column_stack([1.0 - p, p])
    else:
        found[:, seen] = p
    return found


def of_values(model: Callable[[Any], Any], y: Any) -> Any:
    """Return values, from a model that is handed the target in standard deviations."""
    centre, spread = y.mean(), y.std() or 1.0
    return model((y - centre) / spread) * spread + centre


def boost(
    x: Any, y: Any, weight: Any, x_test: Any, codes: Any, rounds: int, trees: int, settings: Any
) -> Any:
    """Return the predictions of the first trees that LightGBM grows in so many rounds."""
    settings = settings | {
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
        "num_threads": 0 if np.prod(x.shape) > 1_000_000 else 1,
    }
    data = lightgbm.Dataset(x, y, weight=weight, categorical_feature=codes, params=settings)
    return lightgbm.train(settings, data, rounds).predict(x_test, num_iteration=trees)


def logistic(x: Any, y: Any, weight: Any, x_test: Any, strength: float, rounds: int) -> Any:
    """Return probabilities of logistic regression with an L2 penalty, trained by L-BFGS.

    The loss is scikit-learn's; it is written out here so that training ends where the run's did.
    """
    x, outputs = x.astype(np.float64), 1 if y.max() == 1 else int(y.max()) + 1
    weight = np.ones(len(y)) if weight is None else weight
    share, penalty = weight / weight.sum(), 1.0 / (strength * weight.sum())

    def loss(both: Any) -> Any:
        both = both.reshape(-1, outputs)
        w, linear = both[:-1], np.asarray(x @ both[:-1]) + both[-1]
        if outputs == 1:
            losses = np.logaddexp(0.0, linear[:, 0]) - y * linear[:, 0]
            error = expit(linear) - y[:, None]
        else:
            linear = linear - linear.max(axis=1, keepdims=True)
            losses = np.log(np.exp(linear).sum(axis=1)) - linear[np.arange(len(y)), y]
            error = softmax(linear, axis=1) - np.eye(outputs)[y]
        error = error * share[:, None]
        gradient = np.concatenate([x.T @ error + penalty * w, error.sum(axis=0, keepdims=True)])
        return share @ losses + 0.5 * penalty * (w * w).sum(), gradient.ravel()

    options = {"maxiter": rounds, "maxls": 50, "gtol": 1e-4, "ftol": 64 * np.finfo(float).eps}
    start = np.zeros((x.shape[1] + 1) * outputs)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    found = found.reshape(-1, outputs)
    linear = np.asarray(x_test.astype(np.float64) @ found[:-1]) + found[-1]
    return expit(linear[:, 0]) if outputs == 1 else softmax(linear, axis=1)


def ridge(x: Any, y: Any, weight: Any, x_test: Any, alpha: float) -> Any:
    """Return values of linear regression with an L2 penalty."""
    model = Ridge(alpha=alpha).fit(x.astype(np.float64), y, sample_weight=weight)
    return x_test.astype(np.float64) @ model.coef_ + model.intercept_


def grow(forest: Any, x: Any, y: Any, weight: Any, x_test: Any) -> Any:
    """Return the predictions of a forest of scikit-learn."""
    forest.fit(x, y, sample_weight=weight)
    return (
        forest.predict_proba(x_test) if hasattr(forest, "predict_proba") else forest.predict(x_test)
    )


def same_for_all(y: Any, weight: Any, x_test: Any, *, classes: bool) -> Any:
    """Return the shares of the classes, or the mean, for every row."""
    if classes:
        counts = np.bincount(y, weights=weight)
        return np.repeat((counts / counts.sum())[None], x_test.shape[0], axis=0)
    return np.full(x_test.shape[0], np.average(y, weights=weight))


def mean_of(parts: list[Any]) -> Any:
    """Return the mean of predictions."""
    return sum(parts[1:], parts[0]) / len(parts)
