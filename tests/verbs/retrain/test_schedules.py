"""Schedules are read by what will read them: systemd, cron's grammar, YAML, the shell."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from mulle.errors import UnknownName, UsageError
from mulle.verbs.retrain.schedules import write_schedules

PLAIN = ["mulle", "retrain", "credit", "new.csv", "--old", "train.csv", "--trigger", "schedule"]
ODD = ["mulle", "retrain", "my models/100%.mulle", 'a "$b" \\c.csv', "--name", "가게"]
FIELD = r"(\*|\d+(-\d+)?)(/\d+)?(,\d+)*"


def written(kind: str, folder: Path, command: list[str], here: Path = Path("/srv/shop")) -> list:
    return write_schedules(kind, folder, command, name="my credit", here=here)


@pytest.mark.parametrize("command", [PLAIN, ODD], ids=["plain", "odd"])
def test_cron(tmp_path, command):
    (path,) = written("cron", tmp_path, command, Path("/srv/my shop"))
    lines = path.read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if not line.startswith("#")]
    found = re.fullmatch(rf"{FIELD} {FIELD} {FIELD} {FIELD} {FIELD} (?P<command>\S.*)", line)
    assert found
    run = found["command"]
    assert "%" not in run.replace(r"\%", "")  # an open % would end the command
    words = shlex.split(run.replace(r"\%", "%"))
    assert words == ["cd", "/srv/my shop", "&&", *command, ">>", "retrain-my-credit.log", "2>&1"]


def test_another_schedule_is_not_lost(tmp_path):
    (path,) = written("cron", tmp_path, PLAIN)
    written("cron", tmp_path, PLAIN)  # the same again loses nothing
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        written("cron", tmp_path, PLAIN)
    assert refused.value.code == "output-exists"
    assert path.read_text(encoding="utf-8") == "mine"
    write_schedules("cron", tmp_path, PLAIN, name="my credit", here=tmp_path, replace=True)
    assert "mulle retrain" in path.read_text(encoding="utf-8")


def sections(text: str) -> dict[str, dict[str, str]]:
    """An ini file in the plainest words."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            found[line.strip("[]")] = here = {}
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            here[key] = value
    return found


@pytest.mark.parametrize("command", [PLAIN, ODD], ids=["plain", "odd"])
def test_systemd(tmp_path, command):
    service, timer = written("systemd", tmp_path, command, tmp_path)
    unit = sections(service.read_text(encoding="utf-8"))
    assert set(unit) == {"Unit", "Service"}
    assert unit["Service"]["SuccessExitStatus"] == "3"
    line = unit["Service"]["ExecStart"].replace("%%", "%").replace("$$", "$")
    assert shlex.split(line) == ["/usr/bin/env", *command]
    assert sections(timer.read_text(encoding="utf-8"))["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
@pytest.mark.parametrize("command", [PLAIN, ODD], ids=["plain", "odd"])
def test_systemd_itself_finds_no_fault(tmp_path, command):
    paths = written("systemd", tmp_path, command, tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True
    )
    said = [line for line in done.stderr.splitlines() if "retrain-my-credit" in line]
    assert said == []
    spoiled = paths[1].read_text(encoding="utf-8").replace("*-*-* 03:30:00", "every night")
    paths[1].write_text(spoiled, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True
    )
    assert "Failed to parse calendar" in done.stderr  # it does look


def test_github_is_yaml(tmp_path):
    yaml = pytest.importorskip("yaml")
    (path,) = written("github", tmp_path, ODD)
    flow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert flow[True]["schedule"] == [{"cron": "30 3 * * *"}]  # YAML 1.1 takes `on` for true
    assert flow["jobs"]["retrain"]["permissions"] == {"contents": "write"}
    runs = [step["run"] for step in flow["jobs"]["retrain"]["steps"] if "run" in step]
    assert shlex.join(ODD) in runs[1]


def scripts(path: Path) -> list[str]:
    """The `run: |` blocks of a workflow, without their indentation."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^( +)run: \|\n((?:\1  .*\n)+)", text, flags=re.MULTILINE)
    return ["".join(line[len(pad) + 2 :] for line in body.splitlines(keepends=True))
            for pad, body in blocks]  # fmt: skip


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not here")
@pytest.mark.parametrize(("code", "ends"), [(0, 0), (3, 0), (1, 1), (2, 1)])
def test_the_workflow_fails_only_where_the_work_failed(tmp_path, code, ends):
    (path,) = written("github", tmp_path, ["sh", "-c", f"exit {code}"])
    assert "\t" not in path.read_text(encoding="utf-8")
    retrain, keep = scripts(path)
    output = tmp_path / "output"
    done = subprocess.run(
        ["bash", "-e", "-c", retrain], env={"GITHUB_OUTPUT": str(output), "PATH": "/usr/bin:/bin"}
    )
    assert done.returncode == ends
    assert output.read_text(encoding="utf-8") == f"code={code}\n"
    assert subprocess.run(["bash", "-n", "-c", keep]).returncode == 0


def test_the_workflow_keeps_the_registry(tmp_path):
    (path,) = write_schedules(
        "github", tmp_path, PLAIN, name="credit", here=tmp_path, registry="my models"
    )
    assert "for kept in 'my models/models' 'my models/models.json'" in scripts(path)[1]
    assert 'path: "my models/retrain/"' in path.read_text(encoding="utf-8")


def test_an_unknown_template_is_refused(tmp_path):
    with pytest.raises(UnknownName, match="no template named 'at'"):
        written("at", tmp_path, PLAIN)


@pytest.mark.parametrize("folder", [".", "new", "new/deep"])
def test_files_go_to_the_current_folder_or_to_a_new_one(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    (path,) = write_schedules("cron", Path(folder), PLAIN, name="credit", here=tmp_path)
    assert path.is_file()
    assert [each.name for each in (tmp_path / folder).iterdir()] == ["retrain-credit.cron"]
