"""The cut found against every cut tried by hand."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import DataError
from mulle.metrics import choose_threshold


def two(p1):
    return np.column_stack([1 - p1, p1])


def cost_at(cut, y, p1, fp, fn):
    flagged = p1 >= cut
    return (fp * (flagged & (y == 0)).sum() + fn * (~flagged & (y == 1)).sum()) / len(y)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=30).filter(
        lambda rows: len({y for y, _ in rows}) == 2
    ),
    st.floats(0, 10),
    st.floats(0.1, 10),
)
def test_no_cut_costs_less_and_the_numbers_are_of_that_cut(rows, fp, fn):
    y, p1 = np.array([int(a) for a, _ in rows]), np.array([b for _, b in rows])
    point = choose_threshold(y, two(p1), cost_fp=fp, cost_fn=fn)
    tried = [cost_at(cut, y, p1, fp, fn) for cut in (*np.unique(p1), 2.0)]
    assert point.cost == pytest.approx(min(tried))
    assert point.cost == pytest.approx(cost_at(point.threshold, y, p1, fp, fn))
    assert point.cost_at_half == pytest.approx(cost_at(0.5, y, p1, fp, fn))
    flagged = p1 >= point.threshold
    assert point.flagged == pytest.approx(flagged.mean())
    assert point.recall == pytest.approx(sk.recall_score(y, flagged))
    if flagged.any():
        assert point.precision == pytest.approx(sk.precision_score(y, flagged))


def sample():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    return y, np.clip(rng.normal(0.35 + 0.3 * y, 0.15), 0, 1)


def test_floors_are_kept_at_the_least_cost():
    y, p1 = sample()
    free = choose_threshold(y, two(p1))
    found = choose_threshold(y, two(p1), min_recall=0.98)
    assert free.recall < 0.98 <= found.recall
    precision, recall, _ = sk.precision_recall_curve(y, p1)
    assert found.precision == pytest.approx(precision[recall >= 0.98].max())
    strict = choose_threshold(y, two(p1), min_precision=0.97)
    assert strict.precision >= 0.97 > free.precision


def test_of_equal_costs_the_cut_nearest_the_ideal_is_taken():
    y, p1 = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.9, 0.95])
    assert choose_threshold(y, two(p1)).threshold == pytest.approx(0.55)


def test_a_model_that_knows_nothing_flags_none_or_all():
    y, p1 = np.array([0, 0, 0, 1]), np.full(4, 0.25)
    assert choose_threshold(y, two(p1)).flagged == 0
    assert choose_threshold(y, two(p1), cost_fn=10).flagged == 1


def test_refusals():
    y, p1 = np.array([0, 1, 0]), np.array([0.9, 0.5, 0.7])
    with pytest.raises(DataError, match="both classes, but 0 of 2 rows are positive"):
        choose_threshold(np.zeros(2, int), two(p1[:2]))
    with pytest.raises(DataError, match=r"with that recall the best precision is 0\.333"):
        choose_threshold(y, two(p1), min_recall=0.5, min_precision=0.9)


def test_what_is_equal_depends_on_the_costs():
    y, p1 = np.array([1, 0, 0, 1]), np.array([0.9, 0.8, 0.7, 0.6])
    assert choose_threshold(y, two(p1), cost_fn=2).threshold == pytest.approx(0.3)


def test_neighbouring_floats_are_still_parted():
    for low in (0.3, np.nextafter(0.3, 1), 0.7, np.nextafter(0.7, 1)):
        p1 = np.array([low, np.nextafter(low, 1)])
        point = choose_threshold(np.array([0, 1]), two(p1))
        assert ((p1 >= point.threshold) == [False, True]).all()
