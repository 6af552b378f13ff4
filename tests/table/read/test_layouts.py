"""Where the cells of a text stand: titles, headers, notes, totals, and what parts the cells."""

import pytest

from mulle.errors import DataError
from mulle.table.read.rows import rows_of
from mulle.table.read.sources import load_text
from mulle.table.types.column import Column
from mulle.table.types.kinds import Kind, Storage
from mulle.table.types.options import ReadOptions

ROWS = "강남구,1,x\n서초구,2,y\n송파구,3,z\n"
BODY = [("강남구", "1", "x"), ("서초구", "2", "y"), ("송파구", "3", "z")]


def cells(text, **options):
    return load_text(text, "a.csv", ReadOptions(**options))


def codes(found):
    return {made.code for made in found.repairs}


@pytest.mark.parametrize(
    ("text", "names", "skip", "header"),
    [
        (f"구,수,표\n{ROWS}", ["구", "수", "표"], 0, 1),
        (f"현황\n구,수,표\n{ROWS}", ["구", "수", "표"], 1, 1),
        (f"현황,,(단위: 명)\n구,수,표\n{ROWS}", ["구", "수", "표"], 1, 1),
        (f"현황,,\n,,(단위: 천원)\n\n구,수,표\n{ROWS}", ["구", "수", "표"], 3, 1),
        (f"작성일:,2024-01-01\n구,수,표\n{ROWS}", ["구", "수", "표"], 1, 1),
        (f"# made by x\n# and y\n구,수,표\n{ROWS}", ["구", "수", "표"], 2, 1),
        (f"Trees, 2024\n\n구,수,표\n{ROWS}", ["구", "수", "표"], 2, 1),
        (f"구,수,표\n,명,점\n{ROWS}", ["구", "수(명)", "표(점)"], 0, 2),
        ("구,2022,\n,남,여\n가,1,2\n나,3,4\n다,5,6\n", ["구", "2022 남", "2022 여"], 0, 2),
        (",2022,,2023,\n구,남,여,남,여\n가,1,2,3,4\n나,3,4,5,6\n다,7,8,9,9\n",
         ["구", "2022 남", "2022 여", "2023 남", "2023 여"], 0, 2),
        ("구,2022,2022\n구,남,여\n가,1,2\n나,3,4\n다,7,8\n", ["구", "2022 남", "2022 여"], 0, 2),
        ("구,인구,,,\n,2022,,2023,\n,남,여,남,여\n가,1,2,3,4\n나,3,4,5,6\n다,7,8,9,9\n",
         ["구", "인구 2022 남", "인구 2022 여", "인구 2023 남", "인구 2023 여"], 0, 3),
        ("구,2021,2022,2023\n가,10,20,30\n나,30,5,6\n다,7,8,9\n",
         ["구", "2021", "2022", "2023"], 0, 1),
        ("구,1월,2월,3월\n가,10,20,30\n나,30,5,6\n다,7,8,9\n", ["구", "1월", "2월", "3월"], 0, 1),
    ],
)  # fmt: skip
def test_titles_and_headers(text, names, skip, header):
    found = cells(text)
    assert found.frame.columns == names
    assert (found.layout.skip, found.layout.header) == (skip, header)
    assert found.frame.height == found.height == 3
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("4.9,3.0,green\n6.8,2.8,blue\n5.8,3.7,blue\n", 3),
        ("1,2\n3,4\n", 2),
        ("1,2,3\n4,5,6\n", 2),
        ("".join(f"{'pe'[i % 2]},{'xsy'[i % 3]},{'ab'[i % 2]}\n" for i in range(30)), 30),
        ("2024-01-01,1.5,a\n2024-01-02,2.5,b\n2024-01-03,0.5,c\n", 3),
        ("5.1,3.5,1.4,0.2,s\n4.9,3.0,1.4,0.2,s\n4.7,3.2,1.3,0.2,s\n", 3),
        ("1,?,x\n2,3,y\n3,4,x\n", 3),
    ],
)
def test_no_header(text, rows):
    found = cells(text)
    assert found.height == rows
    assert found.frame.columns == [f"column_{i}" for i in range(1, found.frame.width + 1)]
    assert codes(found) == {"header-missing"}
    assert found.layout.header == 0
    assert cells(text, header=1).height == rows - 1


