"""From which probability a row is positive: given, by costs, by the metric, or one half."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import f1_score

from mulle.errors import UnknownName, UsageError
from mulle.verbs.fit import fit


@pytest.fixture(scope="module")
def rare():
    """A table whose positive class is rare: one half is then far from best for F1."""
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=500), rng.normal(size=500)
    p = 1 / (1 + np.exp(-(1.5 * x + z - 2.2)))
    return pl.DataFrame({"x": x, "z": z, "y": np.where(rng.random(500) < p, "sick", "well")})


def quick(table, target="y", **options):
    return fit(table, target, trials=2, preset="quick", n_jobs=1, **options)


def decision(result, *codes):
    (found,) = (d for d in result.decisions if d.code in codes)
    return found


def out_of_fold(result):
    board = result.packaged.board
    return board.y, board.blended()[:, 1]


def test_the_rarer_label_is_positive_and_that_is_a_decision(rare):
    result = quick(rare)
    assert result.model.classes_.tolist() == ["well", "sick"]
    found = decision(result, "positive-class")
    assert (found.values["label"], found.values["given"]) == ("sick", False)
    assert found.values["share"] == pytest.approx((rare["y"] == "sick").mean())
    assert result.summary()["positive"] == "sick"
    other = quick(rare, positive="well")
    assert other.model.classes_.tolist() == ["sick", "well"]
    assert decision(other, "positive-class").values["given"] is True


def test_where_the_metric_does_not_ask_it_is_one_half(rare):
    result = quick(rare)
    assert result.model.manifest.threshold == result.summary()["threshold"] == 0.5
    assert decision(result, "threshold-default").values["metric"] == "roc_auc"
    assert quick(rare, metric="recall").model.manifest.threshold == 0.5
    assert quick(rare, metric="accuracy").model.manifest.threshold == 0.5


def test_by_costs_it_is_the_cheapest_out_of_fold(rare):
    result = quick(rare, cost={"fp": 1, "fn": 10})
    threshold = result.model.manifest.threshold
    y, p = out_of_fold(result)

    def cost(threshold):
        called = p >= threshold
        return ((called & (y == 0)).sum() + 10 * (~called & (y == 1)).sum()) / len(y)

    values = decision(result, "threshold-chosen").values
    assert (values["measure"], values["threshold"]) == ("cost", threshold)
    assert values["at"] == pytest.approx(cost(threshold))
    assert values["at_half"] == pytest.approx(cost(0.5))
    assert cost(threshold) == pytest.approx(min(cost(t) for t in np.append(p, [0.0, 1.1])))
    assert threshold < 0.3 < 0.5 < quick(rare, cost={"fp": 10}).model.manifest.threshold


def test_by_f1_it_is_where_f1_is_best_out_of_fold(rare):
    result = quick(rare, metric="f1")
    y, p = out_of_fold(result)
    values = decision(result, "threshold-chosen").values
    at = f1_score(y, p >= result.model.manifest.threshold)
    assert values["at"] == pytest.approx(at) == pytest.approx(result.packaged.board.score)
    assert values["at_half"] == pytest.approx(f1_score(y, p >= 0.5))
    assert values["at_half"] < at
    assert at == pytest.approx(max(f1_score(y, p >= t) for t in p), abs=0.01)


def test_given_it_is_that_one_and_scores_use_it(rare):
    test = rare.tail(120)
    result = quick(rare.head(380), threshold=0.2, test=test, metric="f1")
    model = result.model
    assert model.manifest.threshold == 0.2
    assert decision(result, "threshold-given").values["threshold"] == 0.2
    truth = test["y"] == "sick"
    called = model.predict_proba(test)[:, 1] >= 0.2
    assert model.manifest.scores["test"]["f1"] == pytest.approx(f1_score(truth, called))
    y, p = out_of_fold(result)
    board = result.packaged.board
    for trial, scores in zip(board.trials, board.predictions, strict=True):
        assert trial.score == pytest.approx(f1_score(y, scores[:, 1] >= 0.2))
    assert board.score == pytest.approx(f1_score(y, p >= 0.2))


def test_a_retrained_model_gets_the_same_costs(rare):
    costs = quick(rare, cost={"fn": 10}).model.manifest.lineage["settings"]
    given = quick(rare, threshold=0.4).model.manifest.lineage["settings"]
    assert (costs, given) == ({"cost": {"fn": 10}}, {"threshold": 0.4})


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"cost": {"fn": -1}}, "cost-range"),
        ({"cost": {"fn": "dear"}}, "cost-range"),
        ({"cost": {"fp": 0, "fn": 0}}, "costs-all-zero"),
        ({"threshold": 1.5}, "threshold-range"),
        ({"threshold": 0.5, "cost": {"fn": 2}}, "cost-and-threshold"),
    ],
)
def test_what_cannot_be_meant_is_refused(rare, options, code):
    with pytest.raises(UsageError) as caught:
        quick(rare, **options)
    assert caught.value.code == code


def test_an_error_that_does_not_exist_is_refused(rare):
    with pytest.raises(UnknownName, match=r"\(false negative\), not 'fnn'"):
        quick(rare, cost={"fnn": 1})


@pytest.mark.parametrize(("option", "value"), [("threshold", 0.3), ("cost", {"fn": 2.0})])
@pytest.mark.parametrize(("target", "task"), [("three", "several classes"), ("x", "a number")])
def test_other_tasks_have_no_threshold(rare, target, task, option, value):
    table = rare.with_columns(three=pl.Series(["a", "b", "c", "b", "a"] * 100))
    with pytest.raises(UsageError) as caught:
        quick(table, target, **{option: value})
    assert str(caught.value).startswith(
        f"--{option} needs a target with two classes; this model predicts {task}."
    )
