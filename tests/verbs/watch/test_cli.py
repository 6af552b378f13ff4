"""`mulle watch` in a terminal: the verdict first, machines served, the gate kept."""

import json

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
