"""Images: a folder, a column of paths, and what is said without Pillow."""

import sys

import numpy as np
import polars as pl
import pytest

from mulle import explore
from mulle.errors import DataError


def test_without_pillow_the_card_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    (tmp_path / "a.png").write_bytes(b"")
    report = explore(tmp_path)
    summary = report.column("image")
    assert summary.code == "extra-missing"
    assert summary.fix == 'pip install "mulle[image]"'


def test_a_folder_without_images(tmp_path):
    with pytest.raises(DataError, match="no image"):
        explore(tmp_path)


def test_paths_that_lead_nowhere_are_words():
    report = explore(pl.DataFrame({"path": [f"{i % 3}.png" for i in range(30)]}))
    assert report.column("path").kind == "nominal"


@pytest.fixture
def pictures(tmp_path):
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for i, name in enumerate(["a", "b", "c"]):
        pixels = rng.integers(0, 256, (10, 20 + 10 * i, 3), dtype=np.uint8)
        image.fromarray(pixels).save(tmp_path / f"{name}.png")
    image.fromarray(np.full((10, 20), 255, np.uint8)).save(tmp_path / "white.png")
    (tmp_path / "copy.png").write_bytes((tmp_path / "a.png").read_bytes())
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    return tmp_path


def test_a_folder(pictures):
    summary = explore(pictures).column("image")
    assert (summary.opened, summary.unreadable, summary.duplicates) == (5, 1, 1)
    assert {m.value: m.count for m in summary.modes} == {"RGB": 4, "L": 1}
    assert summary.brightness.max == 1 and summary.width.max == 40
    assert summary.aspect.min == 2


def test_a_column_of_paths(pictures):
    frame = pl.DataFrame({"file": ["a.png", "b.png", "gone.png"], "y": [0, 1, 1]})
    summary = explore(frame, images=pictures).column("file")
    assert (summary.kind, summary.opened, summary.absent) == ("image", 2, 1)


def test_nothing_is_found_in_an_order_that_the_reading_made(tmp_path):
    for name in ("cats", "dogs"):
        (tmp_path / name).mkdir()
        for number in range(600):
            (tmp_path / name / f"{number}.png").write_bytes(b"")
    report = explore(tmp_path)
    assert [f.code for f in report.findings if f.code in {"M032", "M033"}] == []
    outcomes = {check.code: check.outcome for check in report.checks}
    assert outcomes["M033"] == "not-applicable"
    shuffled = explore(pl.DataFrame({"folder": ["cats"] * 600 + ["dogs"] * 600}))
    assert "M033" in [f.code for f in shuffled.findings]
