"""Every learner ends soon after it is asked to stop, with a model of what it has."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from mulle.learners import CLASSIFIERS, REGRESSORS

OVERRUN = 2.5  # seconds of work, of which one round, or one solution of ridge, is the longest
ROWS, FEATURES = 15_000, 60
LONG: dict[str, dict[str, Any]] = {
    "lightgbm": {"n_estimators": 50_000, "num_leaves": 200},
    "random_forest": {"n_estimators": 5_000},
    "extra_trees": {"n_estimators": 5_000},
    "network": {"epochs": 5_000, "max_steps": 10**6},
    "convolution": {"epochs": 5_000, "max_steps": 10**6},
    "linear": {},
}
ALL = [
    pytest.param(cls, name, id=cls.__name__)
    for registry in (CLASSIFIERS, REGRESSORS)
    for name, cls in registry.items()
]


def rows(name: str, cls: type) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, FEATURES)).astype(np.float32)
    signal = x[:, 0] * x[:, 1] + x[:, 2] + rng.normal(size=ROWS)
    return x, (signal if cls in REGRESSORS.values() else np.digitize(signal, [-1.0, 0.0, 1.0]))


@pytest.mark.parametrize(("cls", "name"), ALL)
def test_it_ends_soon_after_the_time_is_up(cls, name):
    x, y = rows(name, cls)
    settings = LONG.get(name, {})
    learner = cls(**{k: v for k, v in settings.items() if k in cls.parameters})
    if "n_jobs" in cls.parameters:
        learner.set_params(n_jobs=1)
    begin = time.process_time()
    learner.fit(x, y, stop=lambda: time.process_time() - begin > 0.3)
    assert time.process_time() - begin < 0.3 + OVERRUN
    assert np.isfinite(learner.predict(x[:10])).all()


@pytest.mark.parametrize(("cls", "name"), [p for p in ALL if p.values[0].rounds])
def test_of_learners_in_rounds_only_a_few_are_made_after_the_time_is_up(cls, name):
    x, y = rows(name, cls)
    asked = []
    learner = cls(**LONG.get(name, {}))
    learner.fit(x[:1_000], y[:1_000], stop=lambda: bool(asked.append(True)) or True)
    assert len(asked) <= 2
    assert np.isfinite(learner.predict(x[:10])).all()


@pytest.mark.parametrize(("cls", "name"), [p for p in ALL if p.values[0].rounds])
def test_the_best_of_few_rounds_are_settings_that_the_learner_accepts(cls, name):
    x, y = rows(name, cls)
    for count in (1, 10, 100_000):
        learner = cls(**cls().in_rounds(count))
        learner.set_params(**{cls.rounds: min(count, 3)}).fit(x[:500], y[:500])
    assert cls().in_rounds(100_000) == {}
