"""A champion of the old rows, and new rows that say the opposite."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from tests.conftest import Share
from tests.verbs.retrain.world import QUICK, rows_of_the_shop

import mulle


@pytest.fixture(scope="session")
def shop(share: Share) -> Path:
    """A folder with the tables, and `shop.mulle` fitted on the old one."""

    def make(folder: Path) -> None:
        rows_of_the_shop(300, 0).write_csv(folder / "old.csv")
        rows_of_the_shop(300, 1, turned=True, day=60).write_csv(folder / "new.csv")
        with contextlib.chdir(folder):
            result = mulle.fit("old.csv", target="sold", time_column="day", output=".", **QUICK)
            result.bundle.rename("shop.mulle")

    return share("retrain-shop", make)


@pytest.fixture
def here(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder, copied to where the test stands."""
    shutil.copytree(shop, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path
