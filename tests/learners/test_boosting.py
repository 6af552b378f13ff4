"""When boosting ends, and how it is made to fit: by patience, by its limit, by what is allowed."""

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import lightgbm
import numpy as np
import pytest

from mulle.learners import (
    CLASSIFIERS,
    REGRESSORS,
    Held,
    LightGBMClassifier,
    LightGBMRegressor,
)
from mulle.learners.lightgbm_training import Pace, Watch
from mulle.verbs.fit.plan import Plan

SMALL_TREES: dict[str, dict[str, Any]] = {  # what a portfolio begins with
    "seven": {
        "num_leaves": 7,
        "learning_rate": 0.024,
        "extra_trees": True,
        "subsample": 0.96,
        "reg_alpha": 0.35,
        "reg_lambda": 2.0,
        "min_child_samples": 1,
        "n_estimators": 10_000,
    },
    "eight": {
        "num_leaves": 8,
        "learning_rate": 0.03,
        "colsample_bytree": 0.8,
        "n_estimators": 10_000,
    },
}


def rows(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 5)).astype(np.float32)
    return x, x[:, 0] * x[:, 1] + x[:, 2] + rng.normal(size=count)


@pytest.fixture(scope="module")
def held() -> Held:
    x, y = rows(800)
    return Held(x[400:], y[400:])


@pytest.mark.parametrize("settings", SMALL_TREES.values(), ids=SMALL_TREES)
@pytest.mark.parametrize("regression", [False, True])
def test_many_small_trees_are_those_of_lightgbm(settings, regression):
    x, y = rows()
    y = y if regression else (y > 0).astype(int)
    few = settings | {"n_estimators": 30}
    learner = Plan("a", "lightgbm", [], few).estimator(regression=regression, n_jobs=1, seed=0)
    got = learner.fit(x, y).scores(x)
    own = lightgbm.LGBMRegressor if regression else lightgbm.LGBMClassifier
    same = {"deterministic": True, "force_row_wise": True, "n_jobs": 1, "verbosity": -1, "seed": 0}
    row_draw = {"subsample_freq": 1} if "subsample" in few else {}
    model = own(**few, **same, **row_draw).fit(x, y)
    expected = model.predict(x)[:, None] if regression else model.predict_proba(x)
    np.testing.assert_allclose(got, expected, atol=1e-12)
    assert max(len(tree.leaf_value) for tree in learner.trees()) <= settings["num_leaves"]


@pytest.mark.parametrize("settings", SMALL_TREES.values(), ids=SMALL_TREES)
def test_many_small_trees_end_by_patience(settings, held):
    learner = REGRESSORS["lightgbm"](**settings, n_jobs=1).fit(*rows(), held=held)
    assert learner.ended_ == "patience"
    assert 10 < learner.n_trees_ < 2_000


def test_where_the_best_comes_early_patience_is_that_of_lightgbm(held):
    x, y = rows()
    learner = REGRESSORS["lightgbm"](patience=100, n_jobs=1).fit(x, y, held=held)
    data = lightgbm.Dataset(x, y)
    params = {"objective": "regression", "learning_rate": 0.05, "num_threads": 1, "verbosity": -1}
    booster = lightgbm.train(
        params | {"deterministic": True, "force_row_wise": True},
        data,
        1000,
        valid_sets=[data.create_valid(held.x, held.y)],
        callbacks=[lightgbm.early_stopping(100, verbose=False)],
    )
    assert learner.n_trees_ == booster.best_iteration < 266  # where 0.3 x best + 20 reaches 100


def ends_at(best: int, patience: int) -> int:
    watch = Watch(patience, lambda: False)
    for iteration in range(100_000):
        error = 1.0 / (iteration + 1) if iteration < best else 2.0
        env = SimpleNamespace(
            iteration=iteration,
            evaluation_result_list=[("valid", "l2", error, False)],
            model=SimpleNamespace(current_iteration=lambda: 1),
        )
        try:
            watch(env)
        except lightgbm.callback.EarlyStopException as ended:
            assert watch.best == ended.best_iteration + 1 == best
            assert watch.ended == "patience"
            return iteration + 1 - best
    raise AssertionError("never ended")


def test_what_gained_for_long_is_waited_for_longer():
    for best in (1, 10, 266, 267, 1_000, 5_000):
        assert ends_at(best, 100) == max(100, int(np.ceil(0.3 * best + 20)))
    assert ends_at(1_000, 5) == 320
    assert ends_at(1_000, 900) == 900


def test_an_error_that_is_no_number_ends_by_patience_too():
    watch = Watch(10, lambda: False)
    with pytest.raises(lightgbm.callback.EarlyStopException):
        for iteration in range(50):
            env = SimpleNamespace(
                iteration=iteration,
                evaluation_result_list=[("valid", "l2", np.nan, False)],
                model=SimpleNamespace(current_iteration=lambda: 1),
            )
            watch(env)
    assert watch.best == 1


def test_one_that_is_cut_short_says_so_and_keeps_its_best_trees(held):
    x, y = rows()
    many = {"num_leaves": 31, "learning_rate": 0.3, "n_jobs": 1, "patience": 10_000}
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) == 120

    cut = REGRESSORS["lightgbm"](**many).fit(x, y, held=held, stop=stop)
    whole = REGRESSORS["lightgbm"](**many, n_estimators=120).fit(x, y, held=held)
    assert (cut.ended_, whole.ended_) == ("stop", "trees")
    assert cut.n_trees_ == whole.n_trees_ < 60
    assert np.array_equal(cut.predict(x), whole.predict(x))


