"""Names of runs: sortable, ASCII, unique."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.errors import RunError
from mulle.store import new_run_folder, new_run_id
from mulle.store.ids import ascii_stem

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@given(st.text(max_size=60))
def test_any_source_gives_a_name_that_every_file_system_takes(source: str) -> None:
    name = new_run_id(NOON, source)
    assert re.fullmatch(r"20261121-120000-[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{4}", name)
    assert len(name) <= 16 + 24 + 5


@given(st.integers(1, 10**8), st.text(max_size=8), st.text(max_size=8))
def test_names_sort_by_time(seconds: int, earlier: str, later: str) -> None:
    assert new_run_id(NOON, earlier) < new_run_id(NOON + timedelta(seconds=seconds), later)


def test_time_is_told_in_utc() -> None:
    seoul = NOON.astimezone(timezone(timedelta(hours=9)))
    assert new_run_id(seoul)[:15] == "20261121-120000"


@pytest.mark.parametrize(
    ("source", "stem"),
    [
        # The spellings are those of the official romanization, where it goes letter by letter.
        ("제주.csv", "jeju"),
        ("C:\\자료\\부산.xlsx", "busan"),
        ("한강", "hangang"),
        ("Größe.csv", "groe"),
        ("../..", "table"),
        ("🚀🚀.csv", "table"),
        ("con.csv", "con"),
        ("a" * 80 + ".csv", "a" * 24),
    ],
)
def test_stems(source: str, stem: str) -> None:
    assert ascii_stem(source) == stem


def test_a_folder_is_never_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digits = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(digits))
    first = new_run_folder(tmp_path / "runs", NOON, "t.csv")
    assert new_run_folder(tmp_path / "runs", NOON, "t.csv") != first
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").write_bytes(b"a file is in the way")
    with pytest.raises(RunError) as refusal:
        new_run_folder(tmp_path / "runs", NOON)
    assert refusal.value.code == "run-folder-failed"
