"""On real tables, each known fault is a finding, and unremarkable columns get none."""

import os
from pathlib import Path

import pytest

from mulle import explore

DATA = os.environ.get("MULLE_DATA", "")
pytestmark = [pytest.mark.data, pytest.mark.skipif(not DATA, reason="MULLE_DATA is not set")]


def table(name, *more, **how):
    return explore(Path(DATA) / name, *more, **how)


def found(report):
    return {(f.code, name) for f in report.findings for name in f.columns or [""]}


def test_diamonds():
    report = table("tables/diamonds.csv")
    by_code = {f.code: f for f in report.findings}
    assert {("M014", c) for c in "xyz"} <= found(report)
    assert {("M013", "y"), ("M013", "z")} <= found(report)
    assert by_code["M030"].values["rows"] == 146
    assert report.column("carat").findings in ([], ["M033"])
    zeros = {f.columns[0]: f.values["zeros"] for f in report.findings if f.code == "M014"}
    assert zeros == {"x": 8, "y": 7, "z": 20}


def test_titanic():
    report = table("tables/titanic.csv", "survived")
    first = report.findings[0]
    assert (first.code, first.columns, first.severity) == ("M050", ["alive"], "error")
    assert {("M040", c) for c in ("class", "pclass", "embarked", "embark_town")} <= found(report)
    assert ("M010", "deck") in found(report)
    assert report.column("sex").findings == report.column("age").findings == []


@pytest.mark.parametrize("name", ["penguins", "mpg", "deliveries"])
def test_tables_without_fault(name):
    findings = table(f"tables/{name}.csv").findings
    assert [f for f in findings if f.columns != ["rownames"]] == []


def test_a_series_in_time():
    report = table("tables/vic_elec.parquet")
    summary = report.column("Time")
    assert (summary.frequency, summary.every, summary.regular) == ("minute", 30, 1.0)
    assert {("M032", "Time"), ("M004", "rownames")} <= found(report)
    assert report.column("Demand").findings == []


def test_korean_reviews():
    report = table("text/nsmc_cp949.csv")
    summary = report.column("review")
    assert summary.scripts["hangul"] > 0.9 and summary.languages["hangul"] > 0.9
    assert summary.ngrams[0].top[0].value == "영화"
    assert {c.value for c in summary.characters.covers if c.q == 0.95} == {113.0}


def test_train_and_test_reviews_are_alike():
    other = Path(DATA) / "text/nsmc_test.csv"
    comparison = table("text/nsmc_train.csv", against=other).comparison
    assert [d.column for d in comparison.drifts if d.drift_detected] == []
