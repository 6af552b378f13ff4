"""A file in parts has the rows, names and places that it has as a whole."""

import tempfile
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mulle.errors import DataError, MulleError
from mulle.table.read.sources import load
from mulle.table.stream import delimited_chunks
from mulle.table.stream.columns import open_large_file
from mulle.table.stream.delimited_chunks import read_parts
from mulle.table.types.options import ReadOptions

CELL = st.sampled_from(
    ["1", "22", "3.5", "-4", "", " ", '6" pipe', "line\nbreak", "a,b", 'say "x"', "서울", "'q'"]
)


def written(rows, mark, end, *, quote_all):
    def cell(text):
        special = quote_all or any(c in text for c in (mark, "\n")) or text.startswith('"')
        return '"' + text.replace('"', '""') + '"' if special else text

    return end.join(mark.join(map(cell, row)) for row in rows)


@st.composite
def files(draw):
    """A table with all that may stand around and in it, as text."""
    width = draw(st.integers(2, 4))
    label = st.sampled_from(["가구", "나구", "b", "", "합계", "소계", "Total"])
    row = st.tuples(label, *[CELL] * (width - 1)).map(list)
    rows = draw(st.lists(row, min_size=1, max_size=40))
    header = [f"열{i}" for i in range(width)]
    blank = draw(st.sampled_from([[], [[""] * width], [[]]]))
    above = draw(st.sampled_from([[], [["제목"]], [["제목"], ["(단위: 명)"]]]))
    below = draw(st.sampled_from([[], [["※ 주"]], [["자료: 통계청"]], [header]]))
    middle = draw(st.integers(0, len(rows)))
    table = [*above, header, *rows[:middle], *blank, *rows[middle:], *below]
    mark, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    if end == "\r":
        table = [[c.replace("\n", " ") for c in row] for row in table]
    return written(table, mark, end, quote_all=draw(st.booleans())) + draw(
        st.sampled_from(["", end, end * 3])
    )


@pytest.fixture(scope="module")
def in_small_pieces():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mulle.table.stream.text_chunks.CHUNK_BYTES", 37)
        patch.setattr("mulle.table.stream.columns.CHUNK_BYTES", 61)
        patch.setattr(delimited_chunks, "SAMPLE_CHARS", 150)
        patch.setattr(import_module("mulle.table.read.dialect"), "SAMPLE_CHARS", 150)
        yield


def parts_of(path, options):
    parts = list(read_parts(path, options))
    frames = [part.frame for part in parts]
    empty = [
        pl.repeat(False, part.frame.height, dtype=pl.Boolean, eager=True)
        if part.empty is None
        else part.empty
        for part in parts
    ]
    assert [part.share for part in parts] == sorted(part.share for part in parts)
    return pl.concat(frames), pl.concat(empty)


@given(files(), st.booleans())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_parts_are_the_whole(in_small_pieces, text, keep):
    options = ReadOptions(keep_rows=keep)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode())
        try:
            whole = load(path, options)
        except MulleError as refused:
            with pytest.raises(MulleError) as again:
                list(read_parts(path, options))
            assert again.value.code in {refused.code, "table-binary"}
            return
        if whole.frame.width < 2 or not whole.height:
            return
        frame, out = whole.in_places()
        got, empty = parts_of(path, options)
        assert got.columns[: frame.width] == frame.columns
        rows, parts = (
            [[cell or None for cell in row] for row in table.rows()]
            for table in (frame, got[:, : frame.width])
        )
        kept = [not one for one in ([False] * frame.height if out is None else out)]
        assert [not one for one in empty] == kept
        assert [r for r, k in zip(parts, kept, strict=True) if k] == [
            r for r, k in zip(rows, kept, strict=True) if k
        ]


@given(files())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_columns_are_those_of_the_whole(in_small_pieces, text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode())
        for held in (0, 1 << 20):
            with open_large_file(path, held) as found:
                if found is None:
                    continue  # it is read as a whole
                whole = load(path, ReadOptions())
                assert found.names == whole.frame.columns
                assert found.height == whole.frame.height
                for name in found.names:
                    column = found.column(name)
                    if column.dtype == pl.String:
                        assert column.to_list() == whole.frame[name].to_list()
                    else:
                        assert column.equals(whole.frame[name].cast(pl.Float64), null_equal=True)


def test_a_row_of_totals_far_down_is_found(tmp_path, in_small_pieces):
    rows = "".join(f"구{i},{i},{2 * i}\n" for i in range(100))
    path = tmp_path / "a.csv"
    path.write_text(f"구,명,원\n{rows}합계,4950,9900\n", encoding="utf-8")
    got, empty = parts_of(path, ReadOptions())
    assert got.height == 101
    assert empty.arg_true().to_list() == [100]


def test_a_file_that_is_too_large_to_read_at_once_is_refused_where_it_breaks(
    tmp_path, in_small_pieces, monkeypatch
):
    monkeypatch.setattr(delimited_chunks, "MAX_WHOLE_BYTES", 10)
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 100 + "3,4,5\n" + "1,2\n" * 9, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        list(read_parts(path, ReadOptions()))
    assert refused.value.values["rows"] == ["102 (3)"]


def test_a_file_that_is_too_large_to_read_at_once_is_decided_part_by_part(
    tmp_path, in_small_pieces, monkeypatch
):
    monkeypatch.setattr(delimited_chunks, "MAX_WHOLE_BYTES", 10)
    monkeypatch.setattr(delimited_chunks, "load", None)  # it would read the whole
    rows = "".join(f"구{i},{i},{2 * i}\n" for i in range(100))
    path = tmp_path / "a.csv"
    path.write_text(f"구,명,원\n{rows}합계,4950,9900\n※ 주\n", encoding="utf-8")
    got, empty = parts_of(path, ReadOptions())
    assert got.height == empty.len() == 102
    assert not empty[:101].any()  # no part shows that the total is one
    assert empty[101]
