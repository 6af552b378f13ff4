"""Rooms that share a subject agree: the same tables through different verbs give one answer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import mulle
from mulle.cli import main

COLUMNS = ("x", "c", "k")


def drift_table(rows: int, seed: int, shift: float = 0.0, **share: float) -> pl.DataFrame:
    """A number, categories and counts; `new` and `missing` are shares of the rows."""
    rng = np.random.default_rng(seed)
    x = pl.Series(rng.normal(size=rows) + shift)
    gone = pl.Series(rng.random(rows) < share.get("missing", 0.0))
    new = rng.random(rows) < share.get("new", 0.0)
    return pl.DataFrame(
        {
            "x": pl.select(pl.when(~gone).then(x)).to_series(),
            "c": np.where(new, "new", rng.choice(list("abcd"), rows)),
            "k": rng.poisson(3, rows),
        }
    )


@pytest.fixture(scope="module")
def drift_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that reads the columns of `drift_table`."""
    folder = tmp_path_factory.mktemp("drift")
    frame = drift_table(1500, 9)
    y = frame["x"].to_numpy() + np.random.default_rng(9).normal(size=1500) > 0
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        table = frame.with_columns(y=pl.Series(np.where(y, "yes", "no")))
        return folder / mulle.fit(table, "y", preset="quick", trials=1, n_jobs=1).bundle


CASES = {
    "a shift by 0.07 standard deviations": (
        50_000,
        50_000,
        {"shift": 0.07},
        set(),
        "no_drift_seen",
    ),
    "a clear shift": (5000, 5000, {"shift": 0.5}, {"x"}, "no_drift_seen"),
    "a new category": (5000, 5000, {"new": 0.1}, {"c"}, "no_drift_seen"),
    "missing values": (5000, 5000, {"missing": 0.1}, {"x"}, "no_drift_seen"),
    "20 rows": (5000, 20, {"shift": 5.0}, set(), "not_judged"),
    "20 rows to compare with": (20, 5000, {"shift": 5.0}, set(), "not_judged"),
    "200 rows": (200, 200, {}, set(), "no_drift_seen"),
    "200 rows and a clear shift": (200, 200, {"shift": 1.5}, {"x"}, "no_drift_seen"),
    "40 rows": (5000, 40, {}, set(), "cannot_tell"),
}


@pytest.mark.parametrize("name", CASES)
def test_explore_and_watch_give_one_verdict_on_drift(drift_model: Path, name: str) -> None:
    before, now, change, drifted, otherwise = CASES[name]
    reference, current = drift_table(before, 0), drift_table(now, 1, **change)
    explored = {d.column: d for d in mulle.explore(reference, against=current).comparison.drifts}
    watched = mulle.watch(drift_model, current, against=reference).columns
    expected = {c: "drifted" if c in drifted else otherwise for c in COLUMNS}
    assert {c: explored[c].status for c in COLUMNS} == expected
    assert {c: watched[c].status for c in COLUMNS} == expected
    for column in COLUMNS:
        one, other = explored[column], watched[column]
        assert (one.n_ref, one.n_cur) == (other.n_ref, other.n_cur) == (before, now)
        assert one.reason_code == other.reason_code
        assert one.measure == other.measure and one.threshold == other.threshold


def test_explore_and_watch_write_drift_under_the_same_keys(
    drift_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    drift_table(500, 0).write_csv("before.csv")
    drift_table(500, 1, 1.0).write_csv("now.csv")
    assert (
        main(["watch", str(drift_model), "now.csv", "--against", "before.csv", "-o", "w.json"]) == 0
    )
    report = mulle.explore("before.csv", against="now.csv")
    report.save("e.json")
    capfd.readouterr()
    watched = json.loads(Path("w.json").read_text("utf-8"))["columns"]["x"]
    explored = json.loads(Path("e.json").read_text("utf-8"))["comparison"]["drifts"]
    one = next(d for d in explored if d["column"] == "x")
    assert set(watched) - {"reason"} <= set(one)
    assert one["status"] == watched["status"] == "drifted"
    assert set(one["picture"]) == set(watched["picture"]) >= {"reference", "current"}
