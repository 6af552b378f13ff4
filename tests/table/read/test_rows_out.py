"""Rows that are no data are left out and named, keep their places, and stay where asked."""

import pytest

from mulle.table.read.sources import load_text
from mulle.table.types.options import ReadOptions

HEAD = "구,인구,세대,비고\n"
ROWS = ["강남구,100,40,x", "서초구,200,60,y", "송파구,300,50,", "강동구,400,70,z"]


def cells(*rows, **options):
    return load_text(HEAD + "\n".join(rows) + "\n", "a.csv", ReadOptions(**options))


def out(found):
    return {one.code: one.rows for one in found.left_out}


def test_blank_rows_are_one_thing():
    found = cells(ROWS[0], "", ",,,", " , ,,", '"","","",""', ROWS[1], "\u3000,,,")
    assert out(found) == {"blank-rows": (2, 3, 4, 5, 7)}
    assert found.places.to_list() == [0, 5]
    assert found.height == 7


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("합계,1000,220,", 0),
        ("합 계,1000,220,", 4),
        ("총계,\"1,000\",220,", 4),
        ("Total,1000,220,", 4),
        ("Grand total:,1000,220,", 0),
        ("소계,300,100,", 2),
        ("서울 소계,300,100,", 2),
        ("계,1000,220,", 0),
        ("(합계),1000,,", 4),
        ("평균,250,55,", 4),
        ("Gesamt,1000,220,", 4),
    ],
)  # fmt: skip
def test_totals_that_add_up_are_left_out(row, where):
    found = cells(*ROWS[:where], row, *ROWS[where:])
    assert out(found) == {"total-rows": (where + 1,)}
    assert found.frame.height == 4
    assert found.left_out[0].values["option"] == "--keep-rows"
    assert cells(*ROWS[:where], row, *ROWS[where:], keep_rows=True).frame.height == 5


def test_subtotals_of_groups_and_their_total():
    rows = ["가,1,5,", "나,2,6,", "소계,3,11,", "다,4,7,", "라,5,8,", "소계,9,15,", "합계,12,26,"]
    assert out(cells(*rows)) == {"total-rows": (3, 6, 7)}
    above = ["합계,12,26,", "소계,3,11,", "가,1,5,", "나,2,6,", "소계,9,15,", "다,4,7,", "라,5,8,"]
    assert out(cells(*above)) == {"total-rows": (1, 2, 5)}


@pytest.mark.parametrize("label", ["Total", "합계", "All", "평균"])
def test_what_is_only_called_a_total_stays(label):
    found = cells(*ROWS, f"{label},7,9,x")
    assert found.left_out == ()
    assert found.frame.height == 5
    told = [(doubt.code, doubt.values["rows"]) for doubt in found.doubts]
    assert told == ([] if label == "평균" else [("total-rows", [5])])


@pytest.mark.parametrize("label", ["온도계", "통계", "시계", "Totalenergies", "계룡시", "합계정"])
def test_words_that_hold_such_a_word_are_no_totals(label):
    found = cells(*ROWS, f"{label},1000,221,")
    assert found.left_out == found.doubts == ()


@pytest.mark.parametrize(
    "note",
    ["※ 잠정치임", "* rounded", "자료: 통계청", "주 1) 반올림", "Source: OECD, 2024", "# end",
     "이 표는 2024년에 만든 것으로 나중에 바뀔 수 있음"],
)  # fmt: skip
def test_notes_below(note):
    found = cells(*ROWS, ",,,", note)
    assert out(found) == {"blank-rows": (5,), "note-rows": (6,)}
    assert found.left_out[1].values["example"] == note


def test_a_region_without_numbers_is_no_note():
    assert cells(*ROWS, "마포구,,,").frame.height == 5


def test_the_header_once_more():
    found = cells(*ROWS[:2], HEAD.strip(), *ROWS[2:])
    assert out(found) == {"header-repeated": (3,)}


def test_names_of_groups_are_filled_in():
    rows = ["부산,중구,1,2", ",서구,3,4", ",동구,5,6", "인천,중구,7,8", ",남구,1,1"]
    found = load_text("시도,시군구,수,양\n" + "\n".join(rows) + "\n")
    assert found.frame["시도"].to_list() == ["부산"] * 3 + ["인천"] * 2
    assert [made.code for made in found.repairs] == ["merged-filled"]
    kept = load_text("시도,시군구,수,양\n" + "\n".join(rows) + "\n", "", ReadOptions(repair=False))
    assert kept.frame["시도"].null_count() == 3


def test_all_reasons_at_once_keep_places():
    found = cells("합계,300,100,", "", *ROWS[:2], "", "※ 주", "자료: 통계청")
    assert found.places.to_list() == [2, 3]
    assert found.height == 7
    assert sum(one.count for one in found.left_out) == 5


@pytest.mark.parametrize("word", ["ALL", "Average", "Media", "not at all", "C_all", "total"])
def test_rows_of_a_category_that_is_called_like_a_total_stay(word):
    kinds = (word, "AML", "CML")
    rows = [f"{kinds[i % 3]},{i * 7 % 5 + 1},{i * 3 % 4},{i * 11 % 9},y" for i in range(60)]
    found = cells(*rows)
    assert found.frame.height == 60
    assert out(found) == {}
    assert found.doubts == ()


@pytest.mark.parametrize("label", ["모든 구", "Whole", ""])
def test_sums_under_another_name_stay_and_are_told(label):
    for rows in ([f"{label},1000,220,", *ROWS], [*ROWS, f"{label},1000,220,"]):
        found = cells(*rows)
        assert found.frame.height == 5
        assert [doubt.code for doubt in found.doubts] == ["total-unlabelled"]
    assert cells(f"{label},1000,221,", *ROWS).doubts == ()


def test_totals_with_decimal_commas_add_up():
    text = "구;값;율\n가;1.250,00;3,50\n나;2.000,50;4,25\n다;950,25;1,25\n합계;4.200,75;9,00\n"
    found = load_text(text, "a.csv", ReadOptions())
    assert out(found) == {"total-rows": (4,)}
    assert found.doubts == ()


def test_a_second_table_below_is_left_out_and_named():
    found = cells(*ROWS, "", "tree,height,age,", "ash,1,2,", "elm,3,4,")
    assert out(found) == {"blank-rows": (5,), "table-below": (6, 7, 8)}
    assert found.frame.height == 4
    assert found.places.to_list() == [0, 1, 2, 3]
    assert found.height == 8
    assert found.left_out[-1].values["example"] == "tree"
    assert cells(*ROWS, "", "tree,height,age,", "ash,1,2,", keep_rows=True).frame.height == 7
    assert "table-below" not in out(cells(*ROWS, "", "tree,,,", "동작구,3,4,"))


def test_the_foot_that_psql_prints():
    found = cells(*ROWS, "(4 rows)")
    assert out(found) == {"note-rows": (5,)}
