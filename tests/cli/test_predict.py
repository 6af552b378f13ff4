"""`mulle predict`: what is written, and what rows that do not fit get."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from mulle import load
from mulle.cli import Exit

COLUMNS = ["prediction", "probability_no", "probability_yes"]


def answers(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_labels_and_probabilities_to_stdout(mulle, shop):
    said = mulle("predict", "shop.mulle", "shop.csv")
    rows = answers(said.out)
    assert (said.code, said.err) == (0, "")
    assert list(rows[0]) == COLUMNS
    model = load(shop / "shop.mulle")
    assert [r["prediction"] for r in rows] == list(model.predict(shop / "shop.csv"))
    told = [[float(r[c]) for c in COLUMNS[1:]] for r in rows]
    np.testing.assert_allclose(told, model.predict_proba(shop / "shop.csv"), rtol=1e-12)


def test_what_a_reading_decides_about_columns_is_the_models_affair(mulle, shop):
    (shop / "reading.toml").write_text('[columns.age]\nkind = "nominal"\n', encoding="utf-8")
    plain = mulle("predict", "shop.mulle", "shop.csv")
    said = mulle("predict", "shop.mulle", "shop.csv", "--reading", "reading.toml")
    assert (said.code, said.out) == (0, plain.out)
    assert said.err.startswith("warning: ") and "age" in said.err and "mulle fit" in said.err


def test_a_file_is_written_whole(mulle, shop):
    said = mulle("predict", "shop.mulle", "shop.csv", "-o", "out.csv")
    assert (said.code, said.out, said.err) == (0, "", "60 rows predicted: out.csv\n")
    assert len(answers((shop / "out.csv").read_text(encoding="utf-8"))) == 60


def test_json_lines_by_name(mulle, shop):
    mulle("predict", "shop.mulle", "shop.csv", "-o", "out.json")
    lines = (shop / "out.json").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 60
    assert list(json.loads(lines[0])) == COLUMNS


def test_a_form_that_answers_do_not_take(mulle, shop):
    said = mulle("predict", "shop.mulle", "shop.csv", "-o", "out.xlsx")
    assert said.code == Exit.wrong_command
    assert said.err.startswith("error: There is no prediction format named '.xlsx'.")
    assert not (shop / "out.xlsx").exists()
    assert mulle("predict", "shop.mulle", "shop.csv", "--format", "parquet").code == 2


def test_parquet_by_name(mulle, shop):
    said = mulle("predict", "shop.mulle", "shop.csv", "-o", "out.parquet")
    assert said.code == 0
    text = mulle("predict", "shop.mulle", "shop.csv").out
    assert pl.read_parquet(shop / "out.parquet").equals(pl.read_csv(io.StringIO(text)))
    assert [p.name for p in shop.iterdir() if p.name.startswith(".mulle-")] == []


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet"])
def test_a_bad_value_may_leave_its_row_without_an_answer(mulle, shop, suffix):
    (shop / "new.csv").write_text("age,city,visits\n1,서울,2\nold,서울,2\n", encoding="utf-8")
    said = mulle("predict", "shop.mulle", "new.csv", "--on-error", "null", "-o", f"out{suffix}")
    assert said.code == 0
    assert said.err.endswith("Rows that could not be read: 1. The column 'error' says why.\n")
    read = {".csv": pl.read_csv, ".json": pl.read_ndjson, ".parquet": pl.read_parquet}[suffix]
    first, second = read(shop / f"out{suffix}").to_dicts()
    assert first["error"] is None
    assert first["prediction"] in {"yes", "no"}
    assert second == dict.fromkeys(COLUMNS) | {
        "error": "Row 2: the column 'age' needs a number, not 'old'."
    }


def test_a_bad_row_is_counted_in_the_file(mulle, shop, monkeypatch):
    monkeypatch.setattr("mulle.bundle.batch.useful_rows", lambda model: 7)
    lines = ["age,city,visits", *["1,서울,2"] * 20, "1,서울,viele", "1,서울,2"]
    (shop / "new.csv").write_text("\n".join(lines), encoding="utf-8")
    said = mulle("predict", "shop.mulle", "new.csv", "-o", "out.csv")
    assert said.err.startswith("error: Row 21: the column 'visits' needs a number")
    assert not (shop / "out.csv").exists()


def rows_in(shop, rows):
    """A Parquet file of that many rows, with a column that is not asked for."""
    frame = pl.read_csv(shop / "shop.csv").select("age", "city", "visits")
    frame = frame.sample(rows, with_replacement=True, seed=0)
    frame = frame.with_columns(more=pl.format("more {}", pl.int_range(rows)))
    frame.write_parquet(shop / "large.parquet", row_group_size=100_000)
    frame.write_csv(shop / "large.csv")


PEAK = """
import sys
from mulle.cli import main
code = main(sys.argv[1:])
status = open("/proc/self/status", encoding="utf-8").read()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
sys.exit(code)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="wants /proc")
@pytest.mark.parametrize("name", ["large.parquet", "large.csv"])
def test_memory_does_not_grow_with_the_file(shop, name):
    peaks = []
    for rows in (800_000, 1_600_000):
        rows_in(shop, rows)
        command = ["predict", "shop.mulle", name, "-o", "out.parquet", "--quiet", "--replace"]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *command], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))
        assert pl.scan_parquet("out.parquet").select(pl.len()).collect().item() == rows
    assert peaks[1] < peaks[0] + 60, peaks  # megabytes; both are read in parts


