"""What a fit reads: several files, a sample of their rows, nothing that is elsewhere."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mulle.errors import DataError, MissingFile, UsageError
from mulle.i18n import Messages
from mulle.table import read
from mulle.table.sentences import describe
from mulle.verbs.fit import Settings, fit, resume
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.source import files_of, fingerprint, read_source

ROWS = 4_000


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 3))
    label = np.where(x[:, 0] + rng.normal(size=ROWS) > 1.5, "yes", "no")
    return pl.DataFrame({f"x{i}": x[:, i] for i in range(3)} | {"y": label})


@pytest.fixture
def parts(folder, frame):
    for i in range(4):
        frame[i * 1_000 : (i + 1) * 1_000].write_csv(f"part-{i}.csv")
    return folder


def quick(source, **options):
    return fit(source, "y", trials=1, preset="quick", n_jobs=1, **options)


def left_out(result, code):
    return [out for out in result.reading.left_out if out.code == code]


@pytest.mark.parametrize("form", ["path", "glob", "frame", "table"])
def test_so_many_rows_are_drawn_from_whatever_is_read(parts, frame, form):
    frame.write_parquet("whole.parquet")
    source = {"path": "whole.parquet", "glob": "part-*.csv", "frame": frame, "table": read(frame)}
    result = quick(source[form], rows=500)
    assert result.model.manifest.lineage["rows"] == 400
    (out,) = left_out(result, "rows-not-drawn")
    assert (out.count, out.values) == (3_500, {"drawn": 500, "all": ROWS, "seed": 0})
    assert "left-out.rows-not-drawn" in {d.code for d in result.decisions}
    (share,) = [d.values["share"] for d in result.decisions if d.code == "positive-class"]
    assert share == pytest.approx((frame["y"] == "yes").mean(), abs=0.0021)
    assert "A sample of 500 of 4,000 rows was drawn (seed 0)" in result.html


def test_all_rows_of_several_files_are_learned_from(parts, frame):
    result = quick("part-*.csv", output=".")
    assert result.model.manifest.lineage["rows"] == ROWS * 0.8
    assert not left_out(result, "rows-not-drawn")
    assert result.bundle.name == "part.mulle"
    again = resume(str(result.run.folder))
    assert again.model.manifest.lineage["rows"] == ROWS * 0.8


def test_more_rows_than_there_are_is_all_of_them(frame):
    assert quick(frame, rows=10**9).model.manifest.lineage["rows"] == ROWS * 0.8


def test_the_sample_says_what_was_read_in_both_languages(frame, parts):
    read_table = read_source("part-*.csv", Settings("y", rows=100, seed=7), Memory()).table
    (out,) = [o for o in read_table.reading.left_out if o.code == "rows-not-drawn"]
    for lang, words in {"en": "100 of 4,000 rows", "ko": "4,000행에서 100행"}.items():
        assert words in describe(out, Messages(lang)).what


def test_files_have_a_fingerprint_together(parts):
    table = read_source("part-*.csv", Settings("y"), Memory()).table
    before = fingerprint("part-*.csv", table)
    assert before == fingerprint("part-?.csv", table)
    (parts / "part-3.csv").rename(parts / "other.csv")
    assert fingerprint("part-*.csv", table) != before


def test_names_with_marks_are_files_where_they_are_there(folder, frame):
    frame.write_csv("a[1].csv")
    assert [path.name for path in files_of("a[1].csv")] == ["a[1].csv"]
    with pytest.raises(MissingFile) as refused:
        files_of("b*.csv")
    assert refused.value.code == "files-missing"


@pytest.mark.parametrize("rows", [0, -3, 1.5])
def test_a_number_of_rows_that_is_none_is_refused(frame, rows):
    with pytest.raises(UsageError) as refused:
        quick(frame, rows=rows)
    assert refused.value.code == "option-not-positive"


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_beyond_the_memory_is_drawn_from(folder, form, monkeypatch):
    rng = np.random.default_rng(0)
    rows = 150_000
    frame = pl.DataFrame({f"x{i}": rng.normal(size=rows).round(6) for i in range(30)})
    frame = frame.with_columns(y=(pl.col("x0") > 0).replace_strict({True: "yes", False: "no"}))
    getattr(frame, f"write_{form}")(f"numbers.{form}")
    memory, name = Memory(450_000_000), f"numbers.{form}"
    tight = read_source(name, Settings("y"), memory)  # LightGBM has no room for more rows either
    assert tight.large is None
    monkeypatch.setattr(Memory, "rows_to_boost", lambda self, features, held: 1e9)
    table, large = read_source(name, Settings("y"), memory)
    assert 1_000 <= table.height < rows / 2
    assert large.rows == rows
    assert table.column("x0").to_list() == frame["x0"][large.at].to_list()
    (out,) = [o for o in table.reading.left_out if o.code == "rows-on-disk"]
    assert out.count == rows - table.height
    roomy = Memory(out.values["needed"] * 2)
    whole = read_source(name, Settings("y"), roomy)
    assert (whole.table.height, whole.large) == (rows, None)
    few = read_source(name, Settings("y", rows=900), memory)
    assert (few.table.height, few.large) == (900, None)
    assert [o.code for o in few.table.reading.left_out if "rows" in o.code] == ["rows-not-drawn"]
    in_time = read_source(name, Settings("y", time_column="x1"), memory)
    assert in_time.large is None
    assert "rows-beyond-memory" in {o.code for o in in_time.table.reading.left_out}
    with pytest.raises(DataError) as refused:
        read_source(f"numbers.{form}", Settings("y"), Memory(200_000_000))
    assert refused.value.code == "memory-small"


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + bytes(4_000) + b"PAR1"])
def test_a_damaged_parquet_file_is_refused_in_words(folder, content):
    (folder / "table.parquet").write_bytes(content)
    with pytest.raises(DataError) as refused:
        read_source("table.parquet", Settings("y"), Memory(10**9))
    assert refused.value.code == "file-damaged"
