"""Every step ends soon after it is asked to stop, and has nothing half made to give."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from mulle.budget import TimeUp
from mulle.steps import STEPS, OrdinalCodes, Preparation, Step
from mulle.steps.prepare import Block
from mulle.table import Storage

OVERRUN = 1.5  # seconds of work, of which one pass or one column is the longest
ROWS = 20_000


def make(step: type[Step]) -> Step:
    return OrdinalCodes([f"level {i}" for i in range(30)]) if step is OrdinalCodes else step()


def rows_for(step: type[Step]) -> Any:
    rng = np.random.default_rng(0)
    if step.storage is Storage.number:
        return np.exp(rng.normal(size=(ROWS, 40)))
    if step.storage is Storage.date:
        return rng.integers(0, 10**15, (ROWS, 1 if step.per_column else 6))
    words = rng.integers(97, 123, (ROWS, 120)).astype(np.uint8)
    return np.array([bytes(row).decode() for row in words], dtype=object)[:, None]


@pytest.fixture(params=STEPS, ids=lambda step: step.__name__)
def case(request):
    x = rows_for(request.param)
    return make(request.param), x, np.random.default_rng(1).integers(0, 2, len(x))


def test_it_does_not_begin_where_the_time_is_up(case):
    step, x, y = case
    with pytest.raises(TimeUp):
        step.fit(x, y, stop=lambda: True)


def test_it_ends_soon_after_the_time_is_up(case):
    step, x, y = case
    begin = time.process_time()
    with pytest.raises(TimeUp):
        while True:  # what is quicker than the time begins again
            step.fit_transform(x, y, stop=lambda: time.process_time() - begin > 0.2)
    assert time.process_time() - begin < 0.2 + OVERRUN


def test_it_answers_the_same_where_the_clock_is_looked_at(case):
    step, x, y = case
    few, of_few = x[:3_000], y[:3_000]
    step.fit(few, of_few)
    whole, in_parts = step.transform(x), step.transform(x, stop=lambda: False)
    if hasattr(whole, "tocsr"):
        assert abs(whole - in_parts).max() < 1e-12
    else:
        np.testing.assert_allclose(in_parts, whole, rtol=1e-12, atol=1e-12)


def test_new_rows_are_not_half_transformed():
    block = Block(["text"], [make(next(s for s in STEPS if s.__name__ == "TfIdf"))])
    preparation, texts = Preparation([block]), {"text": rows_for(type(block.steps[0]))}
    few = {"text": texts["text"][:500]}
    preparation.fit_transform(few, np.zeros(500, int))
    looks = iter([False, False, True])
    with pytest.raises(TimeUp):
        preparation.transform(texts, stop=lambda: next(looks))
    assert next(looks, None) is None
