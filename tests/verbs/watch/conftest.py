"""A model that was fitted once, and its path."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.verbs.watch.made import table

import mulle


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watch")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        how = {"preset": "quick", "trials": 2, "kinds": {"note": "text"}, "n_jobs": 1}
        return folder / mulle.fit(table().drop("price"), "sold", **how).bundle


@pytest.fixture(scope="session")
def valued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a value to predict."""
    folder = tmp_path_factory.mktemp("valued")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        frame = table(1500).drop("sold", "note", "day")
        return folder / mulle.fit(frame, "price", preset="quick", trials=2, n_jobs=1).bundle