@pytest.mark.parametrize(
    "text",
    [
        "y,x\nn,1\ny,2\nn,3\n",
        "이름,값\n가,NA\n나,없음\n다,3\n",
        "a,b\np,q\nr,s\nt,u\n",
        "id,350.1,352.3,355.2,359.9,361.0,367.2\ns1,9,1,8,2,7,3\ns2,1,2,1,2,1,2\n",
    ],
)
def test_a_header(text):
    found = cells(text)
    assert found.layout.header == 1
    assert found.frame.columns == text.split("\n")[0].split(",")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("구;수;표\n강남구;1;x\n서초구;2;y\n송파구;3;z\n", ";"),
        ("sep=;\n구;수;표\n강남구;1;x\n서초구;2;y\n송파구;3;z\n", ";"),
        ("구||수||표\n강남구||1||x\n서초구||2||y\n송파구||3||z\n", "||"),
        ("구^수^표\n강남구^1^x\n서초구^2^y\n송파구^3^z\n", "^"),
        ("구::수::표\n강남구::1::x\n서초구::2::y\n송파구::3::z\n", "::"),
        ("구\x01수\x01표\n강남구\x011\x01x\n서초구\x012\x01y\n송파구\x013\x01z\n", "\x01"),
        ("구,수,표,\n강남구,1,x,\n서초구,2,y,\n송파구,3,z,\n", ","),
        ("구,수,표\n강남구,1,x,\n서초구,2,y,\n송파구,3,z,\n", ","),
        ("구,수,표\r강남구,1,x\r서초구,2,y\r송파구,3,z\n", ","),
        ("구,수,표\r\r\n강남구,1,x\r\r\n서초구,2,y\r\r\n송파구,3,z\r\r\n", ","),
        ("구,수,표\r\n강남구,1,x\n서초구,2,y\r\n송파구,3,z\x1a", ","),
        ('"구", "수", "표"\n"강남구", "1", "x"\n"서초구", "2", "y"\n"송파구", "3", "z"\n', ","),
        ("구,수,표\n'강남구',1,'x'\n'서초구',2,'y'\n'송파구',3,'z'\n", ","),
        ("| 구 | 수 | 표 |\n|---|--:|---|\n| 강남구 | 1 | x |\n| 서초구 | 2 | y |\n"
         "| 송파구 | 3 | z |\n", "|"),
        ("+---+---+---+\n| 구 | 수 | 표 |\n+---+---+---+\n| 강남구 | 1 | x |\n| 서초구 | 2 | y |\n"
         "| 송파구 | 3 | z |\n+---+---+---+\n", "|"),
        ("구   수  표\n강남구 1   x\n서초구 2   y\n송파구 3   z\n", ""),
        ("  구   수  표\n  강남구 1\t\"x\"\n  서초구 2\t\"y\"\n  송파구 3\t\"z\"\n", ""),
    ],
)  # fmt: skip
def test_what_parts_cells(text, form):
    found = cells(text)
    assert found.frame.rows() == BODY
    assert found.frame.columns == ["구", "수", "표"]
    assert found.layout.delimiter == form
    assert found.layout.format == ("csv" if form else "blanks")


def test_columns_at_fixed_places():
    text = (
        "name        city of birth  age\n"
        "Kim Minsu   New York        31\n"
        "Lee         Busan            7\n"
        "Park Jisoo  San Jose       102\n"
    )
    found = cells(text)
    assert found.frame.columns == ["name", "city of birth", "age"]
    assert found.frame.rows()[0] == ("Kim Minsu", "New York", "31")


def test_columns_at_fixed_places_of_a_program():
    text = (
        "  PID TTY          TIME CMD\n"
        "    1 ?        00:00:03 systemd\n"
        "  123 pts/0    00:00:00 bash -l\n"
        "  999 ?        00:01:00 python main.py\n"
    )
    found = cells(text)
    assert found.frame.columns == ["PID", "TTY", "TIME", "CMD"]
    assert found.frame.rows()[1] == ("123", "pts/0", "00:00:00", "bash -l")


def test_names_in_a_comment_as_numpy_writes_them():
    found = cells("# x y z\n1.0 2.0 3.0\n4.0 5.0 7.0\n")
    assert found.frame.columns == ["x", "y", "z"]
    assert found.frame.rows() == [("1.0", "2.0", "3.0"), ("4.0", "5.0", "7.0")]


def test_a_row_of_numbers_is_no_second_header():
    found = cells("a,a,b\n1,2,3\n4,5,6\n")
    assert found.frame.columns == ["a", "a_2", "b"]
    assert found.frame.rows() == [("1", "2", "3"), ("4", "5", "6")]


