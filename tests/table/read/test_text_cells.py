"""Text is never unpacked, though it may begin as packed data do."""

import ast
from pathlib import Path

import polars as pl
import pytest

import mulle
from mulle.table import rows_of
from mulle.table.read import large
from mulle.table.read.text_cells import read_text_cells

SOURCE = Path(mulle.__file__).parent
LETTERS = [n for n in range(128) if chr(n) not in '\r\n",']


@pytest.mark.parametrize("skipped", [0, 2])
def test_every_pair_of_letters_may_begin_a_text(skipped):
    for first in LETTERS:
        for second in LETTERS:
            cell = bytes([first, second]) + b"z"
            data = (cell + b"\n") * skipped + cell + b",b\n1,2\n"
            frame = read_text_cells(data, ["a", "b"], ",", '"', skip_lines=skipped)
            assert frame.rows() == [(cell.decode(), "b"), ("1", "2")]


@pytest.mark.parametrize("packed", [b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd"])
def test_what_is_packed_indeed_is_no_text(packed):
    with pytest.raises(pl.exceptions.PolarsError, match=r"(?i)utf"):
        read_text_cells(packed + b"\n", ["a"], ",", "")


@pytest.mark.parametrize("first", ["x^2", "x\x01", "x^"])
def test_a_file_may_begin_like_zlib(tmp_path, monkeypatch, first):
    path = tmp_path / "x.csv"
    path.write_text(f"{first},b\n1,2\n3,4\n", encoding="utf-8", newline="")
    whole = mulle.read(path)
    assert (whole.height, whole.frame["b"].to_list()) == (2, [2, 4])
    monkeypatch.setattr(large, "LARGE", 1)
    monkeypatch.setattr(large, "_LINES", 1)
    assert mulle.read(path).frame.equals(whole.frame)


def test_rows_may_begin_like_zlib():
    table = rows_of(b"name,b\nx^2,1\nx\x01,2\n", [])
    assert table.frame["name"].to_list() == ["x^2", "x\x01"]


def test_no_other_place_hands_text_to_a_reader_that_unpacks_it():
    found = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"read_csv", "scan_csv"}:
                found.append(path.name)
    assert set(found) == {"text_cells.py"}
