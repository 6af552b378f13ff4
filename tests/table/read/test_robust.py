"""No text and no grid makes a reader fail in other ways than with words, and no row is lost."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import MulleError
from mulle.table.read.grid import read_grid
from mulle.table.read.sources import load_text
from mulle.table.reading import Layout
from mulle.table.types.options import ReadOptions

PIECES = st.sampled_from([
    *",;\t|\n\n\"' #", "\r", "\r\n", '""', '\\"', "1", "22", "3.5", "1,234", "합계", "소계",
    "Total", "a", "서울", "(단위: 천원)", "※ 주", "2022", "2023", "명", "--", "||", "{", "[",
    "<table>", "<td>",
    "sep=;", "\x1a", "NaN", "-",
])  # fmt: skip
CELLS = st.sampled_from([
    None, "", " ", "1", "2", "3", "5", "7.5", "1,234", "합계", "소계", "a", "b", "서울", "중구",
    "2022", "2023", "명", "원", "(단위: 명)", "※ 잠정치", "Total", "2024-01-05",
])  # fmt: skip


def whole(cells):
    """What a person may rely on: places name the kept rows, counts add up, names are unique."""
    out = sum(one.count for one in cells.left_out if one.rows)
    assert cells.frame.height + out == cells.height
    assert len({*cells.frame.columns}) == cells.frame.width
    if cells.places is not None:
        assert len(cells.places) == cells.frame.height
        assert cells.places.is_sorted()
        assert cells.places.n_unique() == len(cells.places)
        assert cells.places.max() is None or cells.places.max() < cells.height


@given(st.lists(PIECES, max_size=60).map("".join), st.booleans())
@settings(max_examples=400, deadline=None)
def test_any_text(text, repair):
    try:
        cells = load_text(text, "x", ReadOptions(repair=repair))
    except MulleError as error:
        assert error.what
        return
    whole(cells)


@given(
    st.integers(1, 6).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)
    )
)
@settings(max_examples=400, deadline=None)
def test_any_grid(rows):
    grid = pl.DataFrame(
        {f"c{i}": list(column) for i, column in enumerate(zip(*rows, strict=True))},
        schema={f"c{i}": pl.String for i in range(len(rows[0]))},
    )
    cells = read_grid(grid, "x", ReadOptions(), Layout(format="excel"))
    whole(cells)
    every = read_grid(grid, "x", ReadOptions(repair=False, keep_rows=True), Layout())
    assert every.frame.height == every.height == max(0, _last(rows) - 1)


def _last(rows):
    """Rows down to the last that holds something, the header included."""
    return max([i for i, row in enumerate(rows, 1) if any(c and c.strip() for c in row)], default=1)


@given(st.integers(1, 4), st.lists(st.sampled_from(["1", "x", "", "합계", "a b"]), min_size=4))
@settings(max_examples=200, deadline=None)
def test_a_person_decides_about_the_header(header, cells):
    rows = [["n", "m"], *zip(cells[::2], cells[1::2], strict=False)]
    text = "".join(f"{a};{b}\n" for a, b in rows)
    options = ReadOptions(skip=0, header=min(header, len(rows)), delimiter=";", keep_rows=True)
    try:
        found = load_text(text, "x", options)
    except MulleError:
        return
    assert found.layout.header == options.header
    assert found.height == len(rows) - options.header or rows[-1] == ("", "")
