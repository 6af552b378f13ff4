"""The order of work: the same for counted trials wherever and whenever tasks end."""

from __future__ import annotations

import random
import sys
import time

import pytest
from tests.verbs.fit.conftest import mixed_table

from mulle.budget import TimeUp
from mulle.verbs.fit import Plan, executor, fit, portfolio
from mulle.verbs.fit.executor import place
from mulle.verbs.fit.plan import pairs_of
from mulle.verbs.fit.prices import Line, Price, TooDear
from mulle.verbs.fit.tasks import Done, do

fit_module = sys.modules["mulle.verbs.fit.fit"]


class Shuffled:
    """Some workers, whose tasks end in a random order, after random times."""

    ready = True

    def __init__(self, training, workers, seed):
        self.workers = workers
        self.running = []
        self._training = training
        self._random = random.Random(seed)

    def running_for(self):
        return []

    def submit(self, task):
        assert len(self.running) < self.workers
        self.running.append(task)

    def wait(self, seconds):
        task = self.running.pop(self._random.randrange(len(self.running)))
        time.sleep(self._random.random() * 0.01)
        return [do(task, self._training)]

    def kill(self, task):
        self.running.remove(task)

    def close(self):
        self.running = []


def plans(preset, target, maker, rows, seed):
    """A baseline and eight cheap plans."""
    yield portfolio.baseline(maker)
    for number in range(8):
        few = {"n_estimators": 5, "num_leaves": 3 + number}
        yield Plan(f"boost_{number}", "lightgbm", maker.without_texts(), few)
        yield Plan(f"linear_{number}", "linear", maker.linear(), {"C": 0.1 + number})


def shuffled(monkeypatch, make):
    monkeypatch.setattr(place.Workers, "place", lambda self, training, *_: make(training))


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(fit_module, "portfolio", plans)


@pytest.fixture
def alone():
    return counted()


def counted():
    return fit(mixed_table(200), "dear", drop=["band", "price"], trials=9, n_jobs=1, seed=2)


@pytest.mark.parametrize(("workers", "seed"), [(2, 0), (3, 1)])
def test_counted_trials_give_the_same_graph_with_any_workers(monkeypatch, alone, workers, seed):
    shuffled(monkeypatch, lambda training: Shuffled(training, workers, seed))
    found = counted()
    assert [row.name for row in found.packaged.rows] == [row.name for row in alone.packaged.rows]
    assert found.model.graph == alone.model.graph


class Starting(Shuffled):
    """Workers that take long to start, and are handed nothing until then."""

    asked = 0

    @property
    def ready(self):
        self.asked += 1
        return self.asked > 12

    def submit(self, task):
        assert self.asked > 12
        super().submit(task)


def test_until_workers_have_started_the_work_is_done_here(monkeypatch, alone):
    made = []

    def make(training):
        made.append(Starting(training, 2, 3))
        return made[0]

    shuffled(monkeypatch, make)
    assert counted().model.graph == alone.model.graph
    assert made[0].asked > 12


class Dying(Shuffled):
    """A worker that dies at some tasks."""

    def __init__(self, training, deaths):
        super().__init__(training, 1, 0)
        self._deaths = deaths

    def wait(self, seconds):
        [task] = self.running
        if self._deaths.get(task.plan.name, 0) > 0:
            self._deaths[task.plan.name] -= 1
            self.running = []
            return [Done(task, None, "lost", "TerminatedWorkerError: killed")]
        return super().wait(seconds)


def test_a_task_whose_worker_dies_is_tried_once_more(monkeypatch, alone):
    shuffled(monkeypatch, lambda training: Dying(training, {"linear_0": 1}))
    assert counted().model.graph == alone.model.graph


def test_a_plan_whose_worker_dies_twice_is_a_row_with_its_reason(monkeypatch):
    shuffled(monkeypatch, lambda training: Dying(training, {"linear_0": 2}))
    [row] = [row for row in counted().packaged.rows if row.name == "linear_0"]
    assert (row.status, row.reason) == ("failed", "worker-died")


class Hanging(Shuffled):
    """Two workers, of which the one that has `linear_0` hangs."""

    def __init__(self, training):
        super().__init__(training, 2, 0)
        self.killed = []

    def running_for(self):
        return [(task, 1e9) for task in self.running if task.plan.name == "linear_0"]

    def wait(self, seconds):
        works = [task for task in self.running if task.plan.name != "linear_0"]
        if not works:
            return []
        self.running.remove(works[0])
        return [do(works[0], self._training)]

    def kill(self, task):
        self.killed.append(task.plan.name)
        super().kill(task)


