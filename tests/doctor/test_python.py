"""Which Python runs: PATH, environments, the Store, conda."""

import os
import sys
import tomllib
from pathlib import Path

import pytest

from mulle.doctor import python

ROOT = Path(__file__).parents[2]


def make_python(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = folder / name
        path.write_text("#!/bin/sh\n", encoding="utf-8")
        path.chmod(0o755)
    return folder


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python of the whole system in tmp/usr/bin, first on PATH, with its pip."""
    folder = make_python(tmp_path / "usr" / "bin", "python", "pip")
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_EXE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "usr"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "usr"))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(python, "on_windows", lambda: False)
    return folder


def test_the_oldest_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={'.'.join(map(str, python.OLDEST))}"


def test_an_old_python_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    found = python.python_version()
    assert (found.status, found.what) == (
        "fail", "Python 3.9.2 is too old; mulle needs 3.11 or newer.",
    )  # fmt: skip


def test_a_python_of_the_system_is_noted(bare: Path) -> None:
    found = python.python_environment()
    assert found.status == "note"
    assert found.fix_command.endswith("-m venv .venv && . .venv/bin/activate")


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_another_environment_than_the_activated_is_warned_of(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    active = tmp_path / "active"
    active.mkdir()
    (active / "pyvenv.cfg").touch()
    monkeypatch.setenv(variable, str(active))
    found = python.python_environment()
    assert found.status == "warn"
    assert found.fix_command == f". {active}/bin/activate"
    monkeypatch.setattr(sys, "prefix", str(active))
    assert python.python_environment().status == "ok"


def test_several_pythons_can_live_together(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_python(tmp_path / "other", "python3")
    assert python.python_path().status == "ok"
    monkeypatch.setenv("PATH", os.pathsep.join([str(bare), str(other)]))
    assert python.python_path().status == "note"
    monkeypatch.setenv("PATH", os.pathsep.join([str(other), str(bare)]))
    found = python.python_path()
    assert found.status == "warn"
    assert found.what == f"`python` runs {other / 'python3'}, not {bare / 'python'}."


def test_a_link_to_the_same_python_is_no_other(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "python").symlink_to(bare / "python")
    monkeypatch.setenv("PATH", os.pathsep.join([str(bare), str(tmp_path / "links")]))
    assert python.python_path().values["found"] == [str(bare / "python")]


def test_a_pip_of_another_python_is_warned_of(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert python.python_pip().status == "ok"
    other = make_python(tmp_path / "other", "pip")
    monkeypatch.setenv("PATH", os.pathsep.join([str(other), str(bare)]))
    assert python.python_pip().status == "warn"
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert python.python_pip().fix_command == f"{bare / 'python'} -m ensurepip --upgrade"


def test_the_stub_of_the_store_is_warned_of(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert python.python_store().status == "ok"
    stub = make_python(tmp_path / "Microsoft" / "WindowsApps", "python")
    monkeypatch.setenv("PATH", str(stub))
    assert python.python_store().fix_command == "start ms-settings:advanced-apps"
    monkeypatch.setattr(sys, "base_prefix", str(stub))
    assert python.python_store().fix_command.startswith("winget install")


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        (None, "note"),
        ("channels:\n  - defaults\n", "note"),
        ("channels:\n  - conda-forge\n  - defaults\n", "note"),
        ("auto_activate_base: false\nchannels:\n- conda-forge # free\n", "ok"),
    ],
)
def test_the_channel_with_terms_is_noted(
    bare: Path, tmp_path: Path, settings: str | None, status: str
) -> None:
    assert python.conda_channels().what == "Python does not come from conda."
    (tmp_path / "usr" / "conda-meta").mkdir()
    if settings is not None:
        (tmp_path / "usr" / ".condarc").write_text(settings, encoding="utf-8")
    found = python.conda_channels()
    assert found.status == status
    assert ("--remove channels defaults" in found.fix_command) == (status == "note")
