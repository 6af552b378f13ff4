"""Rooms that share a subject agree: the same tables through different verbs give one answer."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import mulle
from mulle.bundle import load
from mulle.cli import main
from mulle.errors import DataError
from mulle.table import find_target, read, read_cells

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
        return folder / mulle.fit(table, "y", preset="quick", trials=1, n_jobs=1, output=".").bundle


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
    "30 rows": (5000, 30, {}, set(), "cannot_tell"),
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


# --- the target: one reading of labels, one task, one refusal ---------------------------------

LABELS = {
    "yes and no": (("yes", "no"), {}),
    "truths": ((True, False), {}),
    "whole numbers": ((1, 0), {}),
    "thousands as written": (("1,000", "2,000"), {"reading": {"repair": False}}),
    "thousands as numbers": (("1,000", "2,000"), {}),
    "percentages": (("10%", "20%"), {}),
    "numbers as text": (("1", "2"), {"reading": {"columns": {"sold": {"kind": "nominal"}}}}),
}


def sales(labels: tuple[object, object], rows: int = 240, seed: int = 0) -> pl.DataFrame:
    """Rows whose label follows from `price`; a third has the first label."""
    rng = np.random.default_rng(seed)
    price = rng.normal(size=rows)
    first = price + rng.normal(0, 0.3, rows) > 0.45
    city = rng.choice(["서울", "부산"], rows)
    sold = [labels[0] if one else labels[1] for one in first]
    return pl.DataFrame({"price": price, "city": city, "sold": sold})


def fit_sales(folder: Path, labels: tuple[object, object], **options: object) -> Path:
    """The path of a small model of `sales`, whose table is `sales.csv` beside it."""
    sales(labels).write_csv(folder / "sales.csv")
    with contextlib.chdir(folder):
        how = {"preset": "quick", "trials": 2, "n_jobs": 1, "output": ".", **options}
        return folder / mulle.fit("sales.csv", "sold", **how).bundle


@pytest.fixture(scope="module", params=LABELS)
def sale(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    labels, options = LABELS[request.param]
    folder = tmp_path_factory.mktemp("sales")
    sales(labels, 200, seed=5).write_csv(folder / "later.csv")
    return fit_sales(folder, labels, **options)


def printed(capfd: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """What a command prints as JSON."""
    capfd.readouterr()
    assert main([*map(str, arguments), "--format", "json"]) == 0, capfd.readouterr().err
    return json.loads(capfd.readouterr().out)


def test_labels_are_read_alike_by_every_verb(
    sale: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(sale.parent)
    target = load(sale).manifest.target
    y = target.encode(read_cells("later.csv").frame["sold"]).y
    assert set(y.tolist()) == {0, 1}

    for table in ("sales.csv", "later.csv"):
        found = printed(capfd, "evaluate", sale, table)
        assert found["rows"] == pl.read_csv(table).height
        assert found["scores"]["roc_auc"]["score"] > 0.85
    confusion = np.array(found["confusion"])
    assert confusion.sum(1).tolist() == [int((y == 0).sum()), int((y == 1).sum())]

    watched = mulle.watch(sale, "later.csv").performance
    assert [p.rows for p in watched] == [200]
    assert watched[0].score == pytest.approx(found["scores"][watched[0].metric]["score"])

    predicted = load(sale).predict("later.csv")
    codes = [target.code_of(label) for label in predicted.tolist()]
    assert codes == target.encode(pl.Series(predicted)).y.tolist()
    right = confusion.trace() / confusion.sum()
    assert np.mean(np.array(codes) == y) == pytest.approx(right)

    outcome = mulle.retrain(sale, "later.csv", old="sales.csv", dry_run=True, **QUICK)
    assert outcome.rows.new == 200


QUICK = {"preset": "quick", "trials": 1, "n_jobs": 1}


@pytest.fixture(scope="module")
def yes_no(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_sales(tmp_path_factory.mktemp("yes-no"), ("yes", "no"))


def test_labels_in_another_case_are_the_same_to_every_verb(
    yes_no: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    sales(("Yes", "NO"), 200, seed=5).write_csv("upper.csv")
    sales(("yes", "no"), 200, seed=5).write_csv("lower.csv")
    for arguments in (("evaluate", yes_no),):
        upper, lower = (printed(capfd, *arguments, name) for name in ("upper.csv", "lower.csv"))
        assert upper["scores"] == lower["scores"]
        assert upper["confusion"] == lower["confusion"]
    upper, lower = (mulle.watch(yes_no, name).performance for name in ("upper.csv", "lower.csv"))
    assert upper == lower and upper[0].rows == 200
    for name in ("upper.csv", "lower.csv"):
        outcome = mulle.retrain(yes_no, name, dry_run=True, **QUICK)
        assert outcome.rows.new == 200


def test_unknown_labels_are_refused_or_counted_but_never_dropped(
    yes_no: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    frame = sales(("yes", "no"), 200, seed=5)
    some = frame.with_columns(
        sold=pl.when(pl.int_range(pl.len()) < 20).then(pl.lit("maybe")).otherwise("sold")
    )
    some.write_csv("some.csv")
    codes = set()
    for arguments in (["evaluate", yes_no, "some.csv"], ["retrain", yes_no, "some.csv"]):
        capfd.readouterr()
        assert main([*map(str, arguments)]) == 1
        said = capfd.readouterr().err
        codes |= set(re.findall(r"\(([a-z-]+)\)$", said, re.MULTILINE))
        assert "'maybe'" in said and "no, yes" in said
    assert codes == {"label-unseen"}
    report = mulle.watch(yes_no, "some.csv")
    assert report.labels_unknown == {"maybe": 20}
    assert report.performance[0].rows == 180
    frame.with_columns(sold=pl.lit("maybe")).write_csv("all.csv")
    with pytest.raises(DataError) as caught:
        mulle.watch(yes_no, "all.csv")
    assert caught.value.code == "watch-labels-unknown"


TASKS = {
    "two words": ["a", "b"] * 50,
    "three words": ["a", "b", "c", "b"] * 25,
    "truths": [True, False, False, False] * 25,
    "few whole numbers": [1, 2, 3, 4] * 25,
    "eleven whole numbers": [*range(11)] * 10,
    "many whole numbers": [*range(100)],
    "decimals": [i / 3 for i in range(100)],
    "two decimals": [0.5, 1.5] * 50,
}


@pytest.mark.parametrize("values", TASKS.values(), ids=TASKS)
def test_explore_and_fit_take_a_target_for_the_same_task(values: list[Any]) -> None:
    rng = np.random.default_rng(0)
    table = pl.DataFrame({"x": rng.normal(size=len(values)), "y": values})
    target, _, _ = find_target(read(table), "y")
    explored = mulle.explore(table, "y").target
    assert explored.task == target.task
    if target.task == "binary":
        assert target.code_of(explored.positive) == 1


def test_a_date_is_no_target_of_any_verb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 30), eager=True)
    pl.DataFrame({"x": range(len(days)), "day": days}).write_csv("days.csv")
    commands = (["explore", "days.csv"], ["fit", "days.csv"])
    options = ([], ["--task", "regression"], ["--task", "multiclass"])
    for command in commands:
        for option in options if command[0] == "fit" else ([],):
            capfd.readouterr()
            assert main([*command, "--target", "day", *option]) == 1
            assert "(target-date)" in capfd.readouterr().err
