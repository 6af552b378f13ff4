"""Which Python runs, whether it is the one meant, and where its packages come from.

catalogue  env-python-missing env-store-python env-path env-conflict env-create env-ide
           env-miniforge lic-conda
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from mulle.doctor.check import CheckResult, join_commands, on_windows, quote, this_python

OLDEST = (3, 11)  # requires-python of pyproject.toml
_NEW = "python -m pip install uv", "python -m uv venv --python 3.11"


def python_version() -> CheckResult:
    """Is this Python new enough?"""
    version = ".".join(map(str, sys.version_info[:3]))
    values = {"version": version, "executable": sys.executable}
    if sys.version_info[:2] < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        values["oldest"] = oldest
        return CheckResult("python-version", "fail", "old", values, join_commands(*_NEW))
    return CheckResult("python-version", "ok", "fine", values)


def python_environment() -> CheckResult:
    """Is this an environment of its own, and the one that the shell has activated?"""
    active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX") or ""
    values = {"prefix": sys.prefix, "activated": active}
    if active and not _same(active, sys.prefix):
        return CheckResult("python-environment", "warn", "other", values, _activate(active))
    if sys.prefix == sys.base_prefix and not (Path(sys.prefix) / "conda-meta").is_dir():
        return CheckResult("python-environment", "note", "shared", values, _new_environment())
    return CheckResult("python-environment", "ok", "fine", values)


def python_path() -> CheckResult:
    """Which Pythons does PATH offer, and is the first of them the one that runs?"""
    found = _pythons()
    values: dict[str, Any] = {"found": [str(p) for p in found], "running": sys.executable}
    if not found:
        return CheckResult("python-path", "note", "none", values, _activate(sys.prefix))
    values |= {"first": str(found[0]), "count": len(found)}
    if not _same(found[0].parent, Path(sys.executable).parent):
        return CheckResult("python-path", "warn", "other", values, _activate(sys.prefix))
    if len(found) > 1 and sys.prefix == sys.base_prefix:
        return CheckResult("python-path", "note", "several", values, _new_environment())
    return CheckResult("python-path", "ok", "fine", values)


def python_pip() -> CheckResult:
    """Do `python` and `pip` belong together?"""
    pip = shutil.which("pip")
    values = {"pip": pip or "", "python": sys.executable}
    if pip is None:
        return CheckResult(
            "python-pip", "note", "none", values, this_python("-m ensurepip --upgrade")
        )
    # On Windows pip.exe lies in Scripts\ beside (or below) python.exe.
    folders = {Path(sys.executable).parent, Path(sys.executable).parent / "Scripts"}
    if not any(_same(Path(pip).parent, folder) for folder in folders):
        return CheckResult("python-pip", "warn", "other", values, _activate(sys.prefix))
    return CheckResult("python-pip", "ok", "fine", values)


def python_store() -> CheckResult:
    """Is `python` the Microsoft Store's stub, or a Python installed from the Store?"""
    stub = shutil.which("python") or ""
    values = {"python": stub, "base_prefix": sys.base_prefix}
    install = "winget install --exact --id Python.Python.3.11"
    if "windowsapps" in sys.base_prefix.lower():
        return CheckResult("python-store", "warn", "installed", values, install)
    if "windowsapps" in stub.lower():
        return CheckResult(
            "python-store", "warn", "alias", values, "start ms-settings:advanced-apps"
        )
    return CheckResult("python-store", "ok", "fine", values)


def conda_channels() -> CheckResult:
    """Does conda take packages from the channel whose terms are paid above 200 employees?"""
    root = _conda_root()
    if root is None:
        return CheckResult("conda-channels", "ok", "no-conda")
    channels = _channels(root)
    values = {"root": str(root), "channels": channels or ["defaults"]}
    if channels and "defaults" not in channels:
        return CheckResult("conda-channels", "ok", "fine", values)
    fix = join_commands(
        "conda config --add channels conda-forge",
        "conda config --set channel_priority strict",
        "conda config --remove channels defaults",
    )
    return CheckResult("conda-channels", "note", "defaults", values, fix)


def _same(left: str | Path, right: str | Path) -> bool:
    """Whether two paths are one place, whatever their spelling."""
    return os.path.normcase(Path(left).absolute()) == os.path.normcase(Path(right).absolute())


def _activate(prefix: str) -> str:
    """The command that puts the environment of `prefix` first."""
    if (Path(prefix) / "conda-meta").is_dir():
        return f"conda activate {quote(prefix)}"
    if not (Path(prefix) / "pyvenv.cfg").exists():
        return _new_environment()
    script = Path(prefix) / ("Scripts/Activate.ps1" if on_windows() else "bin/activate")
    return f". {quote(str(script))}"


def _new_environment() -> str:
    activate = r". .venv\Scripts\Activate.ps1" if on_windows() else ". .venv/bin/activate"
    return join_commands(this_python("-m venv .venv"), activate)


def _pythons() -> list[Path]:
    """The first Python of each folder on PATH, without those that are links to one listed."""
    names = ("python.exe", "python3.exe") if on_windows() else ("python", "python3")
    found: dict[str, Path] = {}
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for name in names:
            path = Path(folder or ".") / name
            if path.is_file():
                # A venv links to its base, and is still another Python: hence the prefix.
                within = folder if (path.parent.parent / "pyvenv.cfg").exists() else ""
                found.setdefault(f"{within}|{path.resolve()}", path)
                break
    return list(found.values())


def _conda_root() -> Path | None:
    """The base of the conda that this Python or this shell belongs to."""
    if executable := os.environ.get("CONDA_EXE"):
        return Path(executable).parent.parent
    if (Path(sys.base_prefix) / "conda-meta").is_dir():
        return Path(sys.base_prefix)
    return None


def _channels(root: Path) -> list[str]:
    """The channels that conda's settings name; empty where none do, which means `defaults`."""
    channels: list[str] = []
    places = (Path.home(), root, Path(os.environ.get("CONDA_PREFIX", root)))
    for path in dict.fromkeys(place / ".condarc" for place in places):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            block = re.search(r"^channels:\s*\n((?:[ \t]*-.*\n?)+)", text, re.MULTILINE)
            channels += re.findall(r"-\s*([^\s#]+)", block[1]) if block else []
    return list(dict.fromkeys(channels))
