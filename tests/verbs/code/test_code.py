"""A script of a run, executed where `mulle` cannot be imported, prints the score of the run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

import mulle
from mulle.decisions import DecisionLog
from mulle.errors import DataError, MissingFile, UsageError
from mulle.i18n import Messages
from mulle.verbs.fit import Features, Plan
from mulle.verbs.fit.data import prepare
from mulle.verbs.fit.plan import write_plans
from mulle.verbs.fit.portfolio import FeatureMaker
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.settings import Settings

FEW = {"n_estimators": 20, "learning_rate": 0.2}
STEPS = {"epochs": 4, "hidden": [8]}


def score_without_mulle(text: str) -> float:
    """Run a script in a process of its own that has no `mulle`."""
    Path("script.py").write_text(text, encoding="utf-8")
    start = "import sys, runpy; sys.modules['mulle'] = None; runpy.run_path('script.py')"
    done = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    assert "mulle." not in "\n".join(line for line in text.splitlines() if "import" in line)
    return float(done.stdout.split()[-1])


def plans_of_all_families(table: str, target: str) -> str:
    """Write a plan of each family, with the features that the portfolio gives it."""
    settings = Settings(target)
    data = prepare(table, settings, DecisionLog(), Progress())
    maker = FeatureMaker(data.train.table.schema, data.profile)
    plans = [
        Plan("lightgbm", "lightgbm", maker.boosting(pairs=True), FEW | {"subsample": 0.8}),
        Plan("linear", "linear", maker.linear()),
        Plan("network", "network", maker.network(), STEPS),
        Plan("bins", "network", maker.network_with_bins(), STEPS),
        Plan("extra_trees", "extra_trees", maker.forest(), {"n_estimators": 20}),
        Plan("random_forest", "random_forest", maker.forest(), {"n_estimators": 20}),
        Plan("same", "dummy", maker.least()),
    ]
    some = [plan for plan in plans if plan.features]
    weights = [weight / sum(range(1, len(some) + 1)) for weight in range(1, len(some) + 1)]
    given = [msgspec.structs.replace(p, weight=w) for p, w in zip(some, weights, strict=True)]
    Path("plans.toml").write_text(write_plans(given), encoding="utf-8")
    return "plans.toml"


@pytest.mark.parametrize("sort", ["numbers", "mixed", "dated", "texts"])
def test_all_families_give_the_score_of_the_run(table, sort):
    file, target = table(sort)
    plan = plans_of_all_families(file, target)
    result = mulle.fit(file, target, plan=plan, metric=None, output="m.mulle")
    script = mulle.code(result, check=False)
    assert not script.copies
    assert not script.left_out
    assert score_without_mulle(script.text) == pytest.approx(script.expected, rel=1e-6)
    assert script.expected == result.summary()["score"]["test"]


@pytest.mark.long
@pytest.mark.parametrize("sort", ["numbers", "mixed", "dated", "texts"])
def test_a_search_gives_its_score_too(table, sort):
    file, target = table(sort)
    result = mulle.fit(file, target, time=12, output="m.mulle")
    script = mulle.code("m.mulle")
    assert script.reproduces, (script.found, script.expected)
    assert script.expected == result.summary()["score"]["test"]


ROLES = {
    "time": {"time_column": "day"},
    "group": {"group": "kind"},
    "balanced": {"class_weight": "balanced"},
    "seed": {"seed": 7, "test_size": 0.3, "drop": ["size"]},
}


@pytest.mark.parametrize("role", ROLES)
def test_rows_are_divided_and_weighed_as_in_the_run(table, role):
    file, target = table("dated")
    network = [{"step": "OneHot"}]
    plans = [
        Plan("network", "network", _features(["grade"], network), STEPS, weight=0.5),
        Plan("trees", "lightgbm", _features(["grade"], [{"step": "CategoryCodes"}]), FEW, 0.5),
    ]
    Path("p.toml").write_text(write_plans(plans), encoding="utf-8")
    result = mulle.fit(file, target, plan="p.toml", output="m.mulle", **ROLES[role])
    script = mulle.code(result)
    assert script.reproduces, (script.found, script.expected)


def _features(columns, steps):
    return [Features(columns, steps)]


def test_a_column_of_weights_a_threshold_and_labels(table):
    file, target = table("mixed")
    plans = [Plan("trees", "lightgbm", _features(["age", "income"], []), FEW, weight=1.0)]
    Path("p.toml").write_text(write_plans(plans), encoding="utf-8")
    result = mulle.fit(
        file, target, plan="p.toml", metric="f1", weight="visits", cost={"fn": 3}, output="m.mulle"
    )
    script = mulle.code(result)
    assert "f1_score" in script.text
    assert script.reproduces, (script.found, script.expected)


def test_weights_of_values_count_in_every_family(folder):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    y, w = x[:, 0] + rng.normal(size=200), rng.uniform(0.1, 3, 200)
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "w": w, "y": y}).write_csv("w.csv")
    columns = _features(["a", "b"], [])
    settings = {"lightgbm": FEW, "network": STEPS, "random_forest": {"n_estimators": 9}}
    families = ["lightgbm", "linear", "network", "random_forest", "dummy"]
    plans = [Plan(name, name, columns, settings.get(name, {}), 0.2) for name in families]
    Path("p.toml").write_text(write_plans(plans), encoding="utf-8")
    result = mulle.fit("w.csv", "y", plan="p.toml", weight="w", output="m.mulle")
    script = mulle.code(result)
    assert script.reproduces, (script.found, script.expected)


def test_a_table_that_needs_repairs_is_read_from_a_copy(folder):
    rng = np.random.default_rng(0)
    size = rng.normal(60, 20, 200)
    price = [f"{int(p):,}원" for p in 1000 * size + rng.normal(0, 1000, 200) + 100_000]
    pl.DataFrame({"size": size, "rooms": rng.integers(1, 5, 200), "price": price}).write_csv(
        "p.csv"
    )
    plans = [Plan("trees", "lightgbm", _features(["size", "rooms"], []), FEW, weight=1.0)]
    Path("p.toml").write_text(write_plans(plans), encoding="utf-8")
    result = mulle.fit("p.csv", "price", plan="p.toml", output="m.mulle")
    script = mulle.code(result, output="code.py")
    assert [path.name for path in script.copies] == ["code_table.parquet"]
    assert Path("code_table.parquet").exists()
    assert script.reproduces, (script.found, script.expected)


def test_a_sample_of_the_rows_is_read_from_a_copy(table):
    file, target = table("mixed")
    plans = [Plan("trees", "lightgbm", _features(["age", "income"], []), FEW, weight=1.0)]
    Path("p.toml").write_text(write_plans(plans), encoding="utf-8")
    result = mulle.fit(file, target, rows=200, plan="p.toml", output="m.mulle")
    script = mulle.code(result)
    assert len(script.copies) == 1
    assert script.reproduces, (script.found, script.expected)


def test_given_test_rows_are_read_too(table):
    file, target = table("mixed")
    whole = pl.read_csv(file)
    whole[:200].write_csv("train.csv")
    whole[200:].write_csv("test.csv")
    plans = [Plan("trees", "lightgbm", _features(["age", "income"], []), FEW, weight=1.0)]
    Path("p.toml").write_text(write_plans(plans), encoding="utf-8")
    result = mulle.fit("train.csv", target, test="test.csv", plan="p.toml", output="m.mulle")
    script = mulle.code(result)
    assert len(script.copies) == 2
    assert script.reproduces, (script.found, script.expected)


def test_a_hold_out_and_many_rows_of_a_parquet_file(folder):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60_000, 3))
    y = x[:, 0] * x[:, 1] + rng.normal(size=60_000)
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": y}).write_parquet("big.parquet")
    net = Plan("net", "network", _features(["a", "b"], []), STEPS | {"max_steps": 20}, weight=1.0)
    Path("p.toml").write_text(write_plans([net]), encoding="utf-8")
    result = mulle.fit("big.parquet", "y", plan="p.toml", output="m.mulle", preset="quick")
    script = mulle.code(result)
    assert "folds = [learned]" in script.text
    assert script.reproduces, (script.found, script.expected)


@pytest.fixture
def fitted(table):
    file, target = table("numbers")
    plans = [Plan("ridge", "linear", _features(["x0", "x1"], []), weight=1.0)]
    Path("p.toml").write_text(write_plans(plans), encoding="utf-8")
    return mulle.fit(file, target, plan="p.toml", output="m.mulle")


def test_a_run_is_found_by_its_id_its_model_and_its_result(fitted):
    texts = {mulle.code(run, check=False).text for run in (fitted, "m.mulle", fitted.run.record.id)}
    assert len(texts) == 1
    assert "ridge(x, y" in texts.pop()


def test_comments_are_in_the_language_asked_for(fitted):
    text = mulle.code(fitted, check=False, lang="ko").text
    assert Messages("ko")("code.split") in text


def test_what_cannot_be_written_is_refused_in_words(fitted):
    with pytest.raises(MissingFile):
        mulle.code("no-such-run")
    mulle.code(fitted, output="out.py", check=False)
    with pytest.raises(UsageError) as refused:
        mulle.code(fitted, output="out.py")
    assert refused.value.code == "code-exists"
    mulle.code(fitted, output="out.py", check=False, replace=True)
    changed = Path("numbers.csv").read_text().splitlines()
    Path("numbers.csv").write_text("\n".join(changed[:-1]) + "\n")
    with pytest.raises(DataError) as refused_data:
        mulle.code(fitted)
    assert refused_data.value.code == "data-changed"
    Path("numbers.csv").unlink()
    with pytest.raises(UsageError) as gone:
        mulle.code(fitted)
    assert gone.value.code == "run-source"
    (fitted.run.folder / "members.json").unlink()
    with pytest.raises(UsageError) as older:
        mulle.code(fitted)
    assert older.value.code == "code-no-members"


def test_what_only_mulle_trains_is_refused(table):
    file, target = table("numbers")
    net = Plan("net", "network", _features(["x0"], []), STEPS | {"activation": "tanh"}, 1.0)
    Path("p.toml").write_text(write_plans([net]), encoding="utf-8")
    result = mulle.fit(file, target, plan="p.toml", output="m.mulle")
    with pytest.raises(UsageError) as refused:
        mulle.code(result)
    assert refused.value.code == "code-of-mulle-alone"


def test_a_member_that_only_mulle_trains_is_named(table):
    file, target = table("numbers")
    plans = [
        Plan("ridge", "linear", _features(["x0", "x1"], []), weight=0.5),
        Plan("net", "network", _features(["x0"], []), STEPS | {"activation": "tanh"}, weight=0.5),
    ]
    Path("p.toml").write_text(write_plans(plans), encoding="utf-8")
    result = mulle.fit(file, target, plan="p.toml", output="m.mulle")
    script = mulle.code(result)
    assert script.left_out == ["net"]
    assert "net" in script.text.split('"""')[1]
    assert not script.reproduces
