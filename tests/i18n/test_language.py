"""The language of a process reaches its threads and children; a block's language ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mulle.i18n import current_language, in_language, set_language


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("MULLE_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    yield
    set_language(None)


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({"LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_ALL": "ko_KR.UTF-8", "MULLE_LANG": "en"}, "en"),
    ],
)
def test_the_environment_decides_by_the_first_variable(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], lang: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert current_language() == lang


def test_threads_speak_the_language_of_the_process() -> None:
    set_language("ko")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(current_language).result() == "ko"


def test_children_inherit_it() -> None:
    code = "from mulle.i18n import current_language; print(current_language())"
    set_language("ko")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "ko\n"


def test_going_back_restores_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    set_language("ko")
    set_language("en")
    set_language(None)
    assert "MULLE_LANG" not in os.environ
    monkeypatch.setenv("MULLE_LANG", "ko")
    set_language("en")
    assert os.environ["MULLE_LANG"] == "en"
    set_language(None)
    assert os.environ["MULLE_LANG"] == "ko" and current_language() == "ko"


def test_a_block_ends_and_stays_in_its_thread() -> None:
    with in_language("ko"):
        assert current_language() == "ko"
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(current_language).result() == "en"
    assert current_language() == "en"
