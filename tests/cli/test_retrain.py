"""`mulle retrain` and `mulle rollback`: what is printed, and the code that the shell gets."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from mulle.cli import Exit

QUICK = ["--trials", "2", "--preset", "quick", "--jobs", "1", "--quiet", "--latency-factor", "50"]


def turned(rows: int, seed: int) -> str:
    """The shop's rows in a world where the city decides, mostly."""
    draw = random.Random(seed)
    lines = ["age,city,visits,bought"]
    for _ in range(rows):
        city = draw.choice(["서울", "부산", "대구"])
        bought = (city == "부산") != (draw.random() < 0.1)
        lines.append(
            f"{draw.randint(0, 6)},{city},{draw.randint(0, 10)},{'yes' if bought else 'no'}"
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def new(shop: Path) -> Path:
    (shop / "new.csv").write_text(turned(200, 1), encoding="utf-8")
    return shop / "new.csv"


def test_promote_look_and_roll_back(mulle, new):
    said = mulle("retrain", "shop.mulle", "new.csv", "--policy", "new", "--name", "shop", *QUICK)
    assert said.code == Exit.done
    assert said.out.startswith("Promoted: version 2 of shop serves now.\n")
    assert "To go back: mulle rollback shop\n" in said.out
    assert "decision.html" in said.out
    said = mulle("retrain", "--history", "shop")
    assert said.code == Exit.done
    assert next(line.split("  ")[2] for line in said.out.splitlines()) == "started: hand"
    assert said.out.splitlines()[-1].endswith("promoted: version 2")
    said = mulle("rollback", "shop", "--reason", "complaints")
    assert (said.code, said.out) == (
        Exit.done, "shop serves version 1 again; version 2 stepped down.\n"
    )  # fmt: skip
    said = mulle("rollback", "shop", "--to", "2", "--format", "json")
    assert json.loads(said.out)["up"]["version"] == 2


def test_a_missed_gate_is_exit_code_3(mulle, new):
    command = ["retrain", "shop.mulle", "new.csv", "--min-gain", "0.9", *QUICK, "--format", "json"]
    said = mulle(*command)
    assert said.code == Exit.gate_missed
    found = json.loads(said.out)
    assert (found["decision"], found["missed"]) == ("refused", ["better"])
    assert found["comparison"]["low"] < 0.9


def test_nothing_to_do_is_exit_code_0(mulle, new):
    Path("report.json").write_text('{"dataset_drift": false}', encoding="utf-8")
    said = mulle("retrain", "shop.mulle", "new.csv", "--if-drift", "report.json")
    assert (said.code, said.out) == (
        Exit.done, "Nothing to do: no drift was seen.\n"
    )  # fmt: skip


def test_a_dry_run_in_korean(mulle, new):
    said = mulle("retrain", "shop.mulle", "new.csv", "--dry-run", "--lang", "ko")
    assert said.code == Exit.done
    assert said.out.startswith("예행 연습입니다")
    assert not list(Path(".mulle").glob("retrain*"))


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["retrain"], 2, "mulle retrain needs a model. (retrain-model-missing)"),
        (["retrain", "m.mulle"], 2, "mulle retrain needs new labelled rows."),
        (["retrain", "no.mulle", "new.csv"], 2, "There is no bundle no.mulle. (champion-missing)"),
        (["retrain", "shop.mulle", "no.csv"], 2, "no.csv"),
        (["retrain", "shop.mulle", "new.csv", "--policy", "x"], 2, "‘x’ is not a policy of rows."),
        (["retrain", "shop.mulle", "new.csv", "--not-worse"], 2, "(not-worse-without-drift)"),
        (["retrain", "shop.mulle", "shop.csv"], 1, "(rows-already-learned)"),
        (["retrain", "a", "b", "--template", "at"], 2, "There is no template named 'at'."),
        (["retrain", "a", "b", "--template", "cron", "--holdout", "7"], 2, "(holdout-range)"),
        (["rollback", "shop.mulle"], 2, "shop.mulle has no earlier model to go back to"),
        (["rollback", "nobody"], 2, "(models-none)"),
        (["retrain", "--history", "x", "--registry", "no"], 2, "(registry-missing)"),
    ],
)
def test_refusals(mulle, new, arguments, code, error):
    said = mulle(*arguments)
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith("error: ") and error in said.err and "\nhint: " in said.err


def test_a_template_repeats_the_command(mulle, new):
    said = mulle(
        "retrain", "shop", "new.csv", "--old", "a b.csv", "--old", "c.csv", "--policy",
        "window:90", "--search", "--template", "cron", "-o", "units", "--lang", "ko",
    )  # fmt: skip
    assert (said.code, said.out) == (Exit.done, "작성했습니다: units/retrain-shop.cron\n")
    line = Path("units/retrain-shop.cron").read_text(encoding="utf-8").splitlines()[-1]
    assert (
        "mulle retrain shop new.csv --old 'a b.csv' --old c.csv --policy window:90 --search"
        " --lang ko --trigger schedule --quiet >>" in line
    )