def test_a_plan_that_hangs_is_killed_and_the_others_go_on(monkeypatch):
    made = []

    def make(training):
        made.append(Hanging(training))
        return made[0]

    shuffled(monkeypatch, make)
    how = {"drop": ["band", "price"], "time": 3600, "preset": "quick", "n_jobs": 1}
    found = fit(mixed_table(300), "dear", **how)
    rows = {row.name: row for row in found.packaged.rows}
    assert made[0].killed[:2] == ["linear_0", "linear_0"]
    assert rows["linear_0"].status in {"failed", "stopped"}
    assert rows["boost_0"].status == "done"


def hopeless(preset, target, maker, rows, seed):
    """Two good plans, and one that learns nothing."""
    yield portfolio.baseline(maker)
    for number in range(5):
        yield Plan(f"linear_{number}", "linear", maker.linear(), {"C": 0.5 + number})
    yield Plan("hopeless", "linear", maker.linear(), {"C": 1e-12})


def test_a_plan_without_hope_is_cut_after_two_folds(monkeypatch):
    monkeypatch.setattr(fit_module, "portfolio", hopeless)
    how = {"drop": ["band", "price"], "trials": 7, "n_jobs": 1, "metric": "log_loss"}
    rows = {row.name: row for row in fit(mixed_table(400), "dear", **how).packaged.rows}
    assert (rows["hopeless"].status, rows["hopeless"].reason) == ("stopped", "hopeless")
    assert rows["linear_4"].status == "done"


def with_pairs(preset, target, maker, rows, seed):
    yield portfolio.baseline(maker)
    few = {"n_estimators": 5}
    yield Plan("pairs", "lightgbm", maker.boosting(pairs=True), few)
    yield Plan("drawn", "lightgbm", maker.boosting(pairs=True), few | {"num_leaves": 5})


@pytest.mark.parametrize("found", [["0 / 1"], []], ids=["some", "none"])
def test_pairs_are_looked_for_once_and_tried_where_they_help(monkeypatch, found):
    looked = []

    def run(self, training):
        looked.append(self.plan.name)
        return found

    monkeypatch.setattr(fit_module, "portfolio", with_pairs)
    monkeypatch.setattr("mulle.verbs.fit.tasks.FindPairs.run", run)
    how = {"drop": ["band", "dear"], "trials": 3, "n_jobs": 1}
    result = fit(mixed_table(200), "price", **how)
    rows = {row.name: row for row in result.packaged.rows}
    assert looked == ["pairs"]
    assert rows["drawn"].status == "done"
    assert (rows["pairs"].status, rows["pairs"].reason) == (
        ("done", "") if found else ("stopped", "no-pairs")
    )
    tried = [t.plan for t in result.packaged.board.trials if t.plan.name == "drawn"]
    assert [pairs_of(plan) for plan in tried] == [found]


def test_where_looking_for_pairs_finds_no_time_the_others_go_on_without(monkeypatch):
    looked = []

    def run(self, training):
        looked.append(self.plan.name)
        raise TimeUp

    monkeypatch.setattr(fit_module, "portfolio", with_pairs)
    monkeypatch.setattr("mulle.verbs.fit.tasks.FindPairs.run", run)
    how = {"drop": ["band", "dear"], "trials": 3, "n_jobs": 1}
    rows = {row.name: row for row in fit(mixed_table(200), "price", **how).packaged.rows}
    assert looked == ["pairs"]
    assert (rows["pairs"].status, rows["pairs"].reason) == ("stopped", "budget")
    assert rows["drawn"].status == "done"


def test_a_plan_whose_price_is_too_high_is_passed_over_and_the_others_go_on(monkeypatch):
    priced = []

    def run(self, training):
        priced.append(self.plan.name)
        if self.plan.name.startswith("boost"):
            raise TooDear(1e6)
        return Price(Line(0.0, 1e-9), Line(0.0, 1e-9))

    monkeypatch.setattr(
        "mulle.verbs.fit.prices._is_large", lambda plan, *_: plan.learner != "dummy"
    )
    monkeypatch.setattr("mulle.verbs.fit.tasks.MeasurePrice.run", run)
    how = {"drop": ["band", "price"], "time": 3600, "preset": "quick", "n_jobs": 1}
    rows = {row.name: row for row in fit(mixed_table(200), "dear", **how).packaged.rows}
    assert (rows["boost_0"].status, rows["boost_0"].reason) == ("stopped", "too-dear")
    assert rows["linear_0"].status == "done"
    assert priced.count("boost_0") == 2  # once more with the time of three, as nothing else learns
    assert priced.count("linear_0") == 1


def test_the_seam_of_a_place_is_four_functions():
    assert {"submit", "wait", "kill", "close"} <= set(vars(executor.Executor))
