"""A reading as TOML: what was found, edited by hand, and given back reads the same file alike."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mulle
from mulle.errors import DataError, MissingFile, UnknownName, UsageError
from mulle.i18n import LANGUAGES, Messages
from mulle.table import Kind, read, read_options
from mulle.table.read.reading_file import check_decisions, decisions_of, load_reading, write_reading
from mulle.table.reading import Reading
from mulle.table.types.column import Doubt
from mulle.table.types.options import ColumnOptions, ReadOptions

CSV = "코드,가격,날짜,표시\n007,'1,200원',03/04/2024,Y\n012,3만원,13/04/2024,\n"
CELLS = st.sampled_from(
    ["1", "1,200", "1,200원", "3만원", "-5", "12.50", "13 %", "2024-03-01", "13/04/2024", "", "NA",
     "서울", " 부산", "yes", "no", "007", "20240301", "none", "품절", "오전 9:30", "(1,234)"]
)  # fmt: skip
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=8,
)


def same(one: mulle.table.Table, other: mulle.table.Table) -> bool:
    """Whether two tables are alike, in cells and in what is known of their columns."""

    def known(table):
        return [(c.name, c.kind, c.storage, c.notation, c.categories) for c in table.schema.columns]

    return one.frame.equals(other.frame) and known(one) == known(other)


def again(table: mulle.table.Table, folder, source) -> mulle.table.Table:
    file = folder / "reading.toml"
    file.write_text(write_reading(table.reading, "x.csv", Messages("ko")), encoding="utf-8")
    return read(source, reading=file)


def test_a_file_is_read_the_same_way_again(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_bytes(CSV.replace("'", '"').encode("cp949"))
    table = read(file)
    assert same(again(table, tmp_path, file), table)
    assert same(read(file, reading=table.reading), table)
    assert load_reading(tmp_path / "reading.toml").columns["코드"].kind is not None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=4))
def test_any_table_is_read_the_same_way_again(tmp_path, columns):
    table = read(columns)
    other = again(table, tmp_path, columns)
    assert same(other, table)
    assert other.reading.doubts == table.reading.doubts


@settings(max_examples=30)
@given(st.dictionaries(NAMES, st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=3))
def test_what_is_written_is_toml_that_reads_as_the_same_decisions(columns):
    reading = read(columns).reading
    for lang in LANGUAGES:
        text = write_reading(reading, "a\nb.csv", Messages(lang))
        assert check_decisions(tomllib.loads(text)) == decisions_of(reading)


def test_a_kind_that_is_edited_is_found_anew(tmp_path):
    source = {"n": ["1,200", "3,400", "560"], "y": ["a", "b", "a"]}
    file = tmp_path / "reading.toml"
    text = write_reading(read(source).reading, "x", Messages("en"))
    file.write_text(text.replace('kind = "discrete"', 'kind = "nominal"'), encoding="utf-8")
    table = read(source, reading=file)
    assert table.schema["n"].kind is Kind.nominal
    file.write_text(text.replace('kind = "nominal"', 'kind = "text"'), encoding="utf-8")
    assert read(source, reading=file).schema["y"].kind is Kind.text


def test_a_repair_that_is_taken_out_is_not_made_in_that_column(tmp_path):
    source = {"a": [" x", "y "], "b": [" x", "y "]}
    file = tmp_path / "reading.toml"
    text = write_reading(read(source).reading, "x", Messages("en"))
    head, tail = text.split("[columns.b]")
    file.write_text(f"{head}[columns.b]{tail.replace(chr(34) + 'whitespace' + chr(34) + ', ', '')}")
    table = read(source, reading=file)
    assert table.frame["a"].to_list() == ["x", "y"] and table.frame["b"].to_list() == [" x", "y "]


def test_a_column_in_doubt_is_asked_again():
    doubt = Doubt("cells-unread", "a", 1, {"examples": ["x\ny"], "distinct": 1})
    table = read({"a": ["x", "y"]})
    reading = Reading(columns=table.schema.columns, doubts=(doubt,))
    text = write_reading(reading, "x", Messages("en"))
    assert "a stays text" in text and '# kind = "nominal"' in text
    assert tomllib.loads(text)["columns"]["a"] == {}
    assert "a" not in decisions_of(reading).columns


def test_decisions_made_before_stay():
    options = ReadOptions(keep_rows=True, columns={"n": ColumnOptions(keep=True)})
    found = decisions_of(read({"n": [1, 2, 3]}).reading, options)
    assert found.keep_rows and found.columns["n"].keep


@pytest.mark.parametrize(
    "text, error, code, where",
    [
        ("encodin = 'cp949'", UnknownName, "reading-key-unknown", ""),
        ("[columns.price]\nkindd = 'id'", UnknownName, "reading-key-unknown", "columns.price"),
        ("[columns.price]\nkind = 'idd'", UsageError, "setting-invalid", ""),
        ("[columns.price]\ndates = 'dym'", UsageError, "setting-invalid", ""),
        ("header = -1", UsageError, "setting-invalid", ""),
        ("header = true", UsageError, "setting-invalid", ""),
        ("missing = 'NA'", UsageError, "setting-invalid", ""),
        ("columns = 3", UsageError, "reading-no-table", ""),
        ("[columns]\nprice = 'id'", UsageError, "reading-no-table", ""),
        ("header == 2", UsageError, "reading-not-toml", ""),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, text, error, code, where):
    file = tmp_path / "reading.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(error) as refused:
        read({"price": [1, 2]}, reading=file)
    assert refused.value.code == code
    assert str(file) in refused.value.where and where in refused.value.where


def test_a_key_that_is_misspelt_is_offered_right():
    with pytest.raises(UnknownName) as refused:
        check_decisions({"columns": {"price": {"thousand": "."}}})
    assert "'thousands'" in refused.value.fix


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFile):
        read({"x": [1]}, reading=tmp_path / "none.toml")


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(UnknownName) as refused:
        read({"price": [1, 2]}, reading={"columns": {"prise": {"kind": "id"}}})
    assert "'price'" in refused.value.fix


def test_a_kind_that_cannot_be_had_shows_the_cells():
    with pytest.raises(DataError) as refused:
        read({"x": ["1", "two"]}, reading={"columns": {"x": {"kind": "continuous"}}})
    assert refused.value.values["received"] == ["two"]


def test_options_of_one_column_and_of_all():
    options = read_options(
        {"header": 2, "missing": ["x"]},
        header=0,
        missing={"price": ("sold out",)},
        decimal={"price": ","},
        dates="dmy",
        keep=("no",),
        order={"grade": ["low", "high"]},
    )
    assert options.header == 0 and options.missing == ("x",) and options.dates == "dmy"
    assert options.asked_of("price").decimal == "," and options.asked_of("other").decimal is None
    assert options.asked_of("price").missing == ("x", "sold out")
    assert options.columns["no"].keep
    assert options.columns["grade"].kind is Kind.ordinal
    assert options.columns["grade"].order == ("low", "high")


@pytest.mark.parametrize("choice", [{"decimal": ";"}, {"dates": "dym"}, {"dates": {"a": "x"}}])
def test_a_choice_that_is_none_is_refused(choice):
    with pytest.raises(UsageError) as refused:
        read_options(None, **choice)
    assert refused.value.code == "setting-invalid"


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\na;b\n1;x\n2;y\n",
        "| a | b |\n|---|---|\n| 1 | x |\n| 2 | y |\n",
        '매출 현황,,(단위: 천원)\n지점,2023년,2024년\n가,"1,200",3\n나,400,5\n합계,"1,600",8\n',
        "지점,2023년,\n,남,여\n가,1,2\n나,3,4\n다,5,6\n",
        "5.1,3.5,red\n4.9,3.0,blue\n6.2,2.9,red\n5.5,2.3,blue\n",
        "a  b    c\n1  22   x\n33 4    y\n5  6    z\n",
    ],
)
def test_a_layout_is_found_again_where_it_is_given(tmp_path, text):
    file = tmp_path / "a.txt"
    file.write_text(text, encoding="utf-8")
    table = read(file)
    other = again(table, tmp_path, file)
    assert same(other, table) and other.reading.layout == table.reading.layout
    assert [out.code for out in other.reading.left_out if not out.column] == [
        out.code for out in table.reading.left_out if not out.column
    ]
