"""Statistics of a first course agree with SciPy, pandas and NumPy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mulle import stats as st
from mulle.errors import UsageError

X = np.random.default_rng(0).normal(size=60)


def test_series():
    series = pd.Series(X)
    assert st.moving_average(X, 7) == pytest.approx(series.rolling(7).mean(), nan_ok=True)
    assert st.ewma(X, 0.8, corrected=False) == pytest.approx(
        series.ewm(alpha=0.2, adjust=False).mean()
    )
    v, corrected = 0.0, []
    for t, x in enumerate(X, 1):
        v = 0.8 * v + 0.2 * x
        corrected.append(v / (1 - 0.8**t))
    assert st.ewma(X, 0.8) == pytest.approx(corrected)
    for wrong in (lambda: st.moving_average(X, 0), lambda: st.ewma(X, 1.0)):
        with pytest.raises(UsageError):
            wrong()


def test_bootstrap():
    found = st.bootstrap(X, np.median, n_resamples=4000)
    reference = stats.bootstrap((X,), np.median, n_resamples=4000, method="percentile",
                                random_state=1)  # fmt: skip
    ends = reference.confidence_interval
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=0.08)
    assert found.error == pytest.approx(reference.standard_error, rel=0.1)
    assert found.value == np.median(X)
    assert np.isnan(st.bootstrap([]).value)


def test_the_interval_covers_in_its_share():
    rng = np.random.default_rng(1)
    inside = 0
    for k in range(200):
        found = st.bootstrap(rng.normal(size=80), n_resamples=300, level=0.9, random_state=k)
        inside += found.low <= 0 <= found.high
    assert 165 <= inside <= 195


def test_jackknife():
    assert st.jackknife(X) == pytest.approx(X.std(ddof=1) / np.sqrt(len(X)))


def test_permutation():
    y = X[:40] + 0.5
    difference, p = st.permutation(X, y, n_resamples=5000)
    reference = stats.permutation_test(
        (X, y), lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis), vectorized=True,
        n_resamples=5000, random_state=1,
    )  # fmt: skip
    assert difference == pytest.approx(reference.statistic)
    assert p == pytest.approx(reference.pvalue, abs=0.02)


@pytest.mark.parametrize(("effect", "rows"), [(0.2, 394), (0.5, 64), (0.8, 26)])
def test_sample_size(effect, rows):
    """Cohen 1988, table 2.4.1: power 0.80 at two-sided 0.05."""
    assert abs(st.sample_size(effect) - rows) <= 1


def test_power_by_simulation():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(4000, 30)), rng.normal(size=(4000, 30)) + 0.6
    seen = (stats.ttest_ind(a, b, axis=1).pvalue < 0.05).mean()
    assert st.power(0.6, 30) == pytest.approx(seen, abs=0.025)
    assert st.power(0.0, 30) == pytest.approx(0.05)
    assert st.power(0.01, 200_000) == pytest.approx(0.885, abs=0.001)
    with pytest.raises(UsageError):
        st.sample_size(0.0)


def test_markov():
    names, T = st.transitions(list("aabacca"))
    assert names == ["a", "b", "c"]
    assert T.sum(1) == pytest.approx(1)
    assert T[0] == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    p = np.array([1.0, 0, 0])
    assert st.after(p, T, 3) == pytest.approx(p @ T @ T @ T)
    assert st.transitions(["x"])[1].tolist() == [[1.0]]


def test_rules():
    rng = np.random.default_rng(3)
    a, b = rng.random(1000) < 0.4, rng.random(1000) < 0.3
    found = st.association(a, b)
    table = pd.crosstab(a, b, normalize="all")
    assert found.support == pytest.approx(table.loc[True, True])
    assert found.confidence == pytest.approx(table.loc[True, True] / table.loc[True].sum())
    assert found.lift == pytest.approx(found.confidence / b.mean())
    assert np.isnan(st.association([False], [True]).confidence)


def test_bayes():
    assert st.posterior([0.5, 0.5], [0.2, 0.6]) == pytest.approx([0.25, 0.75])
    assert st.log_likelihood(X, 0.3, 2.0) == pytest.approx(stats.norm.logpdf(X, 0.3, 2.0).sum())
