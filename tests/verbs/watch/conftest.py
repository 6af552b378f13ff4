"""A model that was fitted once, and its path."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from tests.conftest import Share
from tests.verbs.watch.made import table

import mulle


@pytest.fixture(scope="session")
def bundle(share: Share) -> Path:
    def make(folder: Path) -> None:
        with contextlib.chdir(folder):
            how = {
                "preset": "quick",
                "trials": 2,
                "kinds": {"note": "text"},
                "n_jobs": 1,
                "output": ".",
            }
            mulle.fit(table().drop("price"), "sold", **how)

    return share("watch-classes", make) / "table.mulle"


@pytest.fixture(scope="session")
def valued(share: Share) -> Path:
    """The same with a value to predict."""

    def make(folder: Path) -> None:
        frame = table(1500).drop("sold", "note", "day")
        with contextlib.chdir(folder):
            mulle.fit(frame, "price", preset="quick", trials=2, n_jobs=1, output=".")

    return share("watch-values", make) / "table.mulle"
