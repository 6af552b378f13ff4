"""The container: a small Dockerfile that copies one file and runs as nobody in particular."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from mulle.bundle import load
from mulle.bundle.exports import export_docker
from mulle.bundle.exports.wheel import WHEEL

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
    copied = [json.loads(argument) for verb, argument in instructions(tmp_path) if verb == "COPY"]
    assert copied == [[WHEEL, "/wheels/"], [file, f"/models/{file}"]]
    assert said["USER"] == "10001" and said["EXPOSE"] == "8080"
    assert json.loads(said["ENTRYPOINT"]) == ["mulle", "serve"]
    assert json.loads(said["CMD"])[0] == f"/models/{file}"
    check = json.loads(said["HEALTHCHECK"].partition("CMD")[2])
    compile(check[2], "healthcheck", "exec")
    assert WHEEL in said["RUN"]
    served = load(tmp_path / file)
    assert served.graph == model.graph
    assert (tmp_path / ".dockerignore").read_text("utf-8") == f"*\n!{file}\n!{WHEEL}\n"


def test_the_request_in_the_readme_can_be_sent(tmp_path):
    model = load(GOLDEN / "binary.mulle")
    export_docker(model, tmp_path)
    readme = (tmp_path / "README.md").read_text("utf-8")
    curl = next(line for line in readme.splitlines() if "curl" in line)
    row = json.loads(shlex.split(curl)[-1])
    assert len(model.predict(row)) == 1


@pytest.fixture
def exported():
    """The export in a folder that every user may read, beside an empty one for the state."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "state").mkdir()
        export_docker(load(GOLDEN / "binary.mulle"), root / "image", name="binary")
        yield root


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="runs as another user")
def test_its_steps_serve_as_nobody_where_nothing_else_can_be_written(exported):
    image, state, venv = exported / "image", exported / "state", exported / "venv"
    user, python = _another_user()
    if user:
        os.chown(state, user["user"], user["group"])
    subprocess.run([python, "-m", "venv", venv], check=True)
    pip = [venv / "bin" / "pip", "install", "-q", "--no-compile"]
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([*pip, image / WHEEL], check=True, env=outside)
    for folder in (image, exported):
        folder.chmod(0o555)
    port = _free_port()
    said = dict(instructions(image))
    command = [*json.loads(said["ENTRYPOINT"]), *json.loads(said["CMD"])]
    command[0] = str(venv / "bin" / command[0])
    command = [part.replace("/models/", f"{image}/").replace("8080", str(port)) for part in command]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(state)}
    server = subprocess.Popen(command, cwd=state, env=environment, **user)
    try:
        _wait_until_ready(port, server)
        check = json.loads(said["HEALTHCHECK"].partition("CMD")[2])[2].replace("8080", str(port))
        subprocess.run([venv / "bin" / "python", "-c", check], check=True)
        readme = (image / "README.md").read_text("utf-8")
        row = shlex.split(next(line for line in readme.splitlines() if "curl" in line))[-1]
        assert "label" in _post(f"http://127.0.0.1:{port}/predict", row.encode())
        job = _post(f"http://127.0.0.1:{port}/jobs", f'{{"rows": [{row}]}}'.encode())
        assert job["id"]
    finally:
        server.terminate()
        server.wait(30)
        for folder in (exported, image):
            folder.chmod(0o755)


def _another_user():
    """Return the user that the server runs as, and a Python that this user may run.

    Nothing keeps root from writing; so root becomes nobody, who may not see root's own Python.
    """
    if os.geteuid():
        return {}, sys.executable
    import pwd

    nobody = pwd.getpwnam("nobody")
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        try:
            if subprocess.run([python, "-c", check], cwd="/", **user).returncode == 0:
                return user, python
        except OSError:
            continue
    pytest.skip("nobody may run no Python that is new enough")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(port, server):
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server is not ready after a minute")


def _post(url, body):
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
