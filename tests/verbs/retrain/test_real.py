"""The loop on real tables along time: a summer's model in winter, and taxis that stay the same."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from tests.verbs.retrain.world import QUICK

import mulle
from mulle.store import RunIndex
from mulle.verbs.retrain import history, retrain, rollback

DATA = os.environ.get("MULLE_DATA", "")
pytestmark = [pytest.mark.data, pytest.mark.skipif(not DATA, reason="MULLE_DATA is not set")]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_summers_model_of_demand_gives_way_in_winter_and_comes_back():
    table = pl.read_parquet(Path(DATA) / "tables/vic_elec.parquet")
    table = table.drop("rownames", "Date").with_columns(
        hour=pl.col("Time").dt.convert_time_zone("Australia/Melbourne").dt.hour()
    )
    summer, winter = table.head(48 * 60), table.slice(48 * 150, 48 * 60)
    first = mulle.fit(summer, "Demand", time_column="Time", output=".", **QUICK)
    options = {**QUICK, "trials": 3, "latency_factor": 50.0, "if_drift": "now"}
    outcome = retrain(first.bundle, winter, old=summer, policy="new", name="demand", **options)
    assert outcome.decision == "promoted"
    assert "Temperature" in outcome.evidence["columns"]
    assert outcome.comparison.low > 0
    assert outcome.rows.holdout + outcome.rows.train + outcome.rows.by_policy == 2 * 48 * 60
    rollback("demand")
    assert RunIndex().aliases("demand")["champion"] == 1
    assert [e.step for e in history("demand")][-2:] == ["rolling-back", "rolled-back"]


def test_taxis_are_decided_by_the_interval():
    table = pl.read_csv(Path(DATA) / "tables/taxis.csv", try_parse_dates=True)
    table = table.drop("dropoff", "total").sort("pickup")
    old, new = table.head(3000), table.slice(3000, 2000)
    first = mulle.fit(old, "tip", time_column="pickup", output=".", **QUICK)
    options = {**QUICK, "latency_factor": 50.0, "size_factor": 50.0}
    outcome = retrain(first.bundle, new, old=old, name="taxis", **options)
    assert outcome.rows.held_by == "time"
    assert (outcome.decision == "promoted") is (outcome.comparison.low > 0)
    assert RunIndex().aliases("taxis")["champion"] == (2 if outcome.comparison.low > 0 else 1)
