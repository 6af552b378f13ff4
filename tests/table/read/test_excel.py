"""Workbooks: which sheet, where on it the table stands, and what stands around."""

import pytest
from tests.table.layouts.files import workbook

from mulle.errors import UnknownName
from mulle.table.read.table import read_cells
from mulle.table.types.options import ReadOptions

TABLE = [["구", "수", "양"], ["가", "1", "2"], ["나", "3", "4"], ["다", "5", "7"]]
BODY = [tuple(row) for row in TABLE[1:]]


@pytest.fixture
def cells(tmp_path):
    def read(sheets, **options):
        path = tmp_path / "a.xlsx"
        path.write_bytes(workbook({name: (rows, ()) for name, rows in sheets.items()}))
        return read_cells(path, ReadOptions(**options))

    return read


def wide(rows, width):
    return [[*row, *[""] * (width - len(row))] for row in rows]


def test_the_first_sheet_that_holds_a_table(cells):
    sheets = {"표지": [["보고서"]], "빈": [[""]], "자료": TABLE, "부록": TABLE[:2]}
    found = cells(sheets)
    assert found.frame.rows() == BODY
    assert found.layout.sheet == "자료"
    assert found.layout.sheets == ("표지", "빈", "자료", "부록")
    assert found.repairs[0].code == "sheets-passed-over"
    for sheet in ("부록", 3, "3"):
        assert cells(sheets, sheet=sheet).frame.rows() == BODY[:1]
    for sheet in ("없음", 4, -1):
        with pytest.raises(UnknownName) as refused:
            cells(sheets, sheet=sheet)
        assert refused.value.code == "sheet-unknown"


def test_titles_notes_and_totals(cells):
    rows = wide([["현황"], ["", "", "(단위: 명)"], *TABLE, ["계", "9", "13"], ["※ 잠정"]], 3)
    found = cells({"자료": rows})
    assert found.frame.rows() == BODY
    assert (found.layout.skip, found.height) == (2, 5)
    assert {one.code for one in found.left_out} == {"total-rows", "note-rows"}


def test_notes_far_from_the_table(cells):
    rows = wide(TABLE, 7)
    rows[1][6] = "출처: 내부"
    found = cells({"자료": [*rows, [""] * 7, [""] * 7]})
    assert found.frame.rows() == BODY
    assert [(one.code, one.values["example"]) for one in found.left_out] == [
        ("note-cells", "출처: 내부")
    ]
    assert found.height == 3


def test_another_table_beside_it(cells):
    rows = [[*row, "", *other] for row, other in zip(TABLE, [["x", "y"]] + [["p", "9"]] * 3)]  # noqa: B905
    rows = wide([*rows, ["라", "8", "8", "", "", ""], ["마", "9", "9", "", "", ""]], 6)
    rows[0][4:] = ["", ""]
    rows[1][4:] = ["x", "y"]
    found = cells({"자료": rows})
    assert found.frame.columns == ["구", "수", "양"]
    assert found.frame.height == 5
    assert [one.code for one in found.left_out] == ["table-beside"]
    assert cells({"자료": rows}, keep_rows=True).frame.width == 6


def test_a_blank_column_inside_the_table(cells):
    rows = [[row[0], "", *row[1:]] for row in TABLE]
    found = cells({"자료": rows})
    assert found.frame.columns == ["구", "수", "양"]
    assert [made.code for made in found.repairs] == ["empty-columns"]
