"""The READMEs: their commands exist, and what they show still looks like what is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from mulle.cli import main
from mulle.cli.app import app

ROOT = Path(__file__).parents[1]
READMES = ["README.md", "README.ko.md"]
INSTALL, TEST = "pip install . && mulle demo", 'pip install ".[test]" && pytest'


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(name: str) -> list[list[str]]:
    """Each `mulle ...` that a README shows, split as a shell would."""
    shown = re.findall(r"(?:^\$ |&& |`)(mulle [^`\n&]+)", text_of(name), re.MULTILINE)
    return [shlex.split(command)[1:] for command in shown]


def shape(line: str) -> str:
    """A line with its numbers, names and times taken out."""
    line = re.sub(r"\.mulle/runs/\S+", "RUN", line)
    line = re.sub(r"\d[\d.,]*( × 10\S+)?", "N", line)
    return re.sub(
        r" +", " ", re.sub(r"(?<![A-Za-z])(ms|µs|s|B|KB|MB|초)(?![A-Za-z])", "UNIT", line)
    )


@pytest.mark.parametrize("name", READMES)
def test_both_commands_stand_first(name):
    first = text_of(name).split("```")[1].splitlines()
    assert first[0] == "console"
    assert first[1].startswith(f"$ {INSTALL}")
    assert [line for line in first[2:] if line.startswith("$ ")] == [f"$ {TEST}"]


@pytest.mark.parametrize("name", READMES)
def test_a_picture_stands_before_the_commands(name):
    head = text_of(name).split("```")[0]
    assert re.search(r"!\[.+\]\(docs/report-and-dashboard\.png\)", head)
    assert len(re.findall(r"^- \*\*", head, re.MULTILINE)) == 3  # reasons


def test_ci_runs_the_test_command_as_it_is_written():
    assert f"sh -c '{TEST}'" in text_of(".ci/run")


@pytest.mark.parametrize("name", READMES)
def test_every_command_exists(name):
    found = commands(name)
    assert len(found) >= 5
    for command in found:
        whole = known = typer.main.get_command(app)
        for word in command:
            known = getattr(known, "commands", {}).get(word, known)
        options = {o for group in (whole, known) for p in group.params for o in p.opts}
        given = {word for word in command if word.startswith("-")}
        assert known.name != "mulle", command
        assert given <= options | {"--help", "--lang"}, command


@pytest.mark.parametrize("name, lang", [("README.md", "en"), ("README.ko.md", "ko")])
def test_the_output_of_the_demo_has_this_shape(name, lang, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    from mulle.cli.demo_data import make_table

    data, target = make_table("breast_cancer")
    (tmp_path / "breast_cancer.csv").write_bytes(data)
    fast = ["--trials", "2", "--preset", "quick", "--jobs", "1", "--quiet", "--lang", lang]
    assert main(["fit", "breast_cancer.csv", "--target", target, *fast]) == 0
    printed = [shape(line) for line in capfd.readouterr().out.splitlines()]
    lines = text_of(name).splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("$ pip install . "))
    shown = [shape(line) for line in lines[begin + 1 : begin + 1 + len(printed)]]
    free = re.compile(r" (time|made of|시간|구성) ")  # these say what this run did
    assert [re.split(free, s)[0] for s in shown] == [re.split(free, p)[0] for p in printed]
    assert [free.findall(s)[:1] for s in shown] == [free.findall(p)[:1] for p in printed]
    assert lines[begin + 1 + len(printed)] == f"$ {TEST}"


def test_the_test_run_is_shown_with_its_numbers():
    lines = text_of("README.md").splitlines()
    shown = lines[lines.index(f"$ {TEST}") + 1]
    assert re.match(r"=* ?[1-9][\d,]* passed", shown)


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md"])
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)#]+)\)", text_of(name)):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_the_version_has_its_changes():
    import mulle

    assert f"\n## {mulle.__version__}\n" in text_of("CHANGELOG.md")
