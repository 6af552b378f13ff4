"""The promise: what is left of it, and when it began."""

from __future__ import annotations

import math
import subprocess
import sys
import time

import pytest

from mulle.budget import Budget, TimeUp, check, never, process_seconds, stop_after


def test_what_is_set_aside_is_not_left():
    budget = Budget(60, spent=10)
    budget.reserve("refit", 20)
    assert 29 < budget.left() <= 30
    budget.reserve("refit", 55)
    assert budget.stop()
    budget.reserve("refit", 0)
    assert not budget.stop()


def test_a_stop_comes_true_after_its_seconds_and_knows_that_it_was_heard():
    stop, heard = stop_after(0.0)
    assert not heard()
    assert stop()
    assert heard()
    stop, heard = stop_after(60.0)
    assert not stop()
    assert not heard()


def test_without_an_end_nothing_stops():
    stop, heard = stop_after(math.inf)
    assert stop is never
    assert not heard()
    check(stop)
    with pytest.raises(TimeUp):
        check(lambda: True)


def test_a_process_began_before_its_imports():
    program = "import time; time.sleep(0.3); import mulle.budget as b; print(b.process_seconds())"
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    assert 0.0 < float(done.stdout) < time.perf_counter() - begin + 0.05
    if sys.platform == "linux":
        assert float(done.stdout) > 0.25


def test_a_clock_of_computed_seconds_starts_with_the_process():
    program = (
        "import time; time.perf_counter = time.process_time; import mulle.budget as b;"
        "print(b.process_seconds() <= time.process_time() <= b.process_seconds() + 1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == "True"
    assert process_seconds() > 0
