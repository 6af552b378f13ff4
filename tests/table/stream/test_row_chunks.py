"""A file in blocks has the rows that it has as a whole."""

import json

import polars as pl
import pytest

from mulle.errors import PredictionError
from mulle.table import Column, Kind, ReadOptions, Storage
from mulle.table.read.rows import rows_of
from mulle.table.stream import read_row_chunks
from mulle.table.stream import row_chunks as module
from mulle.table.stream.text_chunks import last_line_end

NAMES = ["나이", "도시", "메모"]


def named(*names):
    return [Column(name, Kind.nominal, Storage.string) for name in names]


COLUMNS = named(*NAMES)


def table(rows=1000):
    return pl.DataFrame({
        "나이": [None if i % 9 == 0 else i / 2 for i in range(rows)],
        "도시": [["서울", "부산", " 대구", "a,b", 'say "x"'][i % 5] for i in range(rows)],
        "rest": range(rows),
        "메모": [[f"line\n{i}", None, f"{i}"][i % 3] for i in range(rows)],
    })  # fmt: skip


def lines(frame):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in frame.to_dicts())


def written(folder, form):
    """A file of each form, and of each encoding."""
    frame, path = table(), folder / form.partition(" ")[0]
    if form.endswith(".parquet"):
        frame.write_parquet(path, row_group_size=130)
    elif form.endswith(".ndjson"):
        path.write_text(lines(frame), encoding="utf-8")
    else:
        text = frame.write_csv()
        if "title" in form:
            text = "매출 2024\n\n" + text
        if "blank" in form:
            text = text.replace("\n3.5,", "\n,,,\n3.5,")
        encoding = [*form.split(), "utf-8"][1]
        path.write_bytes(text.encode("utf-8-sig" if "bom" in form else encoding))
    return path


FORMS = ["a.parquet", "a.ndjson", "a.csv", "b.csv cp949", "c.csv utf-16", "d.csv utf-16-le",
         "e.csv utf-8 bom", "f.csv utf-8 title", "g.csv utf-8 blank"]  # fmt: skip


@pytest.fixture
def streaming(monkeypatch):
    """Files of any size are streamed, in pieces that end anywhere."""
    monkeypatch.setattr("mulle.table.stream.size.MAX_WHOLE_BYTES", 0)
    monkeypatch.setattr("mulle.table.stream.text_chunks.CHUNK_BYTES", 8_009)
    monkeypatch.setattr(module, "_SLAB", 600)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rows", [7, 64, 5000])
def test_all_rows_in_order(tmp_path, streaming, form, rows):
    path = written(tmp_path, form)
    whole = rows_of(str(path), COLUMNS).frame.select(NAMES)
    found = list(read_row_chunks(path, COLUMNS, rows).read(0))
    assert [b.first for b in found] == list(range(0, whole.height, rows))
    assert {b.frame.height for b in found[:-1]} <= {rows}
    assert pl.concat([b.frame.select(NAMES) for b in found]).equals(whole)
    assert [b.share for b in found] == sorted(b.share for b in found)
    assert found[-1].share == 1


@pytest.mark.parametrize("form", FORMS)
def test_taken_up_anywhere(tmp_path, streaming, form):
    path = written(tmp_path, form)
    whole = rows_of(str(path), COLUMNS).frame.select(NAMES)
    for begin in (64, 512, 960):
        found = list(read_row_chunks(path, COLUMNS, 64).read(begin))
        assert found[0].first == begin
        assert pl.concat([b.frame.select(NAMES) for b in found]).equals(whole[begin:])
    assert list(read_row_chunks(path, COLUMNS, 500).read(1500)) == []


@pytest.mark.parametrize("rows", [7, 64, 5000])
def test_a_row_that_is_left_out_keeps_its_place(tmp_path, streaming, rows):
    path = written(tmp_path, "g.csv utf-8 blank")
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    found = list(read_row_chunks(path, COLUMNS, rows).read(0))
    flags = [b.empty if b.empty is not None else pl.repeat(False, b.frame.height) for b in found]
    empty = pl.concat([pl.select(flag).to_series() for flag in flags])
    assert empty.arg_true().to_list() == [7]
    assert len(empty) == 1001 and lines.count(",,,") == 1
    joined = pl.concat([b.frame for b in found])
    assert joined.filter(~empty)["rest"].to_list() == [str(i) for i in range(1000)]