def test_without_held_rows_all_trees_count():
    x, y = rows()
    learner = CLASSIFIERS["lightgbm"](n_estimators=7, n_jobs=1).fit(x, (y > 0).astype(int))
    assert (learner.n_trees_, learner.ended_) == (7, "trees")


@pytest.mark.parametrize("rounds", [1, 50, 200, 3_000, 10**9])
@pytest.mark.parametrize("settings", SMALL_TREES.values(), ids=SMALL_TREES)
def test_few_rounds_have_a_rate_that_gets_far_with_them(settings, rounds):
    found = CLASSIFIERS["lightgbm"](**settings).in_rounds(rounds)
    made = CLASSIFIERS["lightgbm"](**settings | found)
    assert made.n_estimators == min(10_000, rounds)
    assert settings["learning_rate"] <= made.learning_rate <= 0.2
    if rounds >= 10_000:
        assert found == {}


def test_fewer_trees_have_a_higher_rate_and_lose_little(held):
    x, y = rows()
    own = REGRESSORS["lightgbm"](**SMALL_TREES["seven"], n_jobs=1).fit(x, y, held=held)
    few = REGRESSORS["lightgbm"](**SMALL_TREES["seven"], n_jobs=1)
    few.set_params(**few.in_rounds(150)).fit(x, y, held=held)
    late = REGRESSORS["lightgbm"](**SMALL_TREES["seven"] | {"n_estimators": 150}, n_jobs=1)
    late.fit(x, y)  # the same time, cut by the clock
    error = {name: np.mean((m.predict(held.x) - held.y) ** 2) for name, m in
             {"own": own, "few": few, "late": late}.items()}  # fmt: skip
    assert error["few"] < error["late"]
    assert error["few"] < 1.03 * error["own"]


def test_rounds_that_split_nothing_are_counted_for_training_on_all_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2)).astype(np.float32)
    y = x[:, 0] + rng.normal(0, 0.1, 60)
    settings = {"extra_trees": True, "num_leaves": 7, "min_child_samples": 25, "n_estimators": 200}
    learner = REGRESSORS["lightgbm"](**settings, n_jobs=1).fit(x, y)
    assert learner.n_trees_ < learner.n_rounds_ == 200  # some found nothing to split
    again = REGRESSORS["lightgbm"](**(settings | learner.final_params([learner])), n_jobs=1).fit(
        x, y
    )
    np.testing.assert_array_equal(again.scores(x), learner.scores(x))


@pytest.mark.parametrize("kind", ["binary", "classes", "values"])
def test_rows_that_are_mapped_from_a_file_are_learned_from_as_any_others(tmp_path, kind):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5_000, 4)).astype(np.float32)
    x[rng.random(x.shape) < 0.05] = np.nan
    x[:, 3] = rng.integers(0, 9, len(x))
    values = np.nan_to_num(x[:, 0]) + (x[:, 3] == 3) + rng.normal(size=len(x))
    y = {"binary": values > 0.3, "classes": np.digitize(values, [-0.5, 0.5]), "values": values}
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    target = np.asarray(y[kind], np.float64 if kind == "values" else np.int64)
    learner = LightGBMRegressor if kind == "values" else LightGBMClassifier
    options = {"held": Held(x[:500], target[:500]), "categorical": [3]}
    classes = None if kind == "values" else np.unique(target)
    plain = learner(n_estimators=30).fit(x, target, **options)
    whole = learner(n_estimators=30).fit_mapped(mapped, target, classes=classes, **options)
    assert whole.n_trees_ == plain.n_trees_
    np.testing.assert_array_equal(whole.predict(x), plain.predict(x))
    np.testing.assert_allclose(whole.scores(x), plain.scores(x), rtol=0, atol=1e-12)


def test_trees_for_which_there_is_little_time_learn_the_more_each():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4_000, 3)).astype(np.float32), rng.integers(0, 2, 4_000)
    rates = []

    def shown(rounds):
        rates.append(rounds)
        return 0.2

    class Booster:
        def reset_parameter(self, given):
            self.given = given

    pace, booster = Pace(shown, 3600.0), Booster()
    for trees in range(1, 8):
        pace.set(booster, trees)
    assert booster.given == {"learning_rate": 0.2}
    assert len(rates) == 1
    learner = LightGBMClassifier(n_estimators=10_000, learning_rate=0.01, patience=9)
    learner.fit_mapped(x, y, classes=np.arange(2), held=Held(x[:400], y[:400]), seconds=60.0)
    assert learner.ended_ in {"patience", "trees"}


WAITING = """
import os
given = dict(os.environ)
from mulle.kernels import load_lightgbm
import builtins
seen, load = [], builtins.__import__
def look(name, *rest):
    if name == "lightgbm":
        seen.append(os.environ.get("OMP_WAIT_POLICY"))
    return load(name, *rest)
builtins.__import__ = look
load_lightgbm()
print(seen[0], os.environ.get("OMP_WAIT_POLICY"))
"""


@pytest.mark.parametrize("given", ["", "active"])
def test_threads_sleep_while_they_wait_unless_a_person_has_said_otherwise(given):
    kept = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if given:
        kept["OMP_WAIT_POLICY"] = given
    command = [sys.executable, "-c", WAITING]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=kept)
    assert found.stdout.split() == [given or "passive", given or "None"]
