"""Samples that are drawn while files are read: their size, their classes, and that they repeat."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mulle.errors import DataError, UnknownName
from mulle.table import ReadOptions, read_cells
from mulle.table.stream import sample
from mulle.table.stream.sample import draw_cells, draw_rows, first_rows

ROWS = 30_000


def draw(paths, rows, *, by="y", seed=0):
    return draw_rows(paths, rows, by=by, seed=seed, options=ReadOptions())


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    """Rows sorted by their class, so that no part of the file is like the whole."""
    y = np.repeat(["a", "b", "c"], [21_000, 8_970, 30])
    at = np.arange(ROWS)
    return pl.DataFrame({"at": at, "y": y, "text": [f"row, {i}" for i in at]})


@pytest.fixture
def small_chunks(monkeypatch):
    """Let files of this size be large, and their chunks small."""
    monkeypatch.setattr("mulle.table.stream.size.MAX_WHOLE_BYTES", 10_000)
    monkeypatch.setattr("mulle.table.stream.text_chunks.CHUNK_BYTES", 30_000)
    monkeypatch.setattr("mulle.table.stream.delimited_chunks.SAMPLE_CHARS", 20_000)
    monkeypatch.setattr(sample, "_CELLS", 3_000)


@pytest.fixture(params=["csv", "parquet"])
def path(request, frame, tmp_path):
    file = tmp_path / f"table.{request.param}"
    if request.param == "csv":
        frame.write_csv(file)
    else:
        frame.write_parquet(file)
    return file


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("rows", [10, 1_000, 29_999])
def test_each_class_keeps_its_share_and_rows_their_order(path, rows):
    found = draw([path], rows)
    assert found.rows == ROWS
    drawn = found.cells.frame.with_columns(pl.col("at").cast(pl.Int64))
    assert drawn.height == rows
    assert drawn["at"].is_sorted()
    assert drawn["at"].n_unique() == rows
    counts = dict(drawn.group_by("y").len().iter_rows())
    for label, share in {"a": 0.7, "b": 0.299, "c": 0.001}.items():
        assert abs(counts.get(label, 0) - share * rows) <= 1
    assert (drawn["text"] == pl.Series([f"row, {i}" for i in drawn["at"]])).all()


@pytest.mark.usefixtures("small_chunks")
def test_rows_of_a_class_are_drawn_from_all_parts_alike(path):
    drawn = draw([path], 3_000).cells.frame
    at = drawn.filter(pl.col("y") == "a")["at"].cast(pl.Int64).to_numpy()
    parts = np.histogram(at, bins=7, range=(0, 21_000))[0]
    # 300 of 3,000 rows in each part, without replacement: six standard deviations are 93.
    assert np.abs(parts - 300).max() < 93


@pytest.mark.usefixtures("small_chunks")
def test_a_seed_draws_the_same_rows_again(path):
    first, again, other = (draw([path], 100, seed=seed).cells.frame for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


@pytest.mark.usefixtures("small_chunks")
def test_values_that_are_no_classes_are_drawn_at_random(path):
    drawn = draw([path], 1_000, by="at").cells.frame["at"].cast(pl.Int64).to_numpy()
    assert len(np.unique(drawn)) == 1_000
    assert abs(drawn.mean() / ROWS - 0.5) < 6 * np.sqrt(1 / 12_000)


@pytest.mark.usefixtures("small_chunks")
def test_all_rows_of_several_files_are_read_in_order(frame, tmp_path):
    paths = [tmp_path / f"part-{i}.csv" for i in range(3)]
    for i, path in enumerate(paths):
        part = frame[i * 10_000 : (i + 1) * 10_000]
        part.select(part.columns if i else part.columns[::-1]).write_csv(path)
    found = draw(paths, None)
    assert found.rows == ROWS
    assert found.cells.frame["at"].cast(pl.Int64).to_list() == list(range(ROWS))
    few = draw(paths, 50).cells.frame
    assert few.height == 50
    assert few["at"].cast(pl.Int64).max() > 20_000


def test_the_rows_are_cells_as_a_whole_file_has_them(frame, tmp_path):
    path = tmp_path / "table.csv"
    frame.head(100).write_csv(path)
    cells = read_cells(path)
    assert draw([path], None).cells.frame.equals(cells.frame)
    assert draw([path], 1_000).cells.frame.equals(cells.frame)
    assert draw_cells(cells, 7, by="y", seed=0).cells.frame.height == 7


@pytest.mark.usefixtures("small_chunks")
def test_blank_rows_are_not_drawn(tmp_path):
    path = tmp_path / "table.csv"
    lines = [f"{i},{'ab'[i % 2]}\n" + ("\n" if i % 3 == 0 else "") for i in range(20_000)]
    path.write_text("x,y\n" + "".join(lines), encoding="utf-8")
    found = draw([path], 10_000)
    assert found.rows == 20_000
    assert found.cells.frame["x"].null_count() == 0


@pytest.mark.usefixtures("small_chunks")
def test_the_first_rows_are_read_alone(path, monkeypatch):
    cells = first_rows(path, 12, ReadOptions())
    assert cells.frame["at"].cast(pl.Int64).to_list() == list(range(12))


def test_files_of_other_columns_and_unknown_columns_are_refused(frame, tmp_path):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    frame.head(10).write_csv(one)
    frame.head(10).rename({"text": "words"}).write_csv(two)
    with pytest.raises(DataError) as refused:
        draw([one, two], None)
    assert refused.value.code == "files-differ"
    assert "'text'" in refused.value.what
    with pytest.raises(UnknownName):
        draw([one], 5, by="z")


def test_a_column_that_is_text_in_one_file_only_becomes_text(tmp_path):
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    pl.DataFrame({"x": [1, 2], "y": ["a", "b"]}).write_parquet(one)
    pl.DataFrame({"x": ["3", "n/a"], "y": ["a", "b"]}).write_parquet(two)
    assert draw([one, two], None).cells.frame["x"].to_list() == ["1", "2", "3", "n/a"]
