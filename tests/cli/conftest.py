"""Calling the command in this process, in a folder of its own, with a small model at hand."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import Share

from mulle.cli import main


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Mulle = Callable[..., Outcome]

ROWS = [
    (i % 7, ["서울", "부산", "대구"][i % 3], i * 3 % 11, "yes" if i % 2 else "no")
    for i in range(60)
]
CSV = "age,city,visits,bought\n" + "".join(f"{a},{c},{v},{b}\n" for a, c, v, b in ROWS)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def mulle(capfd: pytest.CaptureFixture[str]) -> Mulle:
    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = main([str(a) for a in arguments])
        out, err = capfd.readouterr()
        return Outcome(int(code), out, err)

    return call


@pytest.fixture(scope="session")
def fitted(share: Share) -> Path:
    """A folder in which `shop.csv` was fitted."""

    def make(folder: Path) -> None:
        (folder / "shop.csv").write_text(CSV, encoding="utf-8")
        options = ["--trials", "2", "--preset", "quick", "--jobs", "1", "--quiet"]
        with contextlib.chdir(folder):
            assert main(["fit", "shop.csv", "--target", "bought", *options]) == 0

    return share("cli-shop", make)


@pytest.fixture
def shop(fitted: Path, tmp_path: Path) -> Path:
    """The same folder, copied to where the test stands."""
    shutil.copytree(fitted, tmp_path, dirs_exist_ok=True)
    return tmp_path