def test_excel_finds_a_byte_order_mark(mulle, shop):
    mulle("predict", "shop.mulle", "shop.csv", "-o", "out.csv", "--excel")
    assert (shop / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfprediction,")


def test_why_names_columns(mulle, shop):
    rows = answers(mulle("predict", "shop.mulle", "shop.csv", "--why").out)
    assert list(rows[0]) == [*COLUMNS, "why"]
    assert any("=" in row["why"] for row in rows)


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_rows_from_stdin(mulle, shop, monkeypatch, encoding):
    text = (shop / "shop.csv").read_text(encoding="utf-8")
    stdin = io.TextIOWrapper(io.BytesIO(text.encode(encoding)))
    monkeypatch.setattr("sys.stdin", stdin)
    assert mulle("predict", "shop.mulle", "-").out == mulle("predict", "shop.mulle", "shop.csv").out


def test_parquet_in_chunks(mulle, shop, monkeypatch):
    pl.read_csv(shop / "shop.csv").write_parquet(shop / "shop.parquet")
    monkeypatch.setattr("mulle.bundle.batch.useful_rows", lambda model: 7)
    whole = answers(mulle("predict", "shop.mulle", "shop.csv").out)
    parts = answers(mulle("predict", "shop.mulle", "shop.parquet").out)
    assert [row["prediction"] for row in parts] == [row["prediction"] for row in whole]
    np.testing.assert_allclose(  # sums of another batch size may differ in the last bit
        [float(row[COLUMNS[1]]) for row in parts],
        [float(row[COLUMNS[1]]) for row in whole],
        rtol=1e-12,
    )


def test_extra_columns_and_unseen_categories_are_fine(mulle, shop):
    (shop / "new.csv").write_text("more,age,city,visits\n1,3,제주,2\n2,,,\n", encoding="utf-8")
    said = mulle("predict", "shop.mulle", "new.csv")
    assert said.code == 0 and len(answers(said.out)) == 2
    assert said.err.startswith("Not used:\n  1 column that the model does not know")


@pytest.mark.parametrize("text", ["age,city,visits\n", ""])
def test_no_rows_give_a_header_and_a_word(mulle, shop, text):
    (shop / "new.csv").write_text(text, encoding="utf-8")
    said = mulle("predict", "shop.mulle", "new.csv")
    assert (said.code, said.out) == (0, ",".join(COLUMNS) + "\n")
    assert said.err == "warning: The input has no rows, so there is no prediction.\n"


def test_a_missing_column(mulle, shop):
    (shop / "new.csv").write_text("age,City,visits\n1,서울,2\n", encoding="utf-8")
    said = mulle("predict", "shop.mulle", "new.csv", "-o", "out.csv")
    assert (said.code, said.out) == (Exit.failed, "")
    assert said.err == (
        "error: The rows lack these columns: 'city'. (column-misnamed)\n\n"
        "hint: Rename City → city; for others, null stands for a missing value.\n"
    )
    assert not (shop / "out.csv").exists()


def test_a_value_of_the_wrong_type(mulle, shop):
    (shop / "new.csv").write_text("age,city,visits\n1,서울,2\nold,서울,2\n", encoding="utf-8")
    said = mulle("predict", "shop.mulle", "new.csv")
    assert said.code == Exit.failed
    assert said.err == (
        "error: Row 2: the column 'age' needs a number, not 'old'. (value-unreadable)\n\n"
        "hint: Correct the cell, or leave it empty if the value is missing.\n"
    )


def test_a_model_that_is_not_one(mulle, shop):
    (shop / "bad.mulle").write_bytes(b"PK\x03\x04 not a model")
    said = mulle("predict", "bad.mulle", "shop.csv")
    assert said.code == Exit.failed
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err
    assert mulle("predict", "no.mulle", "shop.csv").code == Exit.wrong_command


def test_a_full_disk_leaves_the_old_answers(mulle, shop, monkeypatch):
    (shop / "out.csv").write_text("what was there", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    said = mulle("predict", "shop.mulle", "shop.csv", "-o", "out.csv", "--replace")
    assert said.code == Exit.failed
    assert said.err.startswith(
        "error: Could not write out.csv: No space left on device. (write-failed)\n"
    )
    assert (shop / "out.csv").read_text(encoding="utf-8") == "what was there"
    assert [p.name for p in shop.iterdir() if "out" in p.name] == ["out.csv"]


def test_predictions_never_take_the_place_of_their_rows(mulle, shop):
    before = (shop / "shop.csv").read_bytes()
    for options in ((), ("--replace",)):
        done = mulle("predict", "shop.mulle", "shop.csv", "-o", "./shop.csv", *options)
        assert done.code == Exit.wrong_command
        assert "output-is-input" in done.err
        assert (shop / "shop.csv").read_bytes() == before


def test_a_dash_is_stdout(mulle, shop):
    done = mulle("predict", "shop.mulle", "shop.csv", "-o", "-")
    assert done.out == mulle("predict", "shop.mulle", "shop.csv").out
    assert not (shop / "-").exists()
