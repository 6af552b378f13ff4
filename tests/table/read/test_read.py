"""Every format gives the same table, and bad input a clear sentence."""

import io
import json
import zipfile

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mulle.errors import DataError, MissingExtra, MissingFile, MulleError, UnknownName, UsageError
from mulle.table import read

CSV = "이름,나이,가입\n홍길동,31,2024-03-01\n김철수,,2024-03-02\n이영희,27,\n"
FRAME = pl.read_csv(CSV.encode(), try_parse_dates=True)


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def sheet(rows):
    """The bytes of a minimal Excel file of inline strings and numbers."""
    cells = "".join(
        "<row>"
        + "".join(
            f"<c><v>{v}</v></c>"
            if isinstance(v, (int, float))
            else f'<c t="inlineStr"><is><t>{v}</t></is></c>'
            for v in row
        )
        + "</row>"
        for row in rows
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    files = {
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="매출" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"/>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def parquet():
    out = io.BytesIO()
    FRAME.write_parquet(out)
    return out.getvalue()


def arrow(*, stream):
    out = io.BytesIO()
    (FRAME.write_ipc_stream if stream else FRAME.write_ipc)(out)
    return out.getvalue()


RECORDS = json.loads(FRAME.with_columns(pl.col("가입").cast(pl.String)).write_json())
FILES = {
    "a.csv": CSV,
    "a.tsv": CSV.replace(",", "\t"),
    "semicolon.csv": CSV.replace(",", ";"),
    "bar.txt": CSV.replace(",", "|"),
    "crlf.csv": CSV.replace("\n", "\r\n"),
    "mac.csv": CSV.replace("\n", "\r"),
    "cp949.csv": CSV.encode("cp949"),
    "utf16.csv": CSV.encode("utf-16"),
    "quoted.csv": "\n".join('"' + line.replace(",", '","') + '"' for line in CSV.split("\n")[:-1]),
    "no_suffix": CSV,
    "a.parquet": parquet(),
    "wrong_suffix.csv": parquet(),
    "a.arrow": arrow(stream=False),
    "a.arrows": arrow(stream=True),
    "records.json": json.dumps(RECORDS),
    "columns.json": json.dumps({name: [row[name] for row in RECORDS] for name in RECORDS[0]}),
    "split.json": json.dumps(
        {"columns": list(RECORDS[0]), "data": [list(row.values()) for row in RECORDS]}
    ),
    "a.ndjson": "\n".join(map(json.dumps, RECORDS)),
    "a.xlsx": sheet([line.split(",") for line in CSV.split("\n")[:-1]]),
    "title.csv": "가입자 명단\n\n" + CSV,
    "title.xlsx": sheet([["가입자 명단"], *(line.split(",") for line in CSV.split("\n")[:-1])]),
}


@pytest.mark.parametrize("name", FILES)
def test_every_file_format_gives_the_same_table(tmp_path, name):
    table = read(write(tmp_path, name, FILES[name]))
    expected = read(FRAME)
    assert table.frame.equals(expected.frame)
    assert [c.kind for c in table.schema.columns] == [c.kind for c in expected.schema.columns]
    assert table.source.endswith(name)
    if name.startswith("title"):
        assert "title-rows" in [r.code for r in table.repairs]


@pytest.mark.parametrize(
    "source",
    [
        FRAME.lazy(),
        FRAME.to_arrow(),
        pd.DataFrame(RECORDS),
        pd.DataFrame(RECORDS).assign(가입=lambda d: pd.to_datetime(d["가입"])),
        pd.DataFrame(RECORDS).convert_dtypes(),
        RECORDS,
        {name: [row[name] for row in RECORDS] for name in RECORDS[0]},
    ],
)
def test_every_frame_gives_the_same_table(source):
    assert read(source).frame.equals(read(FRAME).frame)


def test_types_of_frames():
    lists = pa.table({"l": [[1], [2, 3]], "s": [{"k": 1}, {"k": 2}]})
    table = read(lists)
    assert table.frame.rows() == [("[1]", '{"k":1}'), ("[2,3]", '{"k":2}')]
    assert [r.code for r in table.repairs] == ["nested-as-json"] * 2
    mixed = read(pd.DataFrame({"a": [1, "z"], "b": [True, False], "c": pd.Categorical(["u", "v"])}))
    assert mixed.frame.rows() == [("1", 1.0, "u"), ("z", 0.0, "v")]
    seoul = pl.Series(["2024-03-01T09:00"]).str.to_datetime().dt.replace_time_zone("Asia/Seoul")
    moved = read(pl.DataFrame({"t": seoul, "x": [1]}))
    assert str(moved.frame["t"][0]) == "2024-03-01 00:00:00"
    assert [r.code for r in moved.repairs] == ["timezone"]


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("a.csv", "", "file-empty", "is empty"),
        ("a.csv", "  \n\n", "file-empty", "is empty"),
        ("a.csv", "a,b\n", "table-header-only", "header (a, b) and no rows"),
        ("a.csv", "a,b,c\n1,2,3\n4,5\n6,7,8,9\n", "rows-ragged", "3 (2), 4 (4)"),
        ("a.csv", "a,b,c\n1,2,3\n4,5\n", "rows-ragged", "3 (2)"),
        ("a.csv", 'a,b\n1,"x\n2,y\n3,z\n', "quote-unclosed", "line 2"),
        ("a.bin", bytes(range(256)) * 40, "table-binary", "binary data"),
        ("a.zip", b"PK\x03\x04" + bytes(99), "table-binary", "binary data"),
        ("a.parquet", b"PAR1" + bytes(99), "file-damaged", "could not be read"),
        ("a.json", '{"a":', "json-invalid", "not JSON"),
        ("a.json", "3", "json-not-a-table", "single int"),
        ("a.ndjson", '{"a":1}\n{"a":\n', "json-invalid", "not JSON"),
        ("a.json", '{"a":[1,2],"b":[1]}', "columns-unequal", "a: 2, b: 1"),
        ("a.json", '{"columns":["a"],"data":[[1],[1,2]]}', "json-rows-ragged", "Row 2"),
        ("a.json", "[]", "table-empty", "no columns"),
    ],
)
def test_bad_files_are_refused_with_a_reason(tmp_path, name, content, code, said):
    with pytest.raises(DataError) as caught:
        read(write(tmp_path, name, content))
    assert caught.value.code == code
    assert said in caught.value.what
    assert caught.value.fix


