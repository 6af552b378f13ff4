"""Tables in pages, and in the XML of old spreadsheets, under whatever name."""

import pytest

from mulle.errors import DataError
from mulle.table import read
from mulle.table.read.markup import is_markup, read_markup
from mulle.table.types.options import ReadOptions

ROW = "<tr><td>강남구</td><td>1</td><td>2</td></tr>" * 3


def cells(text, **options):
    return read_markup(text, "a.html", ReadOptions(**options))


def test_the_largest_table_of_a_page():
    page = (
        "<html><head><style>td {x}</style></head><body><table><tr><td>메뉴</td></tr><tr><td>둘</td>"
        f"</tr></table><p>글</p><table border=1><thead><tr><th>구<th>남<br>자<th>여</thead>{ROW}"
        "</table></body></html>"
    )
    found = cells(page)
    assert found.frame.columns == ["구", "남 자", "여"]
    assert found.frame.rows() == [("강남구", "1", "2")] * 3
    assert found.layout.format == "html"
    assert [(one.code, one.count) for one in found.left_out] == [("other-tables", 1)]


def test_cells_that_span():
    page = (
        "<table><tr><th rowspan=2>구</th><th colspan=2>2022</th></tr>"
        f"<tr><th>남</th><th>여</th></tr>{ROW}</table>"
    )
    found = cells(page)
    assert found.frame.columns == ["구", "2022 남", "2022 여"]
    assert found.frame.rows() == [("강남구", "1", "2")] * 3


def test_the_xml_of_excel_2003(tmp_path):
    rows = "".join(
        "<Row>" + "".join(f"<Cell><Data ss:Type='String'>{cell}</Data></Cell>" for cell in row)
        + "</Row>"
        for row in [("구", "수"), ("가", 1), ("나", 2)]
    )  # fmt: skip
    skipping = "<Row><Cell ss:Index='2'><Data>3</Data></Cell></Row>"
    path = tmp_path / "a.xls"
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns:ss="urn:x"><Worksheet ss:Name="s"><Table>'
        f"{rows}{skipping}</Table></Worksheet></Workbook>",
        encoding="utf-8",
    )
    table = read(path)
    assert table.frame.rows() == [("가", 1), ("나", 2), (None, 3)]


def test_entities_and_open_tags():
    found = cells("<table><tr><td>a<td>b<tr><td>&lt;1 &amp; 2<td>x<tr><td>3<td>y</table>")
    assert found.frame.rows() == [("<1 & 2", "x"), ("3", "y")]


def test_a_table_inside_a_cell_is_another():
    page = f"<table><tr><th>a</th><th>b</th><th>c</th></tr>{ROW}<tr><td><table><tr><td>z</td></tr>"
    assert cells(page + "</table></td><td>5</td><td>6</td></tr></table>").frame.height == 4


@pytest.mark.parametrize("text", ["<5,a\n3,b\n", "a,<table>\n1,2\n", "<b>x</b>", ""])
def test_what_is_no_page(text):
    assert not is_markup(text)


def test_a_page_without_cells_is_refused():
    with pytest.raises(DataError) as refused:
        cells("<html><table></table></html>")
    assert refused.value.code == "table-empty"


def test_spans_that_reach_far_cost_nothing():
    found = cells(f"<table><tr><th colspan=999999999>a</th></tr>{ROW}</table>")
    assert found.frame.height <= 4
