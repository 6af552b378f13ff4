"""What is left out or in doubt has its sentences, in both languages, with all their blanks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mulle
from mulle.i18n import LANGUAGES, Messages
from mulle.table import read
from mulle.table.sentences import describe, describe_notation
from mulle.table.types.column import Doubt, LeftOut

SRC = Path(mulle.__file__).parent
GROUPS = {"LeftOut": "left-out", "Doubt": "doubt"}
GIVEN = {"left-out": {"column", "count", "rows"}, "doubt": {"column", "count"}}
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SRC.rglob("*.py")}


def made() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield each notice made in the source: group, code, and its values where they stand there."""
    for tree in TREES.values():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            group = GROUPS.get(node.func.id)
            code = next((k.value for k in node.keywords if k.arg == "code"), None)
            code = node.args[0] if node.args else code
            if group is None or code is None:
                continue
            for one in [] if isinstance(code, ast.JoinedStr) else ast.walk(code):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield group, one.value, values_of(node)


def values_of(call: ast.Call) -> set[str] | None:
    """The values of a notice by name; None where they are put together elsewhere."""
    given = next((k.value for k in call.keywords if k.arg == "values"), None)
    given = next((a for a in call.args if isinstance(a, ast.Dict)), given)
    if given is None:
        return None if len(call.args) > 3 else set()
    if not isinstance(given, ast.Dict) or None in given.keys:
        return None
    return {key.value for key in given.keys if isinstance(key, ast.Constant)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_notice_says_what_and_how_to_change_it(lang):
    words, lacking = Messages(lang), []
    for group, code, values in made():
        for part in ("what", "fix"):
            key = f"{group}.{code}.{part}"
            if key not in words:
                lacking.append(key)
            elif values is not None:
                lacking += [
                    f"{key} lacks {blank}"
                    for blank in sorted(words.blanks_of(key) - values - GIVEN[group])
                ]
    assert lacking == []


def test_no_sentence_is_for_a_notice_that_is_never_given():
    strings = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    keys = [key.split(".") for key in Messages("en")]
    codes = {parts[1] for parts in keys if parts[0] in GROUPS.values() and len(parts) == 3}
    composed = tuple(part for part in strings if re.fullmatch("[a-z]+-", part))  # of an f-string
    assert [code for code in codes - strings if not code.startswith(composed)] == []


@pytest.mark.parametrize("group", [LeftOut, Doubt])
def test_a_notice_without_sentence_is_listed_with_its_values(group):
    notice = describe(group("odd-code", "price", 3, values={"example": "x"}), Messages("en"))
    assert notice.what.startswith("odd-code") and "price" in notice.what and "x" in notice.what
    assert "mulle read" in notice.fix


def test_blanks_of_a_notice_are_filled():
    doubt = Doubt("cells-unread", "가격", 4, {"examples": ["품절", "1.2.3"], "distinct": 2})
    assert describe(doubt, Messages("ko")).what == (
        "가격은 글자로 둡니다. ‘품절’, ‘1.2.3’처럼 수로 읽을 수 없는 칸이 4개 있습니다."
    )
    assert "--missing 가격=" in describe(doubt, Messages("ko")).fix


@pytest.mark.parametrize(("cells", "unit"), [("KRW {}", "KRW"), ("{} °C", "°C"), ("{}kg", "kg")])
def test_a_unit_is_shown_as_it_is_written(cells, unit):
    table = read({"x": [cells.format(n) for n in (100, 250, 375)]})
    assert f"unit {unit}" in describe_notation(table.schema["x"], table.reading, Messages("en"))
