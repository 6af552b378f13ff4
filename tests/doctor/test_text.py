"""Encodings and paths of machines that are not set to UTF-8."""

import locale
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mulle.doctor import text


@pytest.mark.parametrize(
    ("name", "status"), [("UTF-8", "ok"), ("cp65001", "ok"), ("cp949", "note"), ("odd", "note")]
)
def test_locale_encoding(monkeypatch: pytest.MonkeyPatch, name: str, status: str) -> None:
    monkeypatch.setattr(locale, "getpreferredencoding", lambda _=True: name)
    assert text.locale_encoding().status == status


@pytest.mark.parametrize(
    ("encoding", "lost"),
    [("utf-8", []), ("cp949", ["é", "✓"]), ("ascii", list("물레é±→✓")), ("cp1252", list("물레→✓"))],
)
def test_console_encoding_in_a_real_process(encoding: str, lost: list[str]) -> None:
    code = "import sys; from mulle.doctor import text; print(ascii(text.console_encoding().values))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == ascii({"encoding": encoding, "lost": lost})


def test_a_file_system_without_hangul_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert text.filesystem_encoding().status == "ok"
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")
    assert text.filesystem_encoding().status == "warn"


def test_a_temporary_folder_with_hangul_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOBLIB_TEMP_FOLDER", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "홍길동"))
    found = text.temp_path()
    assert (found.status, found.values["folder"]) == ("warn", str(tmp_path / "홍길동"))
    assert "JOBLIB_TEMP_FOLDER" in found.fix_command
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path))
    assert text.temp_path().status == "ok"


def test_a_working_folder_with_hangul_is_noted_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "자료").mkdir()
    monkeypatch.chdir(tmp_path / "자료")
    monkeypatch.setattr(text, "on_windows", lambda: False)
    assert text.working_path().status == "ok"
    monkeypatch.setattr(text, "on_windows", lambda: True)
    assert text.working_path().status == "note"
