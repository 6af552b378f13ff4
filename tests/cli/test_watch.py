"""`mulle watch` refuses what would do nothing: options of tables for a log, of logs for a table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Mulle

GOLDEN = Path(__file__).parents[1] / "bundle" / "golden" / "binary.mulle"


@pytest.fixture
def files(tmp_path: Path) -> None:
    shutil.copy(GOLDEN, "m.mulle")
    Path("log.db").write_bytes(b"")
    header, row = 'mileage,city,first day,"a ""memo"" 메모"', "12000,a,2020-01-01,x"
    Path("new.csv").write_text("\n".join([header, *[row] * 40]), encoding="utf-8")


@pytest.mark.parametrize(
    ("rows", "options", "code", "option"),
    [
        ("log.db", ["--target", "y"], "option-of-tables", "--target"),
        ("log.db", ["--against", "new.csv"], "option-of-tables", "--against"),
        ("log.db", ["--skip", "2"], "option-of-tables", "--skip"),
        ("log.db", ["--keep-rows"], "option-of-tables", "--keep-rows"),
        ("new.csv", ["--since", "24h"], "option-of-logs", "--since"),
        ("new.csv", ["--logged-as", "m"], "option-of-logs", "--logged-as"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_an_option_that_would_do_nothing(
    mulle: Mulle, files: None, rows: str, options: list[str], code: str, option: str, lang: str
) -> None:
    said = mulle("watch", "m.mulle", rows, *options, "--lang", lang)
    assert said.code == 2, said.err
    assert f"({code})" in said.err and option in said.err and rows in said.err


@pytest.mark.parametrize("shape", ["json", "html"])
def test_verbose_says_where_it_changes_nothing(mulle: Mulle, files: None, shape: str) -> None:
    plain = mulle("watch", "m.mulle", "new.csv", "--format", shape)
    said = mulle("watch", "m.mulle", "new.csv", "--format", shape, "--verbose")
    assert plain.code == said.code == 0, said.err
    assert "--verbose changes the text alone" in said.err
    assert "--verbose" not in plain.err
    to_file = mulle("watch", "m.mulle", "new.csv", "-o", f"r.{shape}", "--verbose")
    assert "--verbose" not in to_file.err  # what is printed beside the file has every column
