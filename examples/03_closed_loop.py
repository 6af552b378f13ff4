"""The loop closes: fit, watch, alert, retrain, promote, roll back; on a world that turns.

Bikes are rented by the hour. In week 9 a tram opens and the rainy season begins: rain no longer
keeps people at home, and mornings are busy. Each week the new rows are compared with what the model
learned from; two weeks of drift in a row are an alert. A challenger then has to beat the champion
on rows that neither learned from, before it takes over.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import mulle
from mulle.evaluate import ks
from mulle.watch.retrain import history, rollback

TURNS = 9  # the week in which the world moves
PATIENCE = 2  # weeks of drift in a row that make an alert
QUICK: dict[str, Any] = {"preset": "quick", "trials": 3}


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
    return pl.DataFrame(
        {"when": when, "hour": hour, "rain": rain, "warm": warm, "bikes": bikes.round()}
    )


def compared(reference: pl.DataFrame, rows: pl.DataFrame) -> dict[str, Any]:
    """The verdict on new rows, column by column."""
    scores = {name: ks(reference[name], rows[name]).statistic for name in ("hour", "rain", "warm")}
    columns = {
        name: {"measure": "ks", "score": score, "drift_detected": score > 0.25}
        for name, score in scores.items()
    }
    share = sum(column["drift_detected"] for column in columns.values()) / len(columns)
    return {
        "dataset_drift": share > 0, "share_of_drifted_columns": share, "columns": columns
    }  # fmt: skip


def watched_until_alert(reference: pl.DataFrame, number: int) -> int:
    """Look at week after week; the one in which the alert opens, its verdict written down."""
    in_a_row = 0
    while in_a_row < PATIENCE:
        verdict = compared(reference, weeks(number, number))
        in_a_row = in_a_row + 1 if verdict["dataset_drift"] else 0
        moved = [name for name, c in verdict["columns"].items() if c["drift_detected"]]
        print(f"week {number:<5}", f"drift: {', '.join(moved)}" if moved else "calm")
        Path("verdict.json").write_text(json.dumps(verdict), encoding="utf-8")
        number += 1
    return number - 1


def main() -> None:
    """The loop, in the current folder."""
    weeks(0, 5).write_parquet("bikes.parquet")
    first = mulle.fit("bikes.parquet", target="bikes", time_column="when", **QUICK)
    print(f"fitted     rmse {first.shipped.test.score:.1f} on the last of weeks 0 to 5")

    alert = watched_until_alert(weeks(0, 5), 6)
    print(f"alert      in week {alert}: retrain when there are labels of some weeks more")
    assert alert == TURNS + PATIENCE - 1

    weeks(6, alert + 3).write_parquet("new.parquet")
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
    assert outcome.comparison is not None and outcome.comparison.gain > 0

    calm = mulle.retrain(
        "bikes", weeks(alert + 4, alert + 6), min_gain=1, latency_factor=10, **QUICK
    )
    print("once more ", calm.decision, [gate.name for gate in calm.missed])
    assert calm.decision == "refused"  # the world has not turned again

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
