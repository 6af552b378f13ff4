"""`--max-latency` and `--max-size` act while members are chosen, and what ships is measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import mulle
from mulle.errors import RunError, UsageError
from mulle.metrics import metric
from mulle.verbs.fit.blending import greedy_weights
from mulle.verbs.fit.limits import Cost, Limits
from mulle.verbs.fit.plan import Features, Plan, write_plans
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.trial import Trial

PLAN = Plan("a", "linear", [])
TREES = Trial(PLAN, operations=20_000.0, nodes=50_000)
LINEAR = Trial(PLAN, operations=10.0)


def limits(latency: float | None = None, size: float | None = None) -> Limits:
    found = Limits.of(Settings("y", max_latency=latency, max_size=size))
    assert found is not None
    return found


def test_without_limits_there_are_none():
    assert Limits.of(Settings("y")) is None


def test_each_limit_holds_by_itself():
    assert limits(latency=0.1).allow([LINEAR])
    assert not limits(latency=0.1).allow([LINEAR, TREES])
    assert limits(size=0.1).allow([LINEAR])
    assert not limits(size=0.1).allow([TREES])
    assert limits(size=100.0).allow([TREES, LINEAR])


def test_estimates_are_raised_to_what_was_measured_and_never_lowered():
    before = limits(latency=1.0)
    after = before.raise_to([LINEAR], Cost(2_000.0, 1.0))
    assert after.expected([LINEAR]).micros == pytest.approx(2_000.0)
    assert after.expected([LINEAR]).size == before.expected([LINEAR]).size
    assert not after.allow([LINEAR])


def test_a_blend_has_only_members_that_are_allowed_together():
    rng = np.random.default_rng(0)
    y = rng.normal(size=400)
    p = [y + rng.normal(0, 0.5, 400) for _ in range(4)]
    rmse = metric("rmse")
    free, _ = greedy_weights(p, y, rmse)
    assert (free > 0).sum() > 2
    two, _ = greedy_weights(p, y, rmse, allow=lambda at: len(at) <= 2)
    assert (two > 0).sum() == 2
    not_first, _ = greedy_weights(p, y, rmse, allow=lambda at: 0 not in at)
    assert not_first[0] == 0
    assert not_first.sum() == pytest.approx(1)


def test_where_each_is_too_dear_the_cheapest_is_the_blend():
    rng = np.random.default_rng(0)
    y = rng.normal(size=100)
    p = [y + rng.normal(0, 0.1 * (i + 1), 100) for i in range(3)]
    none = greedy_weights(p, y, metric("rmse"), operations=[9.0, 5.0, 7.0], allow=lambda at: False)[
        0
    ]
    assert none.tolist() == [0.0, 1.0, 0.0]


@pytest.fixture
def plans():
    """Two plans: one of many trees, and a cheap one that is worse."""
    columns = [Features(["size", "age"], [])]
    cheap = Plan("cheap", "linear", [Features(["size", "age"], [{"step": "Impute"}])])
    dear = Plan("dear", "lightgbm", columns, {"n_estimators": 1500, "num_leaves": 31,
                                             "min_child_samples": 1})  # fmt: skip
    Path("p.toml").write_text(write_plans([cheap, dear]), encoding="utf-8")
    return "p.toml"


@pytest.fixture
def bent() -> pl.DataFrame:
    """A table whose target a linear model hardly explains."""
    rng = np.random.default_rng(0)
    size, age = rng.normal(size=300), rng.normal(size=300)
    return pl.DataFrame({"size": size, "age": age, "y": size * age + size})


def test_what_is_too_large_does_not_ship_and_what_ships_is_measured(bent, plans):
    free = mulle.fit(bent, "y", plan=plans, output="free.mulle")
    assert "dear" in {name for name, row in free.packaged.facts()["members"].items() if row > 0}
    small = mulle.fit(bent, "y", plan=plans, output="small.mulle", max_size=0.15)
    assert small.size <= 150_000 < free.size
    facts = small.summary()["limits"]
    assert facts["left_out"] == ["dear"]
    assert facts["max_size_mb"] == 0.15
    codes = [decision.code for decision in small.decisions]
    assert "limits-kept" in codes
    assert "limits-cost" in codes
    assert free.summary()["limits"] is None
    assert "--max-size 0.15" in Path("small.html").read_text(encoding="utf-8")
    assert small.model.manifest.lineage["settings"]["max_size"] == 0.15  # for `retrain`


def test_a_limit_that_nothing_keeps_ends_in_words_and_loses_nothing(table, plans):
    mulle.fit(table, "price", plan=plans, output="m.mulle", drop=["dear", "band"])
    before = Path("m.mulle").read_bytes()
    with pytest.raises(RunError) as refused:
        mulle.fit(table, "price", plan=plans, output="m.mulle", max_latency=1e-4,
                  drop=["dear", "band"])  # fmt: skip
    assert refused.value.code == "limits-unmet"
    assert refused.value.values["plan"] == "cheap"
    assert refused.value.exit_code == 1
    assert Path("m.mulle").read_bytes() == before
    run = max(Path(".mulle/runs").iterdir())
    assert len(list((run / "trials").glob("*.json"))) == 2
    assert json.loads((run / "run.json").read_text())["status"] == "failed"


@pytest.mark.parametrize("wrong", [{"max_latency": 0.0}, {"max_size": -1.0}])
def test_a_limit_is_above_nothing(table, wrong):
    with pytest.raises(UsageError) as refused:
        mulle.fit(table, "price", **wrong)
    assert refused.value.code == "option-not-positive"
