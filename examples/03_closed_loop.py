"""The loop closes: fit, watch, alert, retrain, promote, roll back; on a world that turns.

Bikes are rented by the hour. In week 9 a tram opens and the rainy season begins: rain no longer
keeps people at home, and mornings are busy. Each week the new rows are compared with what the model
learned from; two weeks of drift in a row are an alert. A challenger then has to beat the champion
on rows that neither learned from, before it takes over.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import mulle
from mulle.verbs.retrain import history, rollback
from mulle.verbs.watch.alert import Alerts, parse_rules

TURNS = 9  # the week in which the world moves
QUICK: dict[str, Any] = {"preset": "quick", "trials": 3}
RULES = """
[[rule]]
name = "the world moves"
on = "drift"
column = "rain"
for = "2 checks"
"""


def weeks(first: int, last: int) -> pl.DataFrame:
    """The hours of some weeks, both ends included: what was known, and how many bikes went out."""
    return pl.concat([_week(number) for number in range(first, last + 1)])


def _week(number: int) -> pl.DataFrame:
    rng, turned = np.random.default_rng(number), number >= TURNS
    hour = np.arange(168) % 24
    rain = rng.gamma(2.0 if turned else 0.6, 1.0, 168)
    warm = 12 + 6 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(0, 3, 168)
    morning = np.where((hour > 6) & (hour < 10), 60.0 if turned else 10.0, 0.0)
    bikes = 120 + 4 * warm + morning - (2 if turned else 25) * rain + rng.normal(0, 8, 168)
    when = np.datetime64("2026-01-05", "us") + np.timedelta64(1, "h") * (
        168 * number + np.arange(168)
    )
    columns = {"when": when, "hour": hour, "rain": rain, "warm": warm, "bikes": bikes.round()}
    return pl.DataFrame(columns)


def watched_until_alert(model: Path, number: int) -> int:
    """Look at week after week; the one in which the alert opens, its verdict written down."""
    alerts = Alerts(parse_rules(RULES), "watch.db", model="bikes")
    while True:
        verdict = mulle.watch(model, weeks(number, number))
        moved = [name for name, column in verdict.columns.items() if column.drift_detected]
        print(f"week {number:<6}{'drift: ' + ', '.join(moved) if moved else 'calm'}")
        if opened := alerts.check(verdict.to_dict()):
            Path("verdict.json").write_bytes(verdict.to_json())
            print(f"alert      {opened[0].rule}: {opened[0].evidence['reason']}")
            return number
        number += 1


def main() -> None:
    """The loop, in the current folder."""
    weeks(0, 5).write_parquet("bikes.parquet")
    first = mulle.fit("bikes.parquet", target="bikes", time_column="when", output=".", **QUICK)
    print(f"fitted     rmse {first.packaged.test.score:.1f} on the last of weeks 0 to 5")
    alert = watched_until_alert(first.bundle, 6)
    assert alert == TURNS + 1

    weeks(6, alert + 3).write_parquet("new.parquet")  # labels have come in meanwhile
    outcome = mulle.retrain(
        first.bundle,
        "new.parquet",
        old="bikes.parquet",
        name="bikes",  # registered: version 1 is the champion
        policy="window:35",
        if_drift="verdict.json",
        trigger="alert",
        latency_factor=10,
        **QUICK,
    )
    print(Path(outcome.folder, "decision.txt").read_text(encoding="utf-8"))
    assert outcome.decision == "promoted"

    newer = weeks(alert + 4, alert + 6)
    again = mulle.retrain("bikes", newer, min_gain=1, latency_factor=10, **QUICK)
    print("once more ", again.decision, [gate.name for gate in again.missed])
    assert again.decision == "refused"  # the world has not turned again

    back = rollback("bikes", reason="to show that it can be done")
    print(f"rollback   version {back.up.version} serves again, {back.down.version} stepped down")
    steps = [entry.step for entry in history("bikes")]
    print("ledger    ", " ".join(step for step in steps if step != "gate"))
    assert steps[-1] == "rolled-back"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        before = Path.cwd()
        os.chdir(folder)
        try:
            main()
        finally:
            os.chdir(before)
