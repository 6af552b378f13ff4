"""Divergences of two samples are those of SciPy and of a formula written out."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from mulle.stats import divergences


def test_distances():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=500), rng.gamma(2, size=300)
    assert divergences.wasserstein(x, y) == pytest.approx(stats.wasserstein_distance(x, y))
    p, q = [1, 2, 3, 0], [3, 0, 3, 3]
    assert divergences.jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q, base=2))
    a, b = np.array([0.2, 0.8]), np.array([0.5, 0.5])
    assert divergences.psi(a * 10, b * 70) == pytest.approx(sum((a - b) * np.log(a / b)))
