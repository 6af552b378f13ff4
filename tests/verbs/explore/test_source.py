"""Large files read in parts give what reading them whole gives."""

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    monkeypatch.setattr(source, "MAX_HELD_BYTES", 0)
    monkeypatch.setattr(columns, "CHUNK_BYTES", 300_000)


def told(report):
    """What must not depend on how the file was read."""
    return {
        c.name: (c.kind, c.storage, c.count, c.missing, c.distinct, type(c).__name__)
        for c in report.summaries
    }


@pytest.mark.parametrize("held", [1 << 40, 0])
def test_csv(frame, tmp_path, in_parts, monkeypatch, held):
    monkeypatch.setattr(source, "MAX_HELD_BYTES", held)
    path = tmp_path / "table.csv"
    frame.write_csv(path)
    found = explore(path)
    assert found.header.streamed == (not held)
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
    assert found.header.streamed
    assert told(found) == told(explore(read(path)))


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


CELLS = {
    "price": ["1,100", "2,300", "4,700"], "point": ["1.5", "2.25", "0.125"], "code": ["007", "012"],
    "day": ["03/04/2024", "05/06/2024"], "late": ["13/04/2024", "25/12/2023"], "word": ["가", "나"],
    "comma": ["0,512", "1,193", "2,285"], "won": ["1,234원", "5원"], "mark": ["Y", ""],
    "low": ["<0.5", "1.2", "3"], "section": ["1.1", "1.10", "2.3"], "long": ["123456789012345678"],
    "share": ["49.7%", "12%"], "none": ["1", "none", "3"], "whole": ["1", "2", "3"],
}  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(sorted(CELLS)), min_size=2, max_size=6, unique=True), st.data())
def test_any_table_read_in_parts_is_what_it_is_as_a_whole(tmp_path, in_parts, names, data):
    delimiter = data.draw(st.sampled_from([",", ";"]))
    rows = data.draw(st.integers(3, 40))
    cells = [[data.draw(st.sampled_from(CELLS[name])) for name in names] for _ in range(rows)]
    path = tmp_path / "table.csv"
    path.write_text(
        "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in [names, *cells]) + "\n",
        encoding="utf-8",
    )
    try:
        whole = read(path)
    except DataError:
        return
    with source.open_columns(path) as found:
        assert found.names == [c.name for c in whole.schema.columns if not c.source]
        for name in found.names:
            one = found.column(name)
            assert one.values.to_list() == whole.frame[name].to_list(), name
            assert one.column.notation == whole.schema[name].notation, name


def test_one_column_that_cannot_be_read():
    report = explore(pl.DataFrame({"a": [b"\xff", b"\xfe"], "b": [1, 2]}))
    assert (report.column("a").code, report.column("b").count) == ("column-binary", 2)


def test_short_rows_are_refused_as_ever(tmp_path, in_parts):
    path = tmp_path / "table.csv"
    path.write_text("a,b,c\n1,2,3\n4,5\n" + "7,8,9\n" * 9, encoding="utf-8")
    with pytest.raises(DataError, match=r"1 row has another number of cells.*3 \(2\)"):
        explore(path)


def test_blank_rows_are_left_out_and_named(tmp_path, in_parts):
    path = tmp_path / "table.csv"
    rows = [f"{i},{i * 2}" for i in range(50_000)]
    rows[3] = rows[40_000] = ","
    path.write_text("\n".join(["a,b", *rows]) + "\n", encoding="utf-8")
    with source.open_columns(path) as found:
        assert found.streamed
        assert found.left_out == read(path).reading.left_out
        assert found.left_out[0].rows == (4, 40_001)
        assert found.layout == read(path).reading.layout
    assert told(explore(path)) == told(explore(read(path)))