def test_the_layout_of_a_streamed_file_is_known_before_it_is_read(tmp_path, streaming):
    found = read_row_chunks(written(tmp_path, "b.csv cp949"), COLUMNS, 64)
    assert found.reading.layout.encoding == "cp949"
    assert found.reading.layout.delimiter == ","
    assert found.columns == ["나이", "도시", "rest", "메모"]


def test_a_streamed_file_without_header_has_the_names_of_the_model(tmp_path, streaming):
    path = tmp_path / "a.csv"
    path.write_text("".join(f"{i}.5,서울,{i}\n" for i in range(900)), encoding="utf-8")
    columns = [Column("나이", Kind.continuous, Storage.number), *named("도시", "메모")]
    found = read_row_chunks(path, columns, 400)
    frames = [chunk.frame for chunk in found.read(0)]
    assert [frame.height for frame in frames] == [400, 400, 100]
    assert frames[0].columns == NAMES and frames[0].row(0) == ("0.5", "서울", "0")
    assert [doubt.code for doubt in found.reading.doubts] == ["header-none"]


def test_only_what_is_needed_of_a_parquet_file(tmp_path):
    path = written(tmp_path, "a.parquet")
    assert next(read_row_chunks(path, COLUMNS, 10).read(0)).frame.columns == NAMES
    assert read_row_chunks(path, COLUMNS, 10).height == 1000
    assert next(read_row_chunks(path, named("gone"), 10).read(0)).frame.width == 4


@pytest.mark.parametrize("name", ["a.csv", "a.ndjson", "a.parquet"])
def test_no_rows(tmp_path, name):
    path = tmp_path / name
    if name.endswith("parquet"):
        table().clear().write_parquet(path)
    else:
        path.write_text("나이,도시,메모\n" if name.endswith("csv") else "", encoding="utf-8")
    (only,) = read_row_chunks(path, COLUMNS, 10).read(0)
    assert only.frame.height == 0
    assert set(NAMES) <= {*only.frame.columns}


def test_lines_are_read_in_the_encoding_that_was_given(tmp_path, streaming):
    path = tmp_path / "a.ndjson"
    path.write_bytes('{"a": "日本"}\n'.encode("shift_jis") * 40)
    options = ReadOptions(encoding="shift_jis")
    found = list(read_row_chunks(path, named("a"), 40, options).read(0))
    assert found[0].frame["a"].unique().to_list() == ["日本"]


def test_columns_that_come_and_go_in_lines(tmp_path, streaming):
    rows = [{"a": 1, "b": "x"}] * 300 + [{"a": "two"}] * 300 + [{"b": None, "a": 2.5}] * 300
    path = tmp_path / "a.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = list(read_row_chunks(path, named("a", "b"), 400).read(0))
    assert sum(b.frame.height for b in found) == 900
    assert all({"a", "b"} <= {*b.frame.columns} for b in found)
    assert found[0].frame["a"].to_list()[::399] == ["1", "two"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("a.csv", "a,b\n1,2\n" * 900 + "3\n" + "1,2\n" * 900, "1801 (1)"),
     ("a.csv", 'a,b\n1,2\n' * 900 + '3,"x\n' + "1,2\n" * 5000, "quote"),
     ("a.ndjson", '{"a": 1}\n' * 3000 + "{broken\n", "line 3,001"),
     ("a.csv", b"a,b\n1,\x81\x8d\xff\x90\x81\n" * 900, "The bytes 81 8d"),
     ("a.parquet", b"PAR1 and nothing", "could not be read")],
)  # fmt: skip
def test_what_is_no_table(tmp_path, streaming, monkeypatch, name, text, said):
    monkeypatch.setattr("mulle.table.stream.text_chunks.MAX_ROW_LENGTH", 10_000)
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PredictionError) as refused:
        list(read_row_chunks(path, named("a", "b"), 100).read(0))
    assert said in str(refused.value)


def test_a_stray_quote_costs_no_time():
    text = '5" pipe,1\n' + "x,1\n" * 200_000
    assert last_line_end(text, '"') == 0
