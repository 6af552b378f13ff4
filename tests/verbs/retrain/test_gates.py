"""Each gate holds where it should, and only there."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from mulle import load, read
from mulle.verbs.retrain.compare import Comparison
from mulle.verbs.retrain.gates import after_training, before_training
from mulle.verbs.retrain.settings import Settings

FOUND = Comparison(
    "roc_auc", True, 0.8, 0.9, 0.1, 0.02, 0.18, 0.95, 1000, 0, 100, {"roc_auc": [0.8, 0.9]}
)


def gates(here: Path, found: Comparison = FOUND, **options) -> dict[str, bool]:
    model = load("shop.mulle")
    pair = model, Path("shop.mulle")
    rows = read("new.csv")
    made = after_training(found, pair, pair, rows, Settings(**options))
    return {gate.name: gate.passed for gate in made}


def test_a_better_challenger_passes(here):
    held = gates(here, latency_factor=50)
    assert held == {"better": True, "parity": True, "latency": True, "size": True}


@pytest.mark.parametrize(("low", "passed"), [(0.02, True), (0.0, False), (-0.1, False)])
def test_better_means_that_the_whole_interval_lies_above(here, low, passed):
    found = msgspec.structs.replace(FOUND, low=low)
    assert gates(here, found)["better"] is passed


def test_what_cannot_be_said_is_not_better(here):
    found = msgspec.structs.replace(FOUND, gain=None, low=None, high=None, challenger=None)
    held = gates(here, found, floor=0.1)
    assert (held["better"], held["floor"]) == (False, False)


def test_the_least_gain_can_be_asked_for(here):
    assert gates(here, min_gain=0.01)["better"]
    assert not gates(here, min_gain=0.05)["better"]


@pytest.mark.parametrize(("gain", "passed"), [(0.0, True), (-0.001, False)])
def test_after_drift_no_worse_is_enough(here, gain, passed):
    found = msgspec.structs.replace(FOUND, gain=gain, low=-0.2)
    held = gates(here, found, not_worse=True, if_drift="report.json")
    assert held["not-worse"] is passed
    assert "better" not in held


@pytest.mark.parametrize(
    ("metric", "floor", "passed"),
    [("roc_auc", 0.85, True), ("roc_auc", 0.95, False), ("log_loss", 0.95, True),
     ("log_loss", 0.85, False)],
)  # fmt: skip
def test_the_floor_knows_which_way_a_metric_points(here, metric, floor, passed):
    found = msgspec.structs.replace(FOUND, metric=metric)
    assert gates(here, found, floor=floor)["floor"] is passed


@pytest.mark.parametrize("gate", ["latency", "size"])
def test_a_factor_below_one_is_never_met_by_the_same_file(here, gate):
    assert not gates(here, **{f"{gate}_factor": 0.01})[gate]


def test_a_file_without_a_proof_does_not_pass(here):
    model = load("shop.mulle")
    bare = load("shop.mulle")
    bare.manifest = msgspec.structs.replace(bare.manifest, parity=None)
    flips = load("shop.mulle")
    flips.manifest = msgspec.structs.replace(
        flips.manifest, parity=msgspec.structs.replace(model.manifest.parity, label_flips=3)
    )
    for challenger in (bare, flips):
        pairs = (model, Path("shop.mulle")), (challenger, Path("shop.mulle"))
        made = {g.name: g for g in after_training(FOUND, *pairs, read("new.csv"), Settings())}
        assert not made["parity"].passed


def test_before_training():
    def missed(y_holdout, y_train):
        return [gate.name for gate in before_training(y_holdout, y_train, 2) if not gate.passed]

    both = np.array([0, 0, 1, 1])
    assert missed(np.arange(30) % 2, both) == []
    assert missed(np.arange(29) % 2, both) == ["rows"]
    assert missed(np.arange(30) % 2, np.array([0, 0, 0, 1])) == ["labels"]
    assert missed(np.zeros(30, int), both) == ["test-labels"]
    assert [g.name for g in before_training(np.zeros(30), np.zeros(9), 0)] == ["rows"]
