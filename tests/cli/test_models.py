"""`mulle models`: what a person does with versions, without a line of Python."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from tests.bundle.test_trial import repeat, rewritten

from mulle.bundle import load, write_archive
from mulle.cli import Exit

GOLDEN = Path(__file__).parents[1] / "bundle" / "golden"


def version(number: int, path: str = "m.mulle") -> str:
    """Write another version of the golden model, which differs in its lineage."""
    model = load(GOLDEN / "binary.mulle")
    manifest = msgspec.structs.replace(model.manifest, lineage={"run": f"run-{number}"})
    write_archive(Path(path), manifest, model.members)
    return path


@pytest.fixture
def two(mulle):
    """A name with two versions, of which the first serves."""
    for number in (1, 2):
        assert mulle("models", "register", "cars", version(number)).code == Exit.done


def aliases(mulle) -> dict[int, list[str]]:
    listed = json.loads(mulle("models", "list", "cars", "--format", "json").out)
    return {one["version"]: one["aliases"] for one in listed}


def test_the_first_version_serves_and_the_next_is_promoted(mulle):
    said = mulle("models", "register", "cars", version(1))
    assert (said.code, said.err) == (Exit.done, "")
    assert said.out == "m.mulle is version 1 of cars.\nnext: mulle serve cars\n"
    said = mulle("models", "register", "cars", version(2))
    assert said.out == "m.mulle is version 2 of cars.\nnext: mulle models promote cars\n"
    assert aliases(mulle) == {2: [], 1: ["champion"]}
    said = mulle("models", "promote", "cars", "--reason", "new rows")
    assert said.out == "cars serves version 2; version 1 stepped down.\n"
    assert aliases(mulle) == {2: ["champion"], 1: ["previous"]}
    assert mulle("retrain", "--history", "cars").out.splitlines()[-1].endswith("version 2")
    said = mulle("models", "rollback", "cars")
    assert said.out == "cars serves version 1 again; version 2 stepped down.\n"
    assert mulle("rollback", "cars", "--to", "2").out.startswith("cars serves version 2 again")


def test_list_in_both_languages(mulle, two):
    lines = mulle("models", "list").out.splitlines()
    assert lines[0].split() == ["model", "version", "points", "at", "it", "registered", "checksum"]
    assert [line.split()[:2] for line in lines[1:]] == [["cars", "2"], ["cars", "1"]]
    korean = mulle("models", "list", "--lang", "ko").out.splitlines()
    assert korean[0].split() == ["모델", "버전", "별칭", "등록", "체크섬"]
    assert [line.split() for line in korean[1:]] == [line.split() for line in lines[1:]]


def test_show_says_what_it_predicts_and_from_what(mulle, two):
    shown = json.loads(mulle("models", "show", "cars", "--format", "json").out)
    assert (shown["version"], shown["target"], shown["labels"]) == (1, "sold", [False, True])
    assert shown["columns"] == ["mileage", "city", "first day", 'a "memo" 메모']
    assert Path(shown["path"]).is_file() and shown["run"] == "run-1"
    assert json.loads(mulle("models", "show", "cars:2", "--format", "json").out)["run"] == "run-2"
    text = mulle("models", "show", "cars@champion", "--lang", "ko").out
    assert "타깃" in text and "두 클래스 분류" in text


def test_a_pinned_version_stays(mulle, two):
    assert mulle("models", "pin", "cars").out == "cars stays at version 1.\n"
    said = mulle("models", "promote", "cars")
    assert said.code == 2 and "cars is pinned at version 1. (model-pinned)" in said.err
    said = mulle("models", "pin", "cars", "--off", "--format", "json")
    assert json.loads(said.out) == {"model": "cars", "version": 1, "pinned": False}
    assert mulle("models", "promote", "cars").code == Exit.done


def test_another_model_takes_over_only_on_purpose(mulle, two):
    assert mulle("models", "register", "cars", GOLDEN / "regression.mulle").code == Exit.done
    said = mulle("models", "promote", "cars")
    assert said.code == 2 and "(model-other-target)" in said.err and "--replace" in said.err
    assert aliases(mulle)[1] == ["champion"]
    assert mulle("models", "promote", "cars", "--replace").code == Exit.done
    assert aliases(mulle)[3] == ["champion"]


def test_a_version_that_was_changed_is_not_promoted(mulle, two):
    path = json.loads(mulle("models", "show", "cars:2", "--format", "json").out)["path"]
    shutil.copy(GOLDEN / "regression.mulle", path)
    said = mulle("models", "promote", "cars")
    assert said.code == 1 and "(bundle-replaced)" in said.err
    assert aliases(mulle)[1] == ["champion"]


def test_what_answers_wrongly_is_not_registered(mulle, tmp_path):
    rewritten(tmp_path / "w.mulle", GOLDEN / "binary.mulle", repeat(1, 2))
    said = mulle("models", "register", "cars", "w.mulle")
    assert said.code == 1 and "(trial-rows)" in said.err
    assert mulle("models", "list").out.startswith("No model is registered in this folder.")


def test_a_file_takes_its_challenger(mulle):
    version(1)
    version(2, "m.challenger.mulle")
    before = Path("m.mulle").read_bytes()
    said = mulle("models", "promote", "m.mulle")
    assert said.out == "m.mulle is the new file; the one before is kept.\n"
    assert Path("m.mulle").read_bytes() != before
    assert not Path("m.challenger.mulle").exists()
    assert mulle("models", "rollback", "m.mulle").code == Exit.done
    assert Path("m.mulle").read_bytes() == before
    assert Path(".mulle/kept/m/rolled-back.mulle").is_file()


def test_rollbacks_of_a_file_go_back_one_by_one(mulle):
    contents = []
    for number in (1, 2, 3):
        if number > 1:
            version(number, "m.challenger.mulle")
            assert mulle("models", "promote", "m.mulle").code == Exit.done
        else:
            version(1)
        contents.append(Path("m.mulle").read_bytes())
    for expected in (contents[1], contents[0]):
        assert mulle("rollback", "m.mulle").code == Exit.done
        assert Path("m.mulle").read_bytes() == expected
    assert "no earlier model to go back to" in mulle("rollback", "m.mulle").err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["register", "cars", "no.mulle"], "bundle-missing"),
        (["register", "12", "m.mulle"], "model-name"),
        (["list", "cars"], "models-none"),
        (["list", "--registry", "no"], "registry-missing"),
        (["show", "cars"], "models-none"),
        (["promote", "cars"], "models-none"),
        (["promote", "m.mulle"], "challenger-missing"),
        (["pin", "cars"], "models-none"),
        (["pin", "m.mulle"], "pin-file"),
        (["rollback", "cars"], "models-none"),
    ],
)
def test_refusals(mulle, arguments, error):
    version(1)
    Path(".mulle").mkdir()
    said = mulle("models", *arguments)
    assert said.code == 2 and said.out == ""
    assert f"({error})" in said.err and "\nhint: " in said.err


def test_a_version_that_serves_already(mulle, two):
    said = mulle("models", "promote", "cars", "--to", "1", "--lang", "ko")
    assert said.code == 2 and "cars의 버전 1은 이미 champion입니다." in said.err
    assert "(version-unknown)" in mulle("models", "promote", "cars", "--to", "9").err
