"""`mulle runs`: the list, one run, two runs side by side."""

from __future__ import annotations

import json

from mulle.cli import Exit


def test_a_list(mulle, shop):
    said = mulle("runs")
    header, row = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert header.split() == ["run", "status", "target", "metric", "validation", "test", "took"]
    assert row.split()[1:4] == ["finished", "bought", "roc_auc"]
    [told] = json.loads(mulle("runs", "--format", "json").out)
    assert told["id"] == row.split()[0]


def test_none_yet(mulle, tmp_path):
    said = mulle("runs")
    assert said.code == 0
    assert said.out.startswith("There are no runs here yet.")
    assert list(tmp_path.iterdir()) == []
    assert mulle("runs", "show", "x").code == Exit.wrong_command


def test_one_in_full(mulle, shop):
    [run] = json.loads(mulle("runs", "--format", "json").out)
    said = mulle("runs", "show", run["id"][:-2])
    assert said.code == 0
    assert "bought" in said.out
    assert "- The target “bought”" in said.out
    assert said.out.endswith("next: mulle predict shop.mulle ROWS.csv -o predictions.csv\n")
    told = json.loads(mulle("runs", "show", run["id"], "--format", "json").out)
    assert told["run"]["target"] == "bought"
    assert told["decisions"]


def test_two_side_by_side(mulle, shop):
    [first] = json.loads(mulle("runs", "--format", "json").out)
    options = ["--trials", "1", "--preset", "quick", "--seed", "7", "--quiet", "--format", "json"]
    second = json.loads(mulle("fit", "shop.csv", "-t", "bought", *options).out)
    said = mulle("runs", "compare", first["id"], second["run"])
    rows = {line.split()[0]: line.split()[1:] for line in said.out.splitlines()[1:]}
    assert rows["seed"] == ["0", "7"]
    assert "target" not in rows


def test_one_run_cannot_be_compared(mulle, shop):
    said = mulle("runs", "compare", "x")
    assert said.code == Exit.wrong_command
    assert said.err == (
        "error: A comparison needs two runs or more. (runs-too-few)\n\n"
        "hint: mulle runs compare RUN RUN\n"
    )


def test_an_unknown_run(mulle, shop):
    said = mulle("runs", "show", "nope")
    assert said.code == Exit.wrong_command
    assert said.err.startswith("error: There is no run named 'nope'. (run-unknown)\n")


def test_parts_are_left_out(mulle, shop):
    said = mulle("runs", "ablate", "shop.mulle")
    assert said.code == 0
    lines = said.out.splitlines()
    assert "mean over folds. Without a part:" in lines[0]
    assert lines[2].split()[:3] == ["without", "columns", "score"]
    assert lines[-1].startswith("A gain above 0 says")
    told = json.loads(mulle("runs", "ablate", "shop.mulle", "--format", "json").out)
    assert len(told["parts"]) == len(lines) - 5
    korean = mulle("--lang", "ko", "runs", "ablate", "shop.mulle", "--time", "0")
    assert "시간이 모자라 시험하지 못함" in korean.out
