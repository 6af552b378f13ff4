"""Scores for which scikit-learn has no function that does the same."""

from __future__ import annotations

from typing import Any

import numpy as np


def one_against_rest(score: Any, y: Any, p: Any) -> Any:
    """Return the mean score of each class that occurs against all others."""
    return np.mean([score(y == c, p[:, c]) for c in np.unique(y)])


def brier(y: Any, p: Any) -> Any:
    """Return the mean squared error of the probabilities: of class 1 of two, else of all."""
    if p.shape[1] == 2:
        return ((p[:, 1] - y) ** 2).mean()
    return ((p - np.eye(p.shape[1])[y]) ** 2).sum(axis=1).mean()
