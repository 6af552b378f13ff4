"""Leaving parts of a plan out: what matters helps, what does not is unclear, what is needed is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mulle.errors import DataError, UnknownName, UsageError
from mulle.verbs.fit import ablate, fit

PLAN = """
[[plan]]
name = "ours"
learner = "linear"

[[plan.features]]
columns = ["size", "age"]
steps = [{ step = "Impute" }, { step = "StandardScale" }]

[[plan.features]]
columns = ["noise"]

[[plan.features]]
columns = ["city"]
steps = [{ step = "OneHot" }]
"""


def table(rows: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(5)
    size, age, noise = rng.normal(size=(3, rows))
    city = rng.choice(["Seoul", "Busan", "Jeju"], rows)
    price = 3 * size + age + 2 * (city == "Seoul") + rng.normal(0, 0.3, rows)
    gaps = np.where(rng.random(rows) < 0.1, None, size)
    columns = {"size": list(gaps), "age": age, "noise": noise, "city": city}
    return pl.DataFrame(columns | {"price": price}, strict=False)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table().write_csv("houses.csv")
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    return fit("houses.csv", "price", plan="plan.toml", output="houses.mulle")


def test_what_matters_helps_and_what_does_not_is_unclear(run):
    found = ablate("houses.mulle")
    parts = {(part.step, *part.columns): part for part in found.parts}
    assert (found.plan, found.metric) == ("ours", "rmse")
    assert parts["", "size", "age"].verdict == "helps"
    assert parts["", "city"].verdict == "helps"
    assert parts["", "noise"].verdict == "unclear"
    assert parts["Impute", "size", "age"].verdict == "needed"
    assert parts["OneHot", "city"].verdict == "needed"
    best = found.parts[0]
    assert best.columns == ["size", "age"]
    assert best.score > found.score
    assert best.low < best.gain < best.high
    assert best.gain == pytest.approx(best.score - found.score, rel=0.05)


def test_it_is_the_same_for_a_run_a_model_and_a_result(run):
    by_model = ablate("houses.mulle")
    assert by_model == ablate(run.run.folder)
    assert by_model == ablate(run, source="houses.csv")


def test_parts_that_found_no_time_are_named(run):
    found = ablate(run, time=0.0)
    assert {part.verdict for part in found.parts} == {"no-time"}
    assert len(found.parts) == 6


def test_another_plan_or_table_is_refused(run, tmp_path):
    with pytest.raises(UnknownName) as wrong:
        ablate(run, plan="our")
    assert wrong.value.known == ["ours"]
    table(300).write_csv("houses.csv")
    with pytest.raises(DataError):
        ablate(run)
    (tmp_path / "houses.csv").unlink()
    with pytest.raises(UsageError) as gone:
        ablate(run)
    assert gone.value.code == "run-source"


def test_of_one_held_out_part_nothing_is_sure(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = {"n_estimators": 5}
    monkeypatch.setattr("mulle.verbs.fit.folds._wanted_folds", lambda rows, preset: 1)
    monkeypatch.setattr("mulle.verbs.fit.portfolio._SMALL_TREES", (few, few))
    result = fit(table(), "price", trials=2, preset="quick", output="one.mulle")
    found = ablate(result, source=table())
    assert {part.verdict for part in found.parts} <= {"unclear", "needed"}
    assert all(part.low is None for part in found.parts)