def test_sentences_are_no_columns():
    text = "memo\nthe day was long\na good year\nnothing new at all\n"
    found = cells(text)
    assert found.frame.columns == ["memo"]
    assert found.frame.height == 3


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('a,b\n1,6" pipe\n2,4" x 8"\n', [("1", '6" pipe'), ("2", '4" x 8"')]),
        ('a,b\n1,"he said \\"fine\\", twice"\n2,x\n', [("1", 'he said "fine", twice'), ("2", "x")]),
        ('a,b\n1,"C:\\dir"\n2,"D:\\\\x"\n', [("1", "C:\\dir"), ("2", "D:\\\\x")]),
        ('a,b\n1,"A" grade\n2,"B"\n', [("1", '"A" grade'), ("2", "B")]),
        ('a\tb\n1\t"open\n2\tx\n', [("1", '"open'), ("2", "x")]),
        ('a,b\n1,"say ""x"""\n2,6"\n', [("1", 'say "x"'), ("2", '6"')]),
    ],
)
def test_quotes_are_kept(text, rows):
    assert cells(text).frame.rows() == rows


@pytest.mark.parametrize(
    ("text", "code", "lines"),
    [
        ('a,b\n1,6" pipe\n2,3,4\n', "rows-ragged", ["3 (3)"]),
        ("title\n\na,b,c\n1,2,3\n4,5\n7,8,9\n", "rows-ragged", ["5 (2)"]),
        ("a,b,c\n1,2,3\nx,6\n7,8,9\n", "rows-ragged", ["3 (2)"]),
        ("sep=,\na,b,c\n1,2,3\n4,5\n7,8,9\n", "rows-ragged", ["4 (2)"]),
        ("city,people,area\na,1,100,2\nb,2,200,3\nc,3,300,4\n", "rows-ragged",
         ["2 (4)", "3 (4)", "4 (4)"]),
        ('a,b\n1,2\n3,"x\n4,5\n', "quote-unclosed", 3),
    ],
)  # fmt: skip
def test_true_lines_are_named(text, code, lines):
    with pytest.raises(DataError) as refused:
        cells(text)
    assert refused.value.code == code
    assert refused.value.values.get("rows", refused.value.values.get("line")) == lines


def test_rows_that_end_early_are_completed_where_a_writer_leaves_out_blanks():
    rows = "".join(f"{i},{i / 2},x\n" if i % 3 else f"{i},{i / 2}\n" for i in range(12))
    found = cells("a,b,c\n" + rows)
    assert found.frame["c"].to_list()[:4] == [None, "x", "x", None]
    (made,) = [made for made in found.repairs if made.code == "rows-short"]
    assert (made.count, made.values["rows"]) == (4, [2, 5, 8, 11])


def test_row_names_of_r():
    found = cells('"mpg","cyl"\n"Mazda RX4",21,6\n"Datsun 710",22.8,4\n"Valiant",18.1,6\n')
    assert found.frame.columns == ["column_1", "mpg", "cyl"]
    assert found.frame["column_1"][0] == "Mazda RX4"
    assert "row-names" in codes(found)


def test_a_title_that_scales_the_numbers_is_told():
    (doubt,) = cells(f"현황,,(단위: 천원)\n구,수,표\n{ROWS}").doubts
    assert (doubt.code, doubt.values["unit"]) == ("title-unit", "(단위: 천원)")
    assert cells(f"현황,,(단위: 명)\n구,수,표\n{ROWS}").doubts == ()


def test_a_person_decides():
    text = f"현황,,\n구,수,표\n{ROWS}"
    assert cells(text, skip=0, header=1).frame.columns == ["현황", "column_2", "column_3"]
    assert cells(text, skip=2, header=0).frame.rows() == BODY
    assert cells(text, skip=1, header=2).frame.columns == ["구 강남구", "수 1", "표 x"]
    assert cells(text, repair=False).frame.columns == ["현황", "column_2", "column_3"]
    assert cells("a;b,c\n1;2,3\n", delimiter=",").frame.columns == ["a;b", "c"]
    assert cells("a b\n1 2\n", delimiter=" ").frame.rows() == [("1", "2")]
    assert cells("a|#|b\n1|#|2\n", delimiter="|#|").frame.rows() == [("1", "2")]


def test_another_table_of_another_width_is_refused_by_name():
    with pytest.raises(DataError) as refused:
        cells(f"구,수,표\n{ROWS}\ntree,height\nash,1.5\nelm,2.5\n")
    assert refused.value.code == "tables-stacked"
    assert refused.value.values["line"] == 6
    with pytest.raises(DataError) as refused:
        cells(f"구,수,표\n{ROWS}\nx,y\nz,1,2\n")
    assert refused.value.code == "rows-ragged"


def test_no_name_is_given_to_columns_that_are_left_out():
    found = cells("a,b,\nx,1,\ny,3,\nz,5,\n")
    assert found.frame.columns == ["a", "b"]
    assert [(made.code, made.count) for made in found.repairs] == [("empty-columns", 1)]
    found = cells("a,b,,\nx,1,9,\ny,3,9,\nz,5,9,\n")
    assert found.frame.columns == ["a", "b", "column_3"]
    counts = {made.code: made.count for made in found.repairs}
    assert counts == {"header-empty": 1, "empty-columns": 1}


