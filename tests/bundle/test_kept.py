"""A replaced model file is kept where a rollback finds it."""

from __future__ import annotations

from mulle.bundle import kept_files, put
from mulle.bundle.kept import keep


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
