"""Large files read in parts give what reading them whole gives."""

import numpy as np
import polars as pl
import pytest

from mulle import explore, read
from mulle.errors import DataError, UnknownName
from mulle.table.stream import columns, size, source


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    n = 30_000
    return pl.DataFrame({
        "number": rng.normal(size=n).round(3), "few": rng.integers(0, 5, n),
        "yes": rng.random(n) < 0.5, "town": rng.choice(["서울", "부산", "a, b", 'say "x"'], n),
        "won": [f"{v:,}원" for v in rng.integers(1000, 10**7, n)],
        "day": pl.Series(np.datetime64("2020-01-01") + rng.integers(0, 900, n)).cast(pl.Date),
        "note": [f"line {i}\nof the note number {i * 7}, which is long" for i in range(n)],
        "lacking": pl.select(pl.when(pl.int_range(n) % 3 > 0).then(rng.random(n))).to_series(),
        "code": [f"{v:05}" for v in rng.integers(0, 10**4, n)],
    })  # fmt: skip


@pytest.fixture
def in_parts(monkeypatch):
    monkeypatch.setattr(size, "MAX_WHOLE_BYTES", 0)
    monkeypatch.setattr(columns, "CHUNK_BYTES", 300_000)


def told(report):
    """What must not depend on how the file was read."""
    return {
        c.name: (c.kind, c.storage, c.count, c.missing, c.distinct, type(c).__name__)
        for c in report.summaries
    }


@pytest.mark.parametrize("spooled", [1 << 40, 0])
def test_csv(frame, tmp_path, in_parts, monkeypatch, spooled):
    monkeypatch.setattr(source, "MAX_HELD_BYTES", spooled)
    path = tmp_path / "table.csv"
    frame.write_csv(path)
    found = explore(path)
    assert found.header.streamed
    assert told(found) == told(explore(read(path)))


def test_parquet(frame, tmp_path, in_parts):
    path = tmp_path / "table.parquet"
    frame.write_parquet(path)
    found, whole = explore(path), explore(read(path))
    assert found.header.streamed and not whole.header.streamed
    assert told(found) == told(whole)
    assert found.column("number").spread == whole.column("number").spread
    assert found.relations.duplicates == whole.relations.duplicates
    assert found.relations.mixed == whole.relations.mixed
    assert {f.code for f in found.findings} >= {"M017"}


def test_kinds_and_columns_to_drop(frame, tmp_path, in_parts):
    path = tmp_path / "table.csv"
    frame.write_csv(path)
    how = {"kinds": {"few": "nominal", "won": "text"}, "drop": ["note"]}
    found = explore(path, **how)
    assert found.header.streamed
    assert told(found) == told(explore(read(path, **how)))
    for wrong in ({"kinds": {"absent": "text"}}, {"kinds": {"few": "odd"}}, {"drop": ["absent"]}):
        with pytest.raises(UnknownName):
            explore(path, **wrong)


@pytest.mark.parametrize("large_ones", [0, 1 << 40])
def test_the_other_table_may_lack_them(tmp_path, monkeypatch, large_ones):
    monkeypatch.setattr(size, "MAX_WHOLE_BYTES", large_ones)
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    here.write_text("a,b,y\n" + "1,2,0\n3,4,1\n" * 20, encoding="utf-8")
    there.write_text("a,c\n" + "1,2\n3,4\n" * 20, encoding="utf-8")
    report = explore(here, "y", there, kinds={"y": "nominal"}, drop=["b"])
    assert report.comparison.only_in_reference == ["y"]
    assert report.comparison.only_in_current == ["c"]


def test_a_number_that_turns_out_late_to_be_none(tmp_path, in_parts, monkeypatch):
    monkeypatch.setattr(columns, "_PREFIX", 50_000)
    path = tmp_path / "late.csv"
    rows = [f"{i},{i * 2}" for i in range(60_000)] + ["x1,5", ",6"]
    path.write_text("\n".join(["a,b", *rows]), encoding="utf-8")
    found = explore(path)
    assert found.header.rows == 60_002
    assert (found.column("a").storage, found.column("a").missing) == ("number", 2)
    assert [r.code for r in found.repairs if r.column == "a"] == ["missing-token"]
    assert found.column("b").distinct == explore(read(path)).column("b").distinct


@pytest.mark.parametrize(
    "text",
    ["Title\n\na,b\n1,2\n3,4\n", "1,2\n3,4\n5,6\n", "a\n1\n2\n3\n"],
)
def test_what_is_not_plain_is_read_whole(tmp_path, in_parts, text):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    assert told(explore(path)) == told(explore(read(path)))


def test_cp949_is_read_whole(tmp_path, in_parts):
    path = tmp_path / "table.csv"
    path.write_bytes("이름,값\n서울,1\n부산,2\n".encode("cp949"))
    assert explore(path).repairs[0].values["encoding"] == "cp949"


def test_names_that_take_settling(tmp_path, in_parts):
    path = tmp_path / "table.csv"
    path.write_text("a,a, b \n1,2,3\n4,5,6\n7,8,9\n", encoding="utf-8")
    assert [c.name for c in explore(path).summaries] == read(path).names


def test_one_column_that_cannot_be_read():
    report = explore(pl.DataFrame({"a": [b"\xff", b"\xfe"], "b": [1, 2]}))
    assert (report.column("a").code, report.column("b").count) == ("column-binary", 2)


def test_short_rows_are_refused_as_ever(tmp_path, in_parts):
    path = tmp_path / "table.csv"
    path.write_text("a,b,c\n1,2,3\n4,5\n" + "7,8,9\n" * 9, encoding="utf-8")
    with pytest.raises(DataError, match=r"rows.*3 \(2\)"):
        explore(path)


def test_blank_rows_are_dropped_and_said(tmp_path, in_parts):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n\n" + "7,\n" * 9, encoding="utf-8")
    report = explore(path)
    assert told(report) == told(explore(read(path)))
    assert [(r.code, r.count) for r in report.repairs] == [("blank-rows", 1)]


@pytest.mark.parametrize("text", ["e\u0301", " x", "NA", "ᄒ\u1161"])
def test_what_needs_repair(text):
    values = pl.Series(["plain", "물레", "漢字", *(str(i) for i in range(20)), text])
    assert columns.needs_repair(values)
    assert not columns.needs_repair(values[:-1])
