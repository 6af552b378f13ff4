"""Steps that compute some rows or columns at a time give what they give at once."""

from __future__ import annotations

import numpy as np
import pytest

from mulle.graph import concat_rows
from mulle.steps import Impute, StandardScale, TfIdf, base, impute
from mulle.steps.base import texts_at_once

ROWS = 100


@pytest.fixture
def x():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 7))
    x[rng.random(x.shape) < 0.2] = np.nan
    return x


@pytest.mark.parametrize("strategy", ["median", "mean", "most_frequent", "zero"])
def test_imputation_learns_some_columns_at_a_time(x, strategy, monkeypatch):
    x[:, 3] = 1.0
    whole = Impute(strategy=strategy).fit(x)
    monkeypatch.setattr(impute, "_CELLS_AT_ONCE", 2 * ROWS)
    parts = Impute(strategy=strategy).fit(x)
    assert np.allclose(whole.fill_, parts.fill_, rtol=1e-14, atol=0)  # sums in another order
    assert np.array_equal(whole.missing_columns_, parts.missing_columns_)
    assert whole.transform(x).shape == parts.transform(x).shape


def test_numbers_are_computed_some_rows_at_a_time(x, monkeypatch):
    step = StandardScale().fit(x)
    whole = step.transform(x)
    monkeypatch.setattr(base, "_CELLS_AT_ONCE", 7 * 9)
    assert np.array_equal(step.transform(x), whole, equal_nan=True)
    asked = []
    monkeypatch.setattr(
        StandardScale, "compute", lambda self, part: (asked.append(len(part)), part)[1]
    )
    step.transform(x)
    assert max(asked) == 9
    assert sum(asked) == ROWS


def test_texts_are_computed_the_fewer_at_a_time_the_longer_they_are(monkeypatch):
    texts = np.array([f"some words {i} " * 20 for i in range(ROWS)], object)[:, None]
    step = TfIdf(min_count=1)
    whole = step.fit_transform(texts)
    assert texts_at_once(texts) > ROWS
    monkeypatch.setattr(base, "_CHARACTERS_AT_ONCE", 3_000)
    assert 5 < texts_at_once(texts) < 15
    parts = TfIdf(min_count=1).fit(texts)
    assert parts.vocabulary_ == step.vocabulary_
    assert (parts.transform(texts) != whole).nnz == 0


def test_rows_below_each_other_are_one_array_dense_or_sparse():
    from scipy import sparse

    dense = [np.full((n, 2), float(n)) for n in (3, 1, 2)]
    assert np.array_equal(concat_rows(iter(dense), 6), np.concatenate(dense))
    found = concat_rows(map(sparse.csr_matrix, dense), 6)
    assert np.array_equal(found.toarray(), np.concatenate(dense))
