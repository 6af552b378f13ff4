"""Numbers as people write them: a column means what it means to its writer, or is asked about."""

import tomllib
from pathlib import Path

import polars as pl
import pytest

from mulle.table import read
from mulle.table.types.kinds import Storage

PATH = Path(__file__).with_name("number_notations.toml")
CASES = tomllib.loads(PATH.read_text("utf-8"))["cases"]


def _table(case, folder):
    cells = case["cells"]
    if "delimiter" not in case:
        return read(pl.DataFrame({"n": cells, "word": ["word"] * len(cells)}))
    lines = ["n;word", *(f"{cell};word" for cell in cells)]
    path = folder / "n.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(path)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_column_means_what_it_means_to_its_writer(case, tmp_path):
    expected = case["expected"]
    table = _table(case, tmp_path)
    column = table.schema["n"]
    doubts = [doubt.code for doubt in table.reading.doubts]
    if isinstance(expected, str):
        assert column.storage is Storage.string
        assert table.frame["n"].to_list() == case["cells"]
        assert doubts == expected.split()[1:]
    else:
        assert column.storage is Storage.number, doubts
        assert table.frame["n"].to_list() == expected
        assert doubts == []


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_each_cell_is_read_again_as_it_was(case, tmp_path):
    """Notation belongs to the model: one cell alone means what it meant in its column."""
    if isinstance(case["expected"], str):
        return
    schema = _table(case, tmp_path).schema.select(["n"])
    alone = [schema.row({"n": cell})["n"] for cell in case["cells"]]
    assert alone == case["expected"]
