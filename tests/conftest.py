"""How the tests run: in parallel, one thread a worker, the same examples each time, in English.

New examples are looked for by `pytest --hypothesis-profile=search`; what is marked `long` runs with
`pytest -m long`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

os.environ["MULLE_LANG"] = "en"  # whatever the language of the machine that runs the tests
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[threads] = "1"

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None)
settings.load_profile("same")

Share = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Share:
    """`share(name, make)`: a folder that one worker fills with `make` and all of them read."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def shared(name: str, make: Callable[[Path], None]) -> Path:
        folder = base / "shared" / name
        folder.parent.mkdir(exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not (folder / "done").exists():
                folder.mkdir(exist_ok=True)
                make(folder)
                (folder / "done").touch()
        return folder

    return shared
