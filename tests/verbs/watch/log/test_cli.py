"""`mulle log` from the command line."""

import json
from pathlib import Path

import polars as pl
import pytest

from mulle.cli.app import main
from mulle.verbs.watch.log import PredictionLog


@pytest.fixture
def place(tmp_path: Path) -> str:
    with PredictionLog(tmp_path / "log.db") as log:
        for n in range(5):
            answer = {"label": "yes", "probabilities": {"yes": 0.75, "no": 0.25}}
            log.write({"n": n}, answer, model="m", request_id=f"r{n}")
    return str(tmp_path / "log.db")


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_export(place: str, tmp_path: Path, ending: str, capsys) -> None:
    output = tmp_path / f"rows{ending}"
    assert main(["log", "export", place, "-o", str(output), "--model", "m"]) == 0
    assert "5 rows" in capsys.readouterr().out
    frame = (pl.read_csv if ending == ".csv" else pl.read_parquet)(output)
    assert frame["n"].to_list() == list(range(5)) and frame["answer.label"][0] == "yes"
    share = frame["answer.probabilities"][0]
    assert (json.loads(share) if ending == ".csv" else share) == {"yes": 0.75, "no": 0.25}
    assert main(["log", "export", place, "-o", str(tmp_path / "rows.txt")]) == 2


def test_nothing_asked_for_is_an_empty_table(place: str, tmp_path: Path) -> None:
    output = tmp_path / "none.csv"
    assert main(["log", "export", place, "-o", str(output), "--since", "2999-01-01"]) == 0
    assert pl.read_csv(output).height == 0


def test_labels_and_prune(place: str, tmp_path: Path, capsys) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("id,label\nr1,yes\nr9,no\n", encoding="utf-8")
    assert main(["log", "labels", place, str(truth), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"given": 2, "known": 1}
    assert main(["log", "prune", place, "--rows", "2", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": 3}
    assert main(["log", "prune", place]) == 2
    assert main(["log", "prune", str(tmp_path / "none.db"), "--days", "1"]) == 2
    assert "There is no log ‘none.db’" in capsys.readouterr().err
