"""Help pages: every verb and option has its sentence in i18n, in both languages, and only there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import typer

import mulle.cli
from mulle.cli.app import app
from mulle.cli.help import HelpFormatter, help_keys, wrap
from mulle.i18n import Messages, set_language
from mulle.i18n.format import display_width

COMMAND = typer.main.get_command(app)
FILES = sorted(Path(mulle.cli.__file__).parent.glob("*.py"))
HELP = [key for key in Messages("en") if key.startswith("help.")]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_verb_and_option_has_its_sentence(lang):
    words = Messages(lang)
    missing = [keys[0] for keys in help_keys(COMMAND) if not any(key in words for key in keys)]
    assert missing == []


def test_no_sentence_is_left_over():
    used = {key for keys in help_keys(COMMAND) for key in keys}
    assert [key for key in HELP if key not in used] == []


def test_korean_help_is_korean():
    assert [key for key in HELP if not re.search("[가-힣]", Messages("ko")(key))] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_help_stands_in_the_code(path):
    given = [
        f"{path.name}:{call.lineno}"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", "") in {"Option", "Argument", "command", "add_typer"}
        for keyword in call.keywords
        if keyword.arg in {"help", "short_help"}
    ]
    assert given == []


@pytest.mark.parametrize("arguments", [["fit"], [], ["runs", "show"], ["keys"]], ids=str)
def test_a_page_is_in_the_language_of_the_person(mulle, arguments):
    english = mulle(*arguments, "--help").out
    korean = mulle(*arguments, "--help", "--lang", "ko").out
    assert english.startswith("Usage: mulle") and korean.startswith("사용법: mulle")
    for one, other in (("Options:", "옵션:"), ("Examples:", "예:"), ("exit.", "보여 줍니다.")):
        assert one in english and other not in english
        assert other in korean and one not in korean


def test_defaults_are_named_in_the_language(mulle):
    for lang, extra in (("ko", "[기본값: 20]"), ("en", "[default: 20]")):
        page = mulle("runs", "--help", "--lang", lang).out
        assert extra in " ".join(page.split())


def test_lines_are_no_wider_than_the_page(mulle, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("MULLE_LANG", "ko")
    page = mulle("explore", "--help").out
    prose = page.split("예:")[0].splitlines()
    assert max(map(display_width, prose)) <= 60
    assert any(display_width(line) > len(line) for line in prose)


def test_a_name_too_long_for_its_column_stands_alone():
    set_language("en")
    formatter = HelpFormatter(width=40)
    formatter.write_dl([("--a", "x " * 12), ("--" + "long" * 9, "y")])
    set_language(None)
    assert formatter.getvalue().splitlines() == [
        "--a" + " " * 29 + "x x x x x x x x x x",
        " " * 32 + "x x",
        "--" + "long" * 9,
        " " * 32 + "y",
    ]


def test_wrapping_counts_cells():
    assert wrap("가나다 라마바 abc", 10) == ["가나다", "라마바 abc"]
