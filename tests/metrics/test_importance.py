"""Permutation importance against scikit-learn's on the same model."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.inspection import permutation_importance as reference
from sklearn.linear_model import LinearRegression

from mulle.metrics import decided, metric, permutation_importance


def linear(n=1500):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3))
    y = 3 * x[:, 0] + x[:, 1] + rng.normal(0, 0.1, n)
    model = LinearRegression().fit(x, y)
    names = ("strong", "weak", "none")
    arrays = {name: x[:, [k]] for k, name in enumerate(names)}
    return model, x, arrays, y, lambda a: model.predict(np.hstack([a[n] for n in names]))


def test_drops_are_those_of_sklearn():
    model, x, arrays, y, predict = linear()
    found = {i.column: i for i in permutation_importance(predict, arrays, y, metric("r2"))}
    expected = reference(model, x, y, n_repeats=5, random_state=0).importances_mean
    got = [found[name].mean for name in arrays]
    np.testing.assert_allclose(got, expected, rtol=0.06, atol=1e-3)
    assert all(i.n_repeats == 5 and 0 <= i.std < 0.1 for i in found.values())


def test_the_strongest_comes_first_and_losses_count_as_losses():
    _, _, arrays, y, predict = linear()
    found = permutation_importance(predict, arrays, y, metric("rmse"))
    assert [i.column for i in found] == ["strong", "weak", "none"]
    assert found[0].mean > 1 > abs(found[2].mean)


def test_rows_are_capped_and_the_seed_decides():
    _, _, arrays, y, predict = linear()
    seen = set()

    def watched(a):
        seen.add(len(a["weak"]))
        return predict(a)

    runs = [
        permutation_importance(watched, arrays, y, metric("mae"), max_rows=99, random_state=s)
        for s in (0, 0, 1)
    ]
    assert seen == {99} and runs[0] == runs[1] != runs[2]


def test_a_stop_leaves_what_was_measured():
    _, _, arrays, y, predict = linear()
    calls = itertools.count()
    found = permutation_importance(predict, arrays, y, metric("r2"), stop=lambda: next(calls) >= 2)
    assert [(i.column, i.n_repeats) for i in found] == [("strong", 1), ("weak", 1), ("none", 0)]
    assert found[0].mean == pytest.approx(1.8, abs=0.1) and np.isnan(found[2].mean)


def test_string_columns_are_shuffled_like_any():
    words = np.array(["a", "b"] * 50, dtype=object)[:, None]
    y = (words[:, 0] == "b").astype(int)
    found = permutation_importance(
        lambda a: decided(np.eye(2)[(a["word"][:, 0] == "b").astype(int)]),
        {"word": words},
        y,
        metric("accuracy"),
    )
    assert found[0].mean == pytest.approx(0.5, abs=0.1)
