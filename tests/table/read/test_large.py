"""A large file is read from its bytes as a small one is from its text."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from mulle.errors import DataError
from mulle.table.read.table import read, read_cells
from mulle.table.types.options import ReadOptions

LARGE = importlib.import_module("mulle.table.read.large")  # `mulle.table.read` also is a verb
ROWS = "".join(f"{i},서울 {i % 7},{i / 4}\n" for i in range(40))
PLAIN = {
    "plain": "a,b,c\n" + ROWS,
    "crlf": ("a,b,c\n" + ROWS).replace("\n", "\r\n"),
    "mark": "\ufeffa,b,c\n" + ROWS,
    "title": "2024 report,,\n(unit: won),,\na,b,c\n" + ROWS,
    "quoted header": '"a\nx","b ""y""",c\n' + ROWS,
    "quoted": "a,b,c\n" + ROWS + '1,"서울, 2\n3",4\n' + ROWS,
    "empty at the end": "a,b,c\n" + ROWS + "1,x,\n2,,\n" + ROWS,
    "quoted and empty": 'a,b,c\n1,"x,y",\n' + ROWS,
    "no last end": ("a,b,c\n" + ROWS)[:-1],
    "semicolons": ("a,b,c\n" + ROWS).replace(",", ";"),
    "named": "sep=;\n" + ("a,b,c\n" + ROWS).replace(",", ";"),
    "totals": "a,b,c\n" + ROWS + "합계,,99\n",
    "trailing": "a,b,c\n" + ROWS.replace("\n", ",\n"),
    "blank rows": "a,b,c\n" + ROWS + ",,\n" + ROWS,
}
OTHER = {
    "blanks at the end": "a,b,c\n" + ROWS + "\n\n",
    "blank first row": "a,b,c\n\n" + ROWS,
    "inch": "a,b,c\n" + ROWS + '1,6" pipe,2\n',
    "short row": "a,b,c\n" + ROWS + "1,x\n" + ROWS,
    "doubled quotes": "a,b,c\n" + ROWS + '1,"서울, ""2""\n3",4\n' + ROWS,
    "returns": ("a,b,c\n" + ROWS).replace("\n", "\r"),
    "zero bytes": "a,b,c\n" + ROWS + "\0\n",
    "lost": "a,b,c\n" + ROWS + "1,\ufffd,2\n",
    "end of file": "a,b,c\n" + ROWS + "\x1a",
    "blanks": "\n".join(f"{i:3}   {i % 7:3}   x{i}" for i in range(40)),
}


@pytest.fixture
def from_bytes(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Take every file for a large one; the list has for each whether its bytes were enough."""
    made: list[bool] = []
    inner = LARGE.read_large

    def watched(*given: object) -> object:
        cells = inner(*given)
        made.append(cells is not None)
        return cells

    monkeypatch.setattr(LARGE, "LARGE", 1)
    monkeypatch.setattr(LARGE, "_LINES", 1)
    monkeypatch.setattr(sys.modules["mulle.table.read.sources"], "read_large", watched)
    return made


def _outcome(path: Path) -> object:
    try:
        cells = read_cells(path, ReadOptions())
    except DataError as error:
        return error.code, error.values
    places = None if cells.places is None else cells.places.to_list()
    return cells.frame.to_dicts(), cells.layout, cells.repairs, cells.left_out, cells.doubts, places


@pytest.mark.parametrize("name", [*PLAIN, *OTHER])
def test_bytes_and_text_give_the_same_cells(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes((PLAIN | OTHER)[name].encode())
    expected = _outcome(path)
    made = request.getfixturevalue("from_bytes")
    assert _outcome(path) == expected
    assert made == [name in PLAIN] or (name in OTHER and made == [])


@pytest.mark.parametrize("wrong", [b"\xff", b"\xea\xb0", b"\xed\xa0\x80"])
def test_bytes_that_are_no_text_are_refused_alike(
    wrong: bytes, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b,c\n" + ROWS.encode() + b"1,x" + wrong + b",2\n")
    expected = _outcome(path)
    assert isinstance(expected, tuple)
    assert expected[0] == "bytes-mixed"
    request.getfixturevalue("from_bytes")
    assert _outcome(path) == expected


def test_other_encodings_are_read_from_their_text(tmp_path: Path, from_bytes: list[bool]) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(("a,b,c\n" + ROWS.replace("서울", "서울특별시 종로구")).encode("cp949"))
    table = read(path)
    assert from_bytes == [False]
    assert table.reading.layout.encoding == "cp949"
    assert table.frame["b"][0] == "서울특별시 종로구 0"


def test_json_under_the_name_of_a_csv_is_json(tmp_path: Path, from_bytes: list[bool]) -> None:
    path = tmp_path / "table.txt"
    path.write_text("<table><tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr></table>\n")
    assert read(path).frame.rows() == [(1.0, 2.0)]
    assert from_bytes == []
