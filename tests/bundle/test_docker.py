"""The container: a small Dockerfile that copies one file and runs as nobody in particular."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

import mulle
from mulle.bundle import load
from mulle.bundle.exports import export_docker

GOLDEN = Path(__file__).parent / "golden"


def instructions(folder):
    """(instruction, argument), lines that go on joined."""
    text = (folder / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("churn", "churn.mulle"),
        ("집값 v2", "집값-v2.mulle"),
        ('"; rm', "rm.mulle"),
        ("..", "model.mulle"),
    ],
)
def test_the_dockerfile(name, file, tmp_path):
    model = load(GOLDEN / "binary.mulle")
    paths = export_docker(model, tmp_path, name=name)
    assert all(path.is_file() for path in paths)
    said = dict(instructions(tmp_path))
    assert said["FROM"].startswith("python:3.") and said["FROM"].endswith("-slim")
    assert json.loads(said["COPY"]) == [file, f"/models/{file}"]
    assert said["USER"] == "10001" and said["EXPOSE"] == "8080"
    assert json.loads(said["ENTRYPOINT"]) == ["mulle", "serve"]
    assert json.loads(said["CMD"])[0] == f"/models/{file}"
    check = json.loads(said["HEALTHCHECK"].partition("CMD")[2])
    compile(check[2], "healthcheck", "exec")
    assert f"mulle=={mulle.__version__}" in said["ARG"]
    served = load(tmp_path / file)
    assert served.graph == model.graph
    assert (tmp_path / ".dockerignore").read_text("utf-8") == f"*\n!{file}\n"


def test_the_request_in_the_readme_can_be_sent(tmp_path):
    model = load(GOLDEN / "binary.mulle")
    export_docker(model, tmp_path)
    readme = (tmp_path / "README.md").read_text("utf-8")
    curl = next(line for line in readme.splitlines() if "curl" in line)
    row = json.loads(shlex.split(curl)[-1])
    assert len(model.predict(row)) == 1
