"""`mulle watch` in a terminal: the verdict first, machines served, the gate kept."""

import json

import polars as pl
import pytest
from tests.verbs.watch.made import table

from mulle.cli import main


@pytest.fixture
def said(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(2000, 1).write_csv("same.csv")
    table(2000, 1, 0.8).write_csv("moved.csv")

    def call(*arguments):
        capfd.readouterr()
        code = main([str(a) for a in arguments])
        return code, *capfd.readouterr()

    return call


def test_the_verdict_comes_first_then_the_columns(said, bundle):
    code, out, _ = said("watch", bundle, "moved.csv")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "The data have drifted: 1 of 5 columns; the one that matters most is size."
    assert lines[2].startswith("- size: drifted (importance ")
    code, out, _ = said("watch", bundle, "same.csv", "--lang", "ko")
    assert code == 0 and out.startswith("열 4개에서 변화가 보이지 않습니다. 다만 행의 ")


def test_json_for_machines_and_a_gate_for_pipelines(said, bundle):
    code, out, _ = said("watch", bundle, "moved.csv", "--format", "json", "--fail-on-drift")
    assert code == 3 and json.loads(out)["columns"]["size"]["drift_detected"] is True
    code, out, _ = said("watch", bundle, "same.csv", "--format", "json", "--fail-on-drift")
    assert code == 0 and json.loads(out)["dataset_drift"] is False
    code, out, _ = said("watch", bundle, "moved.csv", "--against", "moved.csv", "--fail-on-drift")
    assert code == 0


def test_files_are_written_as_they_are_called(said, bundle, tmp_path):
    for name, begin in (("a.html", "<!doctype html>"), ("a.json", "{"), ("a.txt", "The data")):
        code, out, _ = said("watch", bundle, "moved.csv", "-o", name)
        assert code == 0 and out.rstrip().endswith(name)
        assert (tmp_path / name).read_text("utf-8").startswith(begin)
    code, out, _ = said("watch", bundle, "moved.csv", "--format", "html", "--lang", "ko")
    assert code == 0 and '<html lang="ko">' in out


def test_wrong_commands_say_what_to_do(said, bundle):
    code, _, err = said("watch", bundle, "moved.csv", "-o", "a.pdf")
    assert code == 2 and "Let it end in .json, .html or .txt." in err
    code, _, err = said("watch", bundle, "moved.csv", "-o", "a.json", "--format", "html")
    assert code == 2 and "Let it end in .html." in err
    code, _, err = said("watch", bundle, "nowhere.csv")
    assert code == 2 and "nowhere.csv" in err


YES, OTHER = pl.lit("yes").alias("sold"), pl.lit("maybe").alias("sold")
NOTHING = [pl.lit(None).alias(n) for n in ("size", "rooms", "city", "note", "day", "sold")]


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        (lambda r: r.with_columns(YES), 3, "The labels have drifted, though no single column"),
        (lambda r: r.with_columns(YES), 3, "have the same one, so ROC AUC cannot be computed."),
        (lambda r: r.with_columns(OTHER), 1, "does not know the labels of 400 of 400 labelled"),
        (lambda r: pl.concat([r.head(1)] * 400), 3, "the standard deviation went from"),
        (lambda r: r.with_columns(NOTHING), 1, "There are no rows to compare."),
        (lambda r: r.head(0), 1, "There are no rows to compare."),
        (lambda r: r.drop("city"), 1, "The rows lack these columns: 'city'"),
        (lambda r: r.with_columns(pl.lit(1).alias("more")), 0, "not used: 'more'."),
        (lambda r: r.head(2), 0, "Not judged: 2 new rows and"),
        (lambda r: r.head(2), 0, "2 rows with a label cannot tell how good the model is"),
    ],
)
def test_odd_rows_get_a_sentence_and_no_number(said, bundle, tmp_path, change, code, text):
    rows = table(2800, 4).drop("price").gather_every(7)  # the texts are numbered
    change(rows).write_csv(tmp_path / "odd.csv")
    found, out, err = said("watch", bundle, "odd.csv", "--fail-on-drift")
    assert found == code and text in out + err
    assert "10⁻" not in out and "nan" not in out  # no rounding of what is 0, no score of nothing


def test_unknown_labels_are_named_once(said, bundle, tmp_path):
    rows = table(400, 4).drop("price")
    some = rows.with_columns(
        pl.when(pl.int_range(pl.len()) < 40).then(OTHER).otherwise("sold").alias("sold")
    )
    some.write_csv(tmp_path / "odd.csv")
    for how in ([], ["-o", "a.json"], ["--format", "json"]):
        _, out, err = said("watch", bundle, "odd.csv", *how)
        assert (out + err).count("40 rows have labels that the model does not know (maybe)") == 1
