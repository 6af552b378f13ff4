"""A challenger is fitted with what the champion was fitted with."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mulle.bundle import load
from mulle.verbs.retrain import challenger
from mulle.verbs.retrain.settings import Settings


@pytest.mark.parametrize("given", [
    {"cost": {"fn": 10.0}, "class_weight": "balanced"}, {"threshold": 0.3}, {},
])  # fmt: skip
def test_costs_and_threshold_are_kept(here, monkeypatch, tmp_path, given):
    asked = {}
    monkeypatch.setattr(challenger, "fit", lambda *_, **options: asked.update(options))
    rows = SimpleNamespace(roles={}, train=None, holdout=None, drop=())
    champion = load("shop.mulle").manifest
    challenger.train(champion, rows, None, Settings(), given, tmp_path, None)
    names = ("cost", "threshold", "class_weight")
    assert {name: asked[name] for name in names if name in asked} == given
    assert asked["positive"] == str(champion.target.positive)
