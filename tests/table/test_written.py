"""Files of many countries and tools: nothing is wrong in silence, and little is left as text."""

from collections import Counter
from pathlib import Path
from random import Random

import polars as pl
import pytest
from tests.table.layouts import LAYOUTS, columns_of, compared, composed
from tests.table.written import LISTED, WRITTEN, Case

from mulle.errors import MulleError
from mulle.table import read, read_cells

OURS = WRITTEN[: -len(LISTED) : 2]  # the lists have tests of their own
DRAWN = [(one.data, one.suffix) for one in (LAYOUTS[name](Random(7)) for name in LAYOUTS)]
DRAWN += [(one.data, one.suffix) for one in (composed(Random(seed)) for seed in range(40))]


def read_back(case: Case, folder: Path) -> Counter[str]:
    """What became of the cells of a file; one that is refused is told."""
    path = folder / f"written{case.suffix}"
    path.write_bytes(case.data)
    try:
        table = read(path)
    except MulleError:
        return Counter(told=0 if case.want is None else case.want.width * case.want.height)
    if case.want is None:
        return Counter(wrong=1)
    tally = compared(columns_of(table), case.want, table.reading, named=case.named)
    doubtful = {doubt.column for doubt in table.reading.doubts}
    return tally + Counter(unasked=len(case.asks - doubtful))


@pytest.mark.parametrize("case", WRITTEN, ids=lambda case: case.name)
def test_a_file_means_what_its_writer_meant(case: Case, tmp_path: Path) -> None:
    tally = read_back(case, tmp_path)
    assert tally["wrong"] == 0
    assert tally["unasked"] == 0


@pytest.mark.long
def test_hardly_a_cell_is_left_as_text(tmp_path: Path) -> None:
    sure = [case for case in WRITTEN if case.want is not None and not case.asks]
    total = sum((read_back(case, tmp_path) for case in sure), Counter[str]())
    cells = sum(case.want.width * case.want.height for case in sure if case.want is not None)
    assert total["unread"] <= 0.02 * cells
    assert total["right"] >= 0.97 * cells


@pytest.mark.parametrize("number", range(len(DRAWN)))
def test_every_verb_reads_what_training_read(number: int, tmp_path: Path) -> None:
    data, suffix = DRAWN[number]
    check_again(data, suffix, tmp_path)


@pytest.mark.parametrize("case", OURS, ids=lambda case: case.name)
def test_every_verb_reads_written_files_alike(case: Case, tmp_path: Path) -> None:
    check_again(case.data, case.suffix, tmp_path)


def check_again(data: bytes, suffix: str, folder: Path) -> None:
    path = folder / f"again{suffix}"
    path.write_bytes(data)
    try:
        table = read(path)
    except MulleError:
        return
    cells = read_cells(path).frame
    assert table.schema.validate(cells).frame.equals(table.frame)
    written = cells.head(3).to_dicts()
    first = table.frame.head(3).with_columns(pl.col(pl.Datetime).dt.epoch("us")).to_dicts()
    assert [table.schema.row(row) for row in written] == first
