"""A replaced model file is kept where a rollback finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mulle.bundle import hold_place, kept_files, put, put_back
from mulle.bundle.archive import unpack_archive
from mulle.bundle.kept import keep
from mulle.errors import RunError

GOLDEN = Path(__file__).parent / "golden" / "binary.mulle"


def test_what_stood_there_is_kept_in_its_order(tmp_path):
    path = tmp_path / "credit.mulle"
    for content in (b"first", b"second", b"third"):
        put(path, content)
    assert path.read_bytes() == b"third"
    assert [file.read_bytes() for file in kept_files(path)] == [b"first", b"second"]
    assert [file.name[:4] for file in kept_files(path)] == ["0001", "0002"]


def test_nothing_is_kept_where_nothing_stood(tmp_path):
    put(tmp_path / "credit.mulle", b"first")
    assert not (tmp_path / ".mulle").exists()


def test_the_same_bytes_are_kept_once_in_a_row(tmp_path):
    path = tmp_path / "credit.mulle"
    assert keep(path, b"first") == keep(path, b"first")
    assert len(kept_files(path)) == 1


def test_the_newest_five_are_kept(tmp_path):
    path = tmp_path / "credit.mulle"
    for number in range(12):
        put(path, b"%d" % number)
    assert [file.read_bytes() for file in kept_files(path)] == [b"6", b"7", b"8", b"9", b"10"]
    assert kept_files(path)[-1].name.startswith("0011-")


def test_files_of_another_name_or_origin_are_not_taken_for_kept_ones(tmp_path):
    path = tmp_path / "credit.mulle"
    put(path, b"first")
    put(path, b"second")
    (kept_files(path)[0].parent / "mine.mulle").write_bytes(b"of a person")
    put(tmp_path / "credit2.mulle", b"other")
    put(tmp_path / "credit2.mulle", b"other again")
    assert [file.read_bytes() for file in kept_files(path)] == [b"first"]


def test_a_file_that_is_put_over_itself_is_not_kept(tmp_path):
    path = tmp_path / "credit.mulle"
    put(path, b"first")
    put(path, b"first")
    assert kept_files(path) == []


PAGE = '<meta name="generator" content="mulle 1"><title>Predicting {}</title>{}'


@pytest.fixture
def fits(tmp_path):
    """Two bundles of one target with their reports, the second in the place of the first."""
    path, page = tmp_path / "credit.mulle", tmp_path / "credit.html"
    data = [GOLDEN.read_bytes(), GOLDEN.with_name("multiclass.mulle").read_bytes()]
    targets = [unpack_archive(one, "")[0].target.name for one in data]
    for one, target in zip(data, targets, strict=True):
        put(path, one)
        page.write_text(PAGE.format(target, "old" if one is data[0] else "new"), "utf-8")
    return path, page, data


def test_a_rollback_brings_the_report_back_with_its_model(fits):
    path, page, (old, new) = fits
    [kept] = kept_files(path)
    put_back(path, kept, kept.read_bytes())
    assert path.read_bytes() == old
    assert page.read_text("utf-8").endswith("old")
    aside = path.parent / ".mulle" / "kept" / "credit"
    assert (aside / "rolled-back.mulle").read_bytes() == new
    assert (aside / "rolled-back.html").read_text("utf-8").endswith("new")
    assert kept_files(path) == [] and len([*aside.iterdir()]) == 2


def test_a_report_without_its_model_does_not_stay(fits):
    path, page, _ = fits
    [kept] = kept_files(path)
    kept.with_suffix(".html").unlink()  # as where none was written
    put_back(path, kept, kept.read_bytes())
    assert not page.exists()


def test_a_page_of_a_person_stays_as_it_is(fits):
    path, page, _ = fits
    page.write_text("<title>Predicting nothing</title>mine", "utf-8")
    [kept] = kept_files(path)
    put_back(path, kept, kept.read_bytes())
    assert page.read_text("utf-8").endswith("mine")


def test_reports_go_with_their_models(fits):
    path, _, (old, new) = fits
    for _ in range(5):
        put(path, old)
        put(path, new)
    aside = kept_files(path)[0].parent
    assert len(kept_files(path)) == 5
    assert len([*aside.glob("*.html")]) <= 5


def test_one_program_at_a_time_moves_what_stands_at_a_place(tmp_path, monkeypatch):
    monkeypatch.setattr("mulle.bundle.kept.MAX_WAIT_SECONDS", 0.0)
    with hold_place(tmp_path / "credit.mulle"):
        with pytest.raises(RunError) as busy, hold_place(tmp_path / "credit.mulle"):
            pass
        assert busy.value.code == "place-busy"
        with hold_place(tmp_path / "other.mulle"):
            pass