def test_bad_sources_are_refused(tmp_path):
    write(tmp_path, "titanic.csv", CSV)
    with pytest.raises(MissingFile) as caught:
        read(tmp_path / "titanik.csv")
    assert "titanic.csv" in caught.value.fix
    for source, code in (
        (tmp_path, "file-is-folder"),
        (3, "source-unknown"),
        ([1], "row-not-a-record"),
    ):
        with pytest.raises(UsageError) as refused:
            read(source)
        assert refused.value.code == code
    with pytest.raises(UnknownName):
        read(FRAME, drop=["나이테"])
    with pytest.raises(UnknownName):
        read(write(tmp_path, "a.xlsx", FILES["a.xlsx"]), sheet="손익")
    assert read(FRAME, drop=["나이"]).names == ["이름", "가입"]


def test_excel_without_its_library_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fastexcel", None)
    with pytest.raises(MissingExtra, match="fastexcel"):
        read(write(tmp_path, "a.xlsx", FILES["a.xlsx"]))


def test_names_are_made_to_stand_side_by_side(tmp_path):
    table = read(write(tmp_path, "a.csv", "a,a, b ,,e\u0301,a_2\n1,2,3,4,5,6\n"))
    assert table.names == ["a", "a_3", "b", "column_4", "é", "a_2"]
    codes = {r.code for r in table.repairs}
    assert codes == {"header-duplicate", "header-whitespace", "header-empty", "header-nfc"}


@pytest.mark.parametrize("name", ["*", "^a$", 'q"', "it's", "😀", "한 글", "a.b", "literal"])
def test_any_name_will_do(name):
    table = read({name: ["x", " y"], "n": ["1,000", "2"]})
    assert table.select([name]).frame.to_dict(as_series=False) == {name: ["x", "y"]}
    assert table.schema.validate_rows({name: " z", "n": "3,000"}).frame.rows() == [("z", 3000.0)]


def test_a_file_without_header_is_noticed(tmp_path):
    table = read(write(tmp_path, "a.csv", "1,2\n3,4\n5,6\n"))
    assert table.height == 3
    assert table.names == ["column_1", "column_2"]
    assert [r.code for r in table.repairs] == ["header-missing"]


def test_quotes_keep_delimiters_and_line_breaks(tmp_path):
    table = read(write(tmp_path, "a.csv", 'a,b\n"x,1","two\nlines"\n"y ""q""",\n'))
    assert table.frame.rows() == [("x,1", "two\nlines"), ('y "q"', None)]


def test_ten_thousand_columns(tmp_path):
    names = [f"c{i}" for i in range(10_000)]
    lines = [",".join(names), *(",".join(str(i * j % 97) for i in range(10_000)) for j in range(4))]
    table = read(write(tmp_path, "wide.csv", "\n".join(lines)))
    assert (table.height, len(table.names)) == (4, 10_000)
    assert table.frame["c3"].to_list() == [0, 3, 6, 9]


def test_more_rows_skipped_than_there_are(tmp_path):
    path = write(tmp_path, "x.csv", "t\n" * 300 + "a,b\n1,2\n2,3\n")
    with pytest.raises(DataError) as caught:
        read(path, skip=999)
    assert (caught.value.code, caught.value.values["skip"]) == ("rows-skipped", 999)
    assert read(path, skip=300).frame.to_dict(as_series=False) == {"a": [1, 2], "b": [2, 3]}


def test_every_error_names_a_fix(tmp_path):
    for content in ("", "a\n", "a,b\n1\n"):
        with pytest.raises(MulleError) as caught:
            read(write(tmp_path, "x.csv", content))
        assert caught.value.fix.endswith((".", "?"))
