"""Files that are no tables, or are made to take all memory or time: each gets a sentence, quickly.

Where a file is made to be large, a process of its own reads it with little memory to spend.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mulle.errors import DataError, MissingFile, MulleError, UsageError
from mulle.table import read
from mulle.table.read import files, workbook_size

READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
from mulle.errors import MulleError
from mulle.table import read
try:
    table = read(sys.argv[1])
    print("read", table.height, len(table.names))
except MulleError as error:
    print(error.code, error.what)
"""


def outcome(path: Path, gigabytes: float = 2, seconds: int = 30, lang: str = "en") -> str:
    """What comes of reading a file with bounded memory and time: its size, or the refusal."""
    limits = (str(int(gigabytes * (1 << 30))), str(seconds))
    few = {"POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MULLE_LANG": lang}
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), *limits],
        capture_output=True, text=True, env=os.environ | few, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def refusal(path: Path, **options: object) -> MulleError:
    """The error that reading a file ends with, in both languages."""
    with pytest.raises(MulleError) as caught:
        read(path, **options)
    for lang in ("en", "ko"):
        assert caught.value.render_what(lang) and caught.value.render_fix(lang)
    return caught.value


@pytest.mark.long
def test_a_gigabyte_in_one_line(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        for _ in range(1 << 10):
            file.write(b"a" * (1 << 20))
    assert outcome(path, gigabytes=4).startswith("line-long A line is longer than")


@pytest.mark.parametrize(("data", "lang"), [(b"1,", "en"), (b'"', "en"), (b"\xea\xb0\x80", "ko")])
def test_a_line_without_end(tmp_path, data, lang):
    path = tmp_path / "x.csv"
    path.write_bytes(data * (70_000_000 // len(data.decode()) * len(data.decode())))
    told = outcome(path, lang=lang)
    assert told.startswith("line-long ")
    assert ("67,108,864자보다 깁니다" in told) == (lang == "ko")


def test_a_million_columns(tmp_path):
    path = tmp_path / "x.csv"
    names = b",".join(b"c%d" % i for i in range(10**6))
    path.write_bytes(names + b"\n" + b",".join([b"1"] * 10**6) + b"\n")
    assert outcome(path) == "columns-many The header has more than 100,000 columns."


def test_a_header_longer_than_the_sample_is_read_whole(tmp_path):
    path = tmp_path / "x.csv"
    names = [f"a column with a rather long name, number {i}" for i in range(30_000)]
    lines = [",".join(f'"{name}"' for name in names), *[",".join(["1"] * 30_000)] * 2]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    from mulle.table import read_cells

    assert read_cells(path).frame.columns == names


@pytest.mark.long
def test_a_hundred_thousand_equal_names(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("\n".join([",".join([cell] * 10**5) for cell in ("x", "1", "2")]), "utf-8")
    assert outcome(path, gigabytes=6, seconds=200) == "read 2 100000"


QUOTES = {
    "nothing but quotes": (b"a,b\n" + b'"' * 10**6 + b",1\n", "read 1 2"),
    "cells that open and never close": (b"a,b\n" + b'"x,' * 10**5 + b"1\n", ""),
    "quotes within text": (b"a,b\n" + b'"x"y,1\n' * 10**5, "read 100000 2"),
    "inches": (b"a,b\n" + b'6" x,1\n' * 10**5, "read 100000 2"),
}


@pytest.mark.parametrize("sort", QUOTES)
def test_quotes_without_end(tmp_path, sort):
    data, expected = QUOTES[sort]
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert outcome(path).startswith(expected)


def test_control_characters_are_no_table_and_formulas_are_text(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" + b"\x01\x02\x03,1\n" * 100)
    assert refusal(path).code == "table-binary"
    formulas = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "=1+1"]
    path.write_text("a,b\n" + "".join(f'"{f}",{i}\n' for i, f in enumerate(formulas)), "utf-8")
    assert read(path).frame["a"].to_list() == formulas


@pytest.mark.parametrize("depth", [200, 5_000, 1_000_000])
@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_deep_json(tmp_path, depth, name):
    path = tmp_path / name
    inner = "[" * depth + "]" * depth
    path.write_text(f'{{"a": {inner}, "b": 1}}\n{{"a": 1, "b": 2}}\n', "utf-8")
    told = outcome(path)
    assert told.startswith("json-deep" if depth > 500 else "read 2 2")


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": "\\ud800", "b": 1}, {"a": "x", "b": 2}]',
        '[{"a": 1e999, "b": 1}, {"a": 2}, ]',
        "{",
        "[" * 50,
    ],
)
def test_json_that_is_none(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text, "utf-8")
    assert refusal(path).code in {"json-invalid", "json-deep"}


def test_paths_that_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null")):
        assert refusal(path).code == "file-not-regular"
    assert refusal(tmp_path).code == "file-is-folder"
    assert isinstance(refusal(tmp_path / "a\0b.csv"), MissingFile)
    assert isinstance(refusal(tmp_path / "x.csv" / "y.csv"), MissingFile)
    assert refusal(tmp_path / ("x" * 300)).code == "file-unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    assert refusal(path).code == "file-unreadable"


def test_a_link_is_followed(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n3,4\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "x.csv")
    assert read(tmp_path / "link.csv").height == 2
    (tmp_path / "round.csv").symlink_to(tmp_path / "round.csv")
    assert isinstance(refusal(tmp_path / "round.csv"), UsageError)


def test_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    whole = Path.read_bytes

    def slow(self: Path) -> bytes:
        data = whole(self)
        with path.open("a") as file:
            file.write("3,4\n")
        return data

    monkeypatch.setattr(files.Path, "read_bytes", slow)
    assert refusal(path).code == "file-changes"


NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(*sheets: str, before: str = "") -> bytes:
    """An xlsx of sheets, each given as the XML of its rows."""
    names = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="s{i}" sheetId="{i}" r:id="r{i}"/>' for i in names)
    links = "".join(
        f'<Relationship Id="r{i}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in names
    )
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {NAMESPACE} xmlns:r="{OFFICE}"><sheets>{listed}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
    }
    for i, rows in zip(names, sheets, strict=True):
        body = f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>"
        parts[f"xl/worksheets/sheet{i}.xml"] = before + body
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0"?>{text}')
    return out.getvalue()


def row(number: int, **cells: str) -> str:
    """The XML of a row of text cells."""
    inner = "".join(
        f'<c r="{name}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for name, text in cells.items()
    )
    return f'<row r="{number}">{inner}</row>'


TABLE = row(1, A="a", B="b") + row(2, A="1", B="x") + row(3, A="2", B="y")


def test_a_sound_workbook_is_read(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(TABLE, TABLE))
    assert read(path).frame.rows() == [(1.0, "x"), (2.0, "y")]


@pytest.mark.parametrize(
    "far",
    [row(1_048_576, XFD="z"), row(100_000, ZZ="z"), row(9, A="1").replace("A9", "XFD1048576")],
)
def test_cells_at_opposite_corners_of_a_sheet(tmp_path, far):
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(TABLE + far))
    told = refusal(path)
    assert told.code == "workbook-sparse"
    assert told.values["filled"] == 7


