"""The report is data: it goes to JSON and comes back, and refuses what it cannot read."""

import msgspec
import numpy as np
import pytest

import mulle
from mulle.errors import DataError, UnknownName
from mulle.verbs.explore import VERSION, Report

TABLE = {
    "x": [1.5, 2.5, None, 4.0] * 10,
    "c": ["a", "b", "b", None] * 10,
    "when": [f"2024-01-{d:02}" for d in range(1, 21)] * 2,
    "text": [f"this is the text with the number {i}" for i in range(40)],
    "y": [0, 1] * 20,
}


@pytest.fixture(scope="module")
def report():
    return mulle.explore(TABLE, "y", against=TABLE)


def test_the_verb_is_a_function(report):
    import mulle.verbs.explore

    assert isinstance(report, Report)
    assert mulle.explore is mulle.verbs.explore.explore
    assert mulle.explore({"a": [1, 2]}).header.rows == 2


def test_json_and_back(report):
    data = report.to_json()
    assert b"NaN" not in data
    back = Report.from_json(data)
    assert back.to_json() == data
    assert back == report


def test_saved(report, tmp_path):
    report.save_json(tmp_path / "report.json")
    assert Report.from_json((tmp_path / "report.json").read_bytes()) == report


def test_damaged(report):
    with pytest.raises(DataError, match="cannot be read"):
        Report.from_json(report.to_json()[:-5])
    with pytest.raises(DataError, match="cannot be read"):
        Report.from_json(b'{"header": 3}')


def test_of_a_later_version(report):
    header = msgspec.structs.replace(report.header, version=VERSION + 1)
    later = msgspec.structs.replace(report, header=header)
    with pytest.raises(DataError, match=f"version {VERSION + 1}"):
        Report.from_json(later.to_json())


def test_header(report):
    header = report.header
    assert (header.rows, header.columns, header.sampled) == (40, 5, 40)
    assert header.missing_cells == 20
    assert header.kinds == {"boolean": 1, "continuous": 1, "datetime": 1, "nominal": 1, "text": 1}
    stages = [s for s in header.seconds if s != "total"]
    assert stages[:3] == ["read", "columns", "relations"]
    assert sum(header.seconds[s] for s in stages) == pytest.approx(
        header.seconds["total"], abs=0.01
    )
    assert {n.reason for n in header.not_computed} == {"kind"}


def test_cards(report):
    assert [type(c).__name__ for c in report.summaries] == [
        "NumberSummary", "CategorySummary", "DateSummary", "TextSummary", "BooleanSummary",
    ]  # fmt: skip
    assert report.column("y").true == 20
    with pytest.raises(UnknownName, match="no column named 'z'"):
        report.column("z")


def test_sample(report):
    assert report.sample.columns == list(TABLE)
    assert report.sample.first[2] == [None, "b", "2024-01-03", TABLE["text"][2], 0.0]
    assert len(report.sample.first) == len(report.sample.some) == 8


def test_the_seed_settles_the_sample():
    table = {"x": np.random.default_rng(0).normal(size=500), "y": np.arange(500.0)}
    one, same, other = (mulle.explore(table, sample=100, seed=s) for s in (1, 1, 2))
    assert one.header.sampled == 100 and one.header.rows == 500
    assert one.relations == same.relations != other.relations
    assert one.summaries == same.summaries == other.summaries


def test_progress():
    told = []
    mulle.explore(TABLE, progress=lambda stage, share: told.append((stage, share)))
    assert told[0] == ("read", 1.0)
    assert [s for s, _ in told if s == "columns"]
    assert all(0 < share <= 1 for _, share in told)


def test_a_stage_that_fails_takes_nothing_with_it(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("on purpose")

    import sys

    monkeypatch.setattr(sys.modules["mulle.verbs.explore.explore"], "relate", broken)
    found = mulle.explore(TABLE)
    assert found.column("x").missing == 10
    left = [n for n in found.header.not_computed if n.reason == "failed"]
    assert [(n.what, n.values["what"]) for n in left] == [
        ("relations", "ZeroDivisionError: on purpose")
    ]


def test_a_column_that_fails_has_a_card_that_says_so(monkeypatch):
    from mulle.verbs.explore.columns import summary

    def broken(*_):
        raise OverflowError("on purpose")

    monkeypatch.setitem(summary._SUMMARIES, "date", broken)
    found = mulle.explore(TABLE)
    assert found.column("when").what == "OverflowError: on purpose"
    assert found.column("x").missing == 10
