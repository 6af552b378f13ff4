"""What plans are expected to take."""

from __future__ import annotations

import pytest

from mulle.verbs.fit.forecast import Forecast
from mulle.verbs.fit.plan import Plan

CLOCK = Plan("lightgbm", "lightgbm", [], {"num_leaves": 7, "learning_rate": 0.024})
LARGE = Plan("large", "lightgbm", [], {"num_leaves": 84, "learning_rate": 0.02})
NETWORK = Plan("network", "network", [])


def test_without_a_clock_nothing_is_foretold():
    assert Forecast().of(NETWORK) is None


def test_a_small_boosted_model_is_the_clock():
    found = Forecast()
    found.note(CLOCK, 0.5)
    assert found.of(CLOCK) == pytest.approx(0.5)
    assert found.of(LARGE) > 1.0
    assert found.of(NETWORK) == pytest.approx(2.0)


def test_what_a_learner_took_itself_takes_the_place_of_the_clock():
    found = Forecast()
    found.note(CLOCK, 0.5)
    found.note(NETWORK, 0.8)
    found.note(NETWORK, 1.0)
    assert found.of(NETWORK) == pytest.approx(0.9)