@pytest.mark.parametrize("cell", ['="00123"', '"=""00123"""'])
def test_a_text_in_a_formula_of_excel_is_that_text(cell):
    found = cells(f"code,x\n{cell},1\n00124,2\n")
    assert found.frame["code"].to_list() == ["00123", "00124"]
    made = next(made for made in found.repairs if made.code == "formula-text")
    assert (made.column, made.count) == ("code", 1)
    assert made.values == {"before": '="00123"', "after": "00123"}
    kept = cells(f"code,x\n{cell},1\n00124,2\n", repair=False)
    assert kept.frame["code"].to_list() == ['="00123"', "00124"]


def test_numbers_that_are_all_different_are_names_where_numbers_below_recur():
    names = ["lat", *(f"{-113.8 + 2.5 * i:.1f}.{1 + i % 2}" for i in range(8))]
    rows = [[f"{-21.2 + i:.1f}", *(str(250 + (i + j) % 3) for j in range(8))] for i in range(12)]
    text = "\n".join(",".join(row) for row in [names, *rows]) + "\n"
    assert cells(text).frame.columns == names


@pytest.mark.parametrize(
    ("text", "names", "first"),
    [
        ("a,,\n1,2,3\n4,5,6\n7,8,9\n1,3,4\n", ["a", "column_2", "column_3"], ("1", "2", "3")),
        ("% x y\n1 2\n3 4\n5 6\n7 9\n", ["x", "y"], ("1", "2")),
        ("% x y z\n1,2,3\n4,5,6\n7,8,9\n1,3,4\n", ["x", "y", "z"], ("1", "2", "3")),
        ("# x,y,z\n1,2,3\n4,5,6\n7,8,9\n1,3,4\n", ["x", "y", "z"], ("1", "2", "3")),
        ("# x y z\n1 2 3\n4 5 6\n7 8 9\n1 3 4\n", ["x", "y", "z"], ("1", "2", "3")),
        ("#x,y,z\n1,2,3\n4,5,6\n7,8,9\n1,3,4\n", ["#x", "y", "z"], ("1", "2", "3")),
    ],
)
def test_names_above_the_data_are_kept(text, names, first):
    found = cells(text)
    assert found.frame.columns == names
    assert found.frame.height == 4
    assert found.frame.row(0) == first


def test_tabs_that_part_all_lines_alike_come_before_commas_in_the_first_cells():
    rows = "".join(f"A,PC,{place}\t1.{i} \t3.{i} b\n" for i, place in enumerate(("AT", "BE", "BG")))
    found = cells(f"freq,unit,geo\\TIME_PERIOD\t2021 \t2022 \n{rows}")
    assert found.layout.delimiter == "\t"
    assert found.frame.columns == ["freq,unit,geo\\TIME_PERIOD", "2021", "2022"]
    assert found.frame.row(1) == ("A,PC,BE", "1.1 ", "3.1 b")
    assert cells("a,b,note\n1,2,x\ty\n3,4,z\n5,6,w\n").layout.delimiter == ","


LETTERS = "".join(
    f"{'pe'[i % 2]},{'xbsf'[i * 7 % 4]},{'ysfg'[i * i % 3]},{'q' if not i else 'nw'[i % 2]}\n"
    for i in range(30)
)


def test_a_header_that_nothing_tells_from_data_is_doubted():
    found = cells(LETTERS)
    assert found.frame.height == 29
    (doubt,) = found.doubts
    assert (doubt.code, doubt.values) == ("header-unsure", {"names": ["p", "x", "y", "q"]})
    assert cells(LETTERS, header=0).frame.height == 30
    assert cells(LETTERS, header=0).doubts == cells(LETTERS, header=1).doubts == ()
    assert cells("구,색,표\n" + "가,빨강,나무\n나,파랑,풀\n" * 6).doubts == ()
    assert cells("a,b\n1,x\n2,y\n3,x\n").doubts == ()


def test_a_model_that_knows_the_names_does_not_doubt_the_header():
    columns = [Column(name, Kind.nominal, Storage.string) for name in "pxyq"]
    new = rows_of(LETTERS, columns)
    assert len(new) == 29
    assert new.reading.doubts == ()


def test_another_table_right_below_is_refused_with_its_line():
    with pytest.raises(DataError) as refused:
        cells("a,b,c\n1,2,3\n3,4,5\nx,y\n1,2\n3,4\n")
    assert (refused.value.code, refused.value.values["line"]) == ("tables-stacked", 4)
