"""The wheel that an export carries: what pip installs is the package that is running."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import mulle
from mulle.bundle.exports import wheel
from mulle.bundle.exports.wheel import WHEEL, write_wheel
from mulle.errors import RunError

PACKAGE = Path(mulle.__file__).parent


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_wheel(tmp_path_factory.mktemp("wheel"))


def test_it_holds_every_file_of_the_package(written):
    with zipfile.ZipFile(written) as archive:
        assert archive.testzip() is None
        inside = {name: archive.read(name) for name in archive.namelist()}
    for path in PACKAGE.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            assert inside[path.relative_to(PACKAGE.parent).as_posix()] == path.read_bytes()
    assert not any(name.endswith(".pyc") for name in inside)


def test_its_record_names_every_member_with_its_digest(written):
    with zipfile.ZipFile(written) as archive:
        record = f"mulle-{mulle.__version__}.dist-info/RECORD"
        rows = list(csv.reader(archive.read(record).decode().splitlines()))
        assert {row[0] for row in rows} == set(archive.namelist())
        for name, digest, size in rows:
            if name == record:
                continue
            content = archive.read(name)
            found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            assert digest == f"sha256={found.decode()}" and int(size) == len(content)


def test_pip_installs_it_with_its_command(written, tmp_path):
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", tmp_path, written], check=True)
    (found,) = importlib.metadata.distributions(name="mulle", path=[str(tmp_path)])
    assert found.version == mulle.__version__
    assert found.requires == importlib.metadata.requires("mulle")
    assert [entry.value for entry in found.entry_points] == ["mulle.__main__:main"]


def test_two_wheels_are_the_same_to_the_byte(written, tmp_path):
    assert write_wheel(tmp_path).read_bytes() == written.read_bytes()
    assert written.name == WHEEL


def test_files_that_were_never_installed_are_refused(monkeypatch, tmp_path):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(wheel, "distribution", absent)
    with pytest.raises(RunError, match="never installed"):
        write_wheel(tmp_path)
