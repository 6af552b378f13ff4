"""A small sound bundle, and a way to write one that is not."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parents[1] / "bundle" / "golden" / "binary.mulle"


@pytest.fixture
def members() -> dict[str, bytes]:
    """The files of a sound bundle."""
    with zipfile.ZipFile(GOLDEN) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, bytes]], Path]:
    """Writes files as a bundle whose checksums are right, whatever is in them."""

    def written(members: dict[str, bytes], **zip_options: Any) -> Path:
        manifest = json.loads(members["bundle.json"])
        for name in manifest["checksums"]:
            manifest["checksums"][name] = hashlib.sha256(members[name]).hexdigest()
        path = tmp_path / "attack.mulle"
        with zipfile.ZipFile(path, "w", **zip_options) as archive:
            for name, data in (members | {"bundle.json": json.dumps(manifest).encode()}).items():
                archive.writestr(name, data)
        return path

    return written


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server that the attacks of one file share."""
    from tests.attacks.serving import Target

    server = Target(tmp_path_factory.mktemp("target"))
    yield server
    server.stop()
