"""`mulle explain`: codes of decisions and errors, catalogue ids, and what is behind a model."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import mulle as package
from mulle.cli import Exit, source


def test_a_decision_with_what_the_newest_run_decided(mulle, shop):
    said = mulle("explain", "split-made")
    meaning, told = said.out.split("\n\n")
    assert (said.code, said.err) == (0, "")
    assert "test rows" in meaning
    assert told.startswith("- 12 rows were set aside for the final test")


def test_without_a_run_only_the_meaning(mulle):
    said = mulle("explain", "split-made")
    assert said.code == 0
    assert "\n\n" not in said.out.strip()


def test_in_korean(mulle, shop):
    assert re.search("[가-힣]", mulle("explain", "split-made", "--lang", "ko").out)


def test_an_error_code_by_the_sentence_it_is_raised_with(mulle):
    said = mulle("explain", "plan-invalid")
    assert said.out == (
        "This is not a plan: {error}.\n"
        "What to do: Start from the plan.toml of a run: mulle runs show RUN\n"
        "(The command or the call was wrong.)\n"
    )


def test_a_catalogue_id_by_its_module(mulle):
    assert mulle("explain", "store-version").out.startswith("mulle.store.registry\n\nNamed models:")


def test_an_unknown_code_offers_near_ones(mulle):
    said = mulle("explain", "leak-suspect")
    assert said.code == Exit.wrong_command
    assert said.err.startswith("error: There is no code named 'leak-suspect'. (code-unknown)\n")
    assert "'leak-suspected'" in said.err


def test_what_is_behind_a_model(mulle, shop):
    said = mulle("explain", "shop.mulle")
    assert said.code == 0
    assert "The target “bought”" in said.out
    told = json.loads(mulle("explain", "shop.mulle", "--format", "json").out)
    assert {"task-found", "parity-proved"} <= {d["code"] for d in told["decisions"]}
    assert all(d["sentence"] for d in told["decisions"])


def test_a_model_whose_run_is_elsewhere(mulle, shop, tmp_path, monkeypatch):
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    said = mulle("explain", "../shop.mulle")
    assert said.code == Exit.wrong_command
    assert "(run-not-here)" in said.err


def test_every_error_in_the_source_is_explained():
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(package.__file__).parent.rglob("*.py")
    )
    raised = set(
        re.findall(r"(?:Error|MissingFile|UnknownName)\(\s*\"([a-z]+(?:-[a-z]+)+)\"", text)
    )
    assert len(raised) > 40
    assert raised <= set(source.errors())


@pytest.mark.parametrize("row", ["met-errors", "store-layout", "split-three"])
def test_catalogue_ids_are_words_with_dashes(row):
    rows = source.catalogue()
    assert row in rows
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name) for name in rows)
