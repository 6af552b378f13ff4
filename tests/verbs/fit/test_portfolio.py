"""What is chosen on evidence is recorded, and is what the plans do."""

from itertools import islice

import numpy as np
import polars as pl
import pytest
from scipy.stats import skew

from mulle.profile import Profile
from mulle.table import Target, read
from mulle.verbs.fit import fit
from mulle.verbs.fit.portfolio import FeatureMaker, portfolio, rescue

ROWS = 400


@pytest.fixture
def frame() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "income": np.exp(rng.normal(0, 1, ROWS)),
            "height": rng.normal(170, 8, ROWS),
            "street": [f"길 {i}" for i in rng.integers(0, 80, ROWS)],
            "dish": [f"dish {i}" for i in rng.integers(0, 20, ROWS)],
            "colour": rng.choice(["red", "green"], ROWS),
            "bought": rng.choice(["yes", "no"], ROWS),
        }
    )


def maker_of(frame: pl.DataFrame) -> FeatureMaker:
    kinds = {name: "nominal" for name in ("street", "dish") if name in frame.columns}
    table = read(frame.drop("bought"), kinds=kinds)
    return FeatureMaker(table.schema, Profile.of(table))


def test_choices_name_the_columns_their_evidence_and_what_the_others_get(frame):
    found = {(*c.steps, c.reason): c for c in maker_of(frame).choices("good")}
    assert set(found) == {
        ("PowerTransform", "skewed"),
        ("TargetEncode", "above-60"),
        ("TargetEncode", "Frequency", "above-12"),
    }
    skewed = found["PowerTransform", "skewed"]
    assert skewed.evidence == {"income": round(float(skew(frame["income"].to_numpy())), 3)}
    assert found["TargetEncode", "above-60"].evidence == {"street": frame["street"].n_unique()}
    assert found["TargetEncode", "Frequency", "above-12"].evidence == {
        "street": frame["street"].n_unique(),
        "dish": 20,
    }


@pytest.mark.parametrize("preset", ["quick", "good"])
def test_every_plan_does_what_the_choices_say(frame, preset):
    maker, target = maker_of(frame), Target("bought", "binary", ["no", "yes"])
    plans = []
    for plan in portfolio(preset, target, maker, ROWS, 0):
        plans.append(plan)
        if len(plans) == 18:
            break
    tried = {plan.learner for plan in plans}
    for choice in maker.choices(preset):
        assert set(choice.learners) <= tried
        for plan in plans:
            if plan.learner not in choice.learners:
                continue
            for column in choice.evidence:
                used = {s["step"] for f in plan.features if column in f.columns for s in f.steps}
                if "PiecewiseLinear" in used and choice.reason == "skewed":
                    continue  # intervals need no straightening
                assert set(choice.steps) <= used, (plan.name, column)


def test_a_table_without_such_columns_has_no_choices(frame):
    assert maker_of(frame.select("height", "colour", "bought")).choices("good") == []


def test_a_run_records_its_choices_and_its_report_shows_them(frame):
    result = fit(frame, "bought", trials=2, preset="quick", n_jobs=1, kinds={"street": "nominal"})
    chosen = [d for d in result.decisions if d.code == "step-chosen"]
    by_reason = {d.values["reason"]: d for d in chosen}
    assert by_reason["skewed"].values["columns"] == ["income"]
    assert by_reason["skewed"].values["learners"] == ["linear"]
    assert by_reason["above-60"].values["evidence"].keys() == {"street"}
    assert by_reason["above-60"].alternatives == [{"step": "OneHot"}]
    page = result.html
    assert "straighten the distribution” (linear model), because the skewness is beyond" in page


def test_on_a_large_table_trees_come_before_the_linear_model(frame):
    maker = maker_of(frame)
    target = Target(read(frame).schema["income"], "regression")

    def order(rows):
        return [plan.name for plan in portfolio("quick", target, maker, rows, 0)]

    assert order(ROWS) == ["baseline", "linear", "lightgbm"]
    assert order(2_000_000) == ["baseline", "lightgbm", "linear"]


def test_the_cheapest_plans_read_no_text_where_there_is_anything_else(frame):
    first = rescue(maker_of(frame))[0]
    assert first.learner == "lightgbm"
    assert not {step["step"] for f in first.features for step in f.steps} & {"TfIdf", "LSA"}


def test_small_trees_come_first_and_forests_last_before_settings_are_drawn(frame):
    target = Target("bought", "binary", ["no", "yes"])
    plans = list(islice(portfolio("good", target, maker_of(frame), ROWS, 0), 23))
    names = [plan.name for plan in plans]
    first = ["baseline", "lightgbm", "lightgbm_2", "lightgbm_pairs", "linear", "network"]
    assert names[: len(first)] == first
    assert [plan.params["num_leaves"] for plan in plans[1:3]] == [7, 8]
    last_known = names.index("random_forest")
    drawn = [plan.learner for plan in islice(plans, last_known + 1, None)]
    assert drawn == ["lightgbm", "network"] * (len(drawn) // 2)
    assert len(set(names)) == len(names)