def test_a_note_far_below_is_no_attack(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(TABLE + row(5_000, AB="note")))
    assert read(path).height >= 2


def test_repeated_cells_of_an_open_document(tmp_path):
    office = "urn:oasis:names:tc:opendocument:xmlns"
    text = (
        f'<office:document-content xmlns:office="{office}:office:1.0" '
        f'xmlns:text="{office}:text:1.0" xmlns:table="{office}:table:1.0">'
        "<office:body><office:spreadsheet><table:table "
        'table:name="a"><table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'office:value-type="string" table:number-columns-repeated="1000"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    path = tmp_path / "x.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text)
    assert refusal(path).code == "workbook-sparse"


def test_a_workbook_that_unpacks_to_more_than_it_may(tmp_path, monkeypatch):
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(TABLE + row(4, A="x" * 10_000_000)))
    assert read(path).height == 3
    monkeypatch.setattr(workbook_size, "_SMALL", 1_000_000)
    assert refusal(path).code == "workbook-unpacks"


def test_a_workbook_that_lies_about_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_size, "_SMALL", 1_000_000)
    data = workbook(TABLE + row(4, A="x" * 10_000_000))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path = tmp_path / "x.xlsx"
    path.write_bytes(data.replace(true.to_bytes(4, "little"), (5_000).to_bytes(4, "little")))
    assert refusal(path).code == "table-binary"


@pytest.mark.long
def test_a_hundred_thousand_sheets(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(*[row(1, A="a")] * 100_000))
    assert outcome(path).startswith("workbook-sheets The workbook has 100,000 sheets")


def test_entities_of_a_workbook_are_not_followed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("open sesame")
    many = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha" * 10}">' for i in range(9))
    for entity in (f'<!ENTITY e8 SYSTEM "{secret.as_uri()}">', many):
        path = tmp_path / "x.xlsx"
        path.write_bytes(
            workbook(TABLE.replace(">x<", ">&e8;<"), before=f"<!DOCTYPE x [{entity}]>")
        )
        told = refusal(path)
        assert told.code == "table-binary" and "sesame" not in str(told)


def test_workbooks_that_are_cut_off(tmp_path):
    path = tmp_path / "x.xlsx"
    data = workbook(TABLE)
    for share in (0.1, 0.5, 0.9, 0.99):
        path.write_bytes(data[: int(len(data) * share)])
        assert refusal(path).code == "table-binary"


def test_old_workbooks_that_are_cut_off_or_spoilt(tmp_path, old_workbook):
    path = tmp_path / "x.xls"
    for end in (8, 100, 512, 600, 1024, 2000, len(old_workbook) - 1000):
        path.write_bytes(old_workbook[:end])
        assert isinstance(refusal(path), DataError)
    for at in range(0, 1400, 37):
        spoilt = bytearray(old_workbook)
        spoilt[at : at + 8] = b"\xff" * 8
        path.write_bytes(spoilt)
        told = outcome(path) if at % 185 == 0 else ""
        assert "Error" not in told


@pytest.fixture
def old_workbook() -> bytes:
    """The head of a compound file, with a directory that promises more than there is."""
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))
    head[24:32] = (0x3E).to_bytes(2, "little") + (3).to_bytes(2, "little") + b"\xfe\xff\x09\x00"
    head[44:48] = (1).to_bytes(4, "little")
    head[76:80] = (0).to_bytes(4, "little")
    return bytes(head)


Made = Callable[[], bytes]
OTHER: dict[str, Made] = {
    "x.parquet": lambda: b"PAR1" + bytes(100) + b"PAR1",
    "x.arrow": lambda: b"ARROW1\0\0" + bytes(100),
    "x.feather": lambda: b"\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(100),
    "x.zip": lambda: b"PK\x03\x04" + bytes(100),
    "x.gz": lambda: b"\x1f\x8b\x08\x00" + bytes(range(256)),
    "x.png": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "x.pkl": lambda: b"\x80\x04\x95" + bytes(range(256)) * 4,
    "x.json": lambda: json.dumps("a" * 100).encode(),
}


@pytest.mark.parametrize("name", OTHER)
def test_other_files_are_refused_in_words(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(OTHER[name]())
    assert isinstance(refusal(path), DataError)
