"""The sentences are complete: every error has both, in both languages, with all its blanks."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mulle import errors as classes
from mulle.i18n.messages import _flat, blanks

SRC = Path(classes.__file__).parent
ROOMS = sorted(path.stem for path in (SRC / "i18n" / "en").glob("*.toml"))
# Groups whose entries may be names or signs alone, the same in both languages.
NAMES = {"metric", "step", "transform", "distance", "example"}
SIGNS = {"report.in-plans", "explore.from-to", "explore.at-least",
         "explore.omitted", "explain.repair", "model-card.model", "model-card.rows",
         "fit-summary.alone", "fit-summary.members-all"}  # fmt: skip
# A fix that is nothing but what to type.
CODE = re.compile(r"(mulle |pip |git |--|\{usage\}|\{option\}|[\w.]+\(|[\w.]+ = )")
# Blanks that a class of errors gives itself.
GIVEN = {
    "UnknownName": {"sort", "name", "names", "more"},
    "MissingExtra": {"library", "extra", "purpose"},
}
ERRORS = {name for name, value in vars(classes).items() if isinstance(value, type)
          and issubclass(value, classes.MulleError)} | {"HTTPError"}  # fmt: skip


@cache
def entries(lang: str, room: str) -> dict[str, str]:
    text = (SRC / "i18n" / lang / f"{room}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text)))


@cache
def every(lang: str) -> dict[str, str]:
    return {key: text for room in ROOMS for key, text in entries(lang, room).items()}


@cache
def trees() -> dict[Path, ast.Module]:
    paths = sorted(SRC.rglob("*.py"))
    return {p.relative_to(SRC): ast.parse(p.read_text(encoding="utf-8")) for p in paths}


@cache
def raised() -> list[tuple[Path, int, str, str, frozenset[str] | None]]:
    """Where errors are made: file, line, class, code, and the values given; None where by `**`."""
    found = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name not in ERRORS:
                continue
            if name == "MissingExtra":
                found.append((path, node.lineno, name, "extra-missing", None))
                continue
            words = {keyword.arg for keyword in node.keywords}
            given = None if None in words else frozenset(w for w in words if w)
            for code in codes_of(node):
                found.append((path, node.lineno, name, code, given))
    return found


def codes_of(call: ast.Call) -> Iterator[str]:
    """The codes that a call may have, where they are written there."""
    code: Any = next((k.value for k in call.keywords if k.arg == "code"), None)
    if call.args:  # an error of HTTP begins with its status
        code = next((a for a in call.args[:2] if not _is_number(a)), None)
    for node in ast.walk(code) if code is not None else ():
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", value):
            yield value


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


@cache
def constants() -> set[str]:
    """Every string of the source, and the fixed parts of its f-strings."""
    return {
        node.value
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def room_of(path: Path) -> str:
    parts = path.parts
    if parts[0] == "verbs":
        return parts[1]
    return parts[0] if len(parts) > 1 else "ground"


def untranslated(room: str) -> list[str]:
    """Korean entries of a room without a letter of Hangul that are not names or code."""
    found = []
    for key, text in entries("ko", room).items():
        group, own = key.partition(".")[0], re.search("[가-힣]", text)
        code = key.endswith(".fix") and CODE.match(text) and text == entries("en", room)[key]
        value = ".example." in key  # what a blank may hold, the same in both languages
        if not own and not code and not value and group not in NAMES and key not in SIGNS:
            found.append(key)
    return found


def without_a_sentence(room: str) -> list[str]:
    """Errors raised in a room that lack what happened or what to do."""
    found = []
    for path, line, name, code, _ in raised():
        if room_of(path) != room:
            continue
        for part in ("what", "fix"):
            own = f"error.{code}.{part}" in every("en")
            if not own and name != "UnknownName":
                found.append(f"{path}:{line} error.{code}.{part}")
    return found


def unfilled(room: str) -> list[str]:
    """Blanks of an error's sentences that the place where it is raised does not give."""
    found = []
    for path, line, name, code, given in raised():
        if room_of(path) != room or given is None:
            continue
        texts = [every("en").get(f"error.{code}.{part}", "") for part in ("what", "fix")]
        wanted = {blank for text in texts for blank, _ in blanks(text)}
        missing = wanted - given - GIVEN.get(name, set())
        if missing:
            found.append(f"{path}:{line} {code} {sorted(missing)}")
    return found


def unused(room: str) -> list[str]:
    """Errors of a room's sentences that no line of the source raises."""
    codes = {key.split(".")[1] for key in entries("en", room) if key.startswith("error.")}
    return sorted(code for code in codes if code not in constants() and not composed(code))


def composed(code: str) -> bool:
    """Whether a code is put together where it is raised, or is one that every room shares."""
    shared = {"unknown-name", "unlisted"}
    return code in shared or code in {"option-missing", "argument-missing"}


RULES = {"hangul": untranslated, "raised": without_a_sentence, "blanks": unfilled, "unused": unused}
EVERY_ROOM = sorted({*ROOMS, *(room_of(path.relative_to(SRC)) for path in SRC.rglob("*.py"))})


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("room", EVERY_ROOM)
def test_the_sentences_of_a_room_are_complete(rule: str, room: str) -> None:
    if rule in {"hangul", "unused"} and room not in ROOMS:
        return
    complaints = RULES[rule](room)
    assert complaints == []


def test_both_languages_hold_the_same_entries_with_the_same_blanks() -> None:
    for room in ROOMS:
        english, korean = entries("en", room), entries("ko", room)
        assert list(english) == list(korean), room
        for key, text in english.items():
            assert blanks(text) == blanks(korean[key]), key


def test_no_entry_stands_in_two_rooms() -> None:
    keys = [key for room in ROOMS for key in entries("en", room)]
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []
