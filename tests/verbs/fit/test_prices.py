"""What a plan costs and how it is made to fit, with prices that are given, not measured."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mulle.table import Column, Kind, Storage, Target
from mulle.verbs.fit.plan import Features, Plan
from mulle.verbs.fit.prices import Line, Price, Prices, TooDear, measure
from mulle.verbs.fit.validation import Training

ROWS = 60_000


@pytest.fixture
def training():
    rng = np.random.default_rng(0)
    columns = {f"n{i}": rng.normal(size=(ROWS, 1)) for i in range(4)}
    target = Target(Column("y", Kind.discrete, Storage.number), "binary", (0, 1))
    at = np.arange(ROWS)
    folds = [(at[10_000:], at[:10_000])]
    return Training(target, columns, rng.integers(0, 2, ROWS), None, folds, n_jobs=1, seed=0)


def fitted(training, learner, price, seconds):
    plan = Plan("p", learner, [Features(list(training.columns))])
    prices = Prices()
    prices.note(plan, price)
    return prices.fit(plan, training, seconds)


def a_row(prepare, a_round):
    return Price(Line(0.0, prepare), Line(0.0, a_round))


def test_with_time_enough_a_plan_stays_as_it_is(training):
    found = fitted(training, "lightgbm", a_row(1e-6, 1e-8), 1_000.0)
    assert found.rows is None
    assert found.plan.params == {}


def test_where_few_rounds_fit_boosting_takes_larger_steps(training):
    found = fitted(training, "lightgbm", a_row(0.0, 2e-6), 10.0)
    assert found.rows is None
    assert found.plan.params["learning_rate"] > 0.05


def test_where_the_least_rounds_do_not_fit_it_learns_from_fewer_rows(training):
    price = a_row(1e-5, 1e-5)
    found = fitted(training, "lightgbm", price, 5.0)
    assert 1_000 <= found.rows < 50_000
    assert price.of(found.rows, 25) <= 5.0


def test_what_would_learn_from_hardly_any_rows_is_passed_over(training):
    with pytest.raises(TooDear) as dear:
        fitted(training, "lightgbm", a_row(1e-3, 1e-3), 5.0)
    assert dear.value.needed == pytest.approx(50_000 * 1e-3 * (1 + 25))


def test_a_price_is_measured_on_some_of_the_rows(training):
    plan = Plan("p", "linear", [Features(list(training.columns), [{"step": "StandardScale"}])])
    price = measure(plan, training, 60.0)
    assert price.of(50_000, 10) > price.of(5_000, 10) > 0


def test_a_sample_that_takes_too_long_is_too_dear(training):
    plan = Plan("p", "linear", [Features(list(training.columns), [{"step": "StandardScale"}])])
    with pytest.raises(TooDear):
        measure(plan, training, 0.0)


def test_a_price_that_is_known_is_not_measured_again(training):
    plan, prices = Plan("p", "linear", [Features(list(training.columns))]), Prices()
    assert 0 < prices.pilot_seconds(plan, training, 8.0) < 8.0
    prices.note(plan, a_row(1e-6, 1e-6))
    assert prices.pilot_seconds(plan, training, 8.0) == 0.0


def test_what_was_too_dear_is_not_measured_again_with_less_time(training):
    plan, prices = Plan("p", "linear", [Features(list(training.columns))]), Prices()
    pilot = prices.pilot_seconds(plan, training, 8.0)
    prices.note_too_dear(plan, pilot, 99.0)
    with pytest.raises(TooDear):
        prices.pilot_seconds(plan, training, 4.0)
    assert prices.pilot_seconds(plan, training, 12.0) > pilot


def test_a_small_table_is_cheaper_to_learn_from_than_to_price(training):
    few = dataclasses.replace(training, y=training.y[:1_000])
    plan = Plan("p", "linear", [Features(list(training.columns))])
    assert Prices().pilot_seconds(plan, few, 8.0) == 0.0
