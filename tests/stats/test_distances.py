"""Distances agree with SciPy and scikit-learn, and keep the rules of a metric."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import distance
from sklearn.metrics.pairwise import cosine_similarity as reference_cosine

from mulle import stats as ev
from mulle.errors import UsageError

VECTORS = st.integers(1, 6).flatmap(
    lambda d: st.tuples(
        *[st.lists(st.floats(-1e6, 1e6), min_size=d, max_size=d).map(np.array) for _ in range(3)]
    )
)


@given(VECTORS)
def test_as_scipy(abc):
    a, b, _ = abc
    pairs = {
        ev.euclidean: distance.euclidean,
        ev.manhattan: distance.cityblock,
        ev.chebyshev: distance.chebyshev,
    }
    for ours, reference in pairs.items():
        assert ours(a, b) == pytest.approx(reference(a, b))
    for p in (1, 1.5, 3):
        assert ev.minkowski(a, b, p) == pytest.approx(distance.minkowski(a, b, p))
        assert ev.norm(a, p) == pytest.approx(np.linalg.norm(a, p))
    assert ev.norm(a, np.inf) == np.linalg.norm(a, np.inf)
    assert ev.dot(a, b) == pytest.approx(np.dot(a, b), abs=1e-3)


@given(VECTORS, st.floats(1, 10))
def test_a_metric_keeps_the_triangle_inequality(abc, p):
    a, b, c = abc
    assert ev.minkowski(a, c, p) <= ev.minkowski(a, b, p) + ev.minkowski(b, c, p) + 1e-6


def test_cosine():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(20, 5)), rng.normal(size=(20, 5))
    assert ev.cosine_similarity(a, b) == pytest.approx(np.diag(reference_cosine(a, b)))
    assert ev.cosine_distance(a[0], b[0]) == pytest.approx(distance.cosine(a[0], b[0]))
    assert np.isnan(ev.cosine_similarity([0.0, 0.0], [1.0, 0.0]))


def test_norms_do_not_overflow():
    assert ev.norm([3e200, 4e200]) == pytest.approx(5e200)


def test_below_one_is_refused():
    with pytest.raises(UsageError, match="The order p of a norm must be 1 or more, not"):
        ev.minkowski([0.0], [1.0], 0.5)
