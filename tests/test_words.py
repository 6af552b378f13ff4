"""The words of the house: plain English in docstrings, sentences and names."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import mulle
from mulle.i18n.messages import _flat

SRC = Path(mulle.__file__).parent
# Words that a reader stumbles over, and what is written instead.
STUMBLES = re.compile(
    r"\b(said|told(?! apart)|whoever|how-manieth|neither ever|let go of|for want of)\b",
    re.IGNORECASE,
)
# Names that begin with a small letter.
PROPER = {"mulle", "torch", "pix2pix", "uvicorn's", "scikit-learn's", "accuracy"}
# Participles that do not say what a function does: render_reason, to_text, find_limit.
NAMES = re.compile(r"_?(?:\w+_)?(?<!to_)(told|said|made|found|plain|shown|named)")


def room_of(path: Path) -> str:
    parts = path.relative_to(SRC).parts
    if parts[0] == "verbs" and len(parts) > 2:
        return parts[1]
    return parts[0] if len(parts) > 1 else "ground"


@cache
def sources() -> dict[str, list[tuple[Path, ast.Module]]]:
    found: dict[str, list[tuple[Path, ast.Module]]] = {}
    for path in sorted(SRC.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found.setdefault(room_of(path), []).append((path, tree))
    return found


ROOMS = sorted({room_of(path) for path in SRC.rglob("*.py")})
Node = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def documented(room: str) -> Iterator[tuple[str, str]]:
    """Every docstring of a room, with its place."""
    for path, tree in sources()[room]:
        for node in ast.walk(tree):
            if isinstance(node, Node) and (text := ast.get_docstring(node)):
                yield f"{path.relative_to(SRC)}:{getattr(node, 'lineno', 1)}", text


def prose(text: str) -> str:
    """A docstring without its examples and code."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith((">>>", "..."))]
    return re.sub(r"`[^`]*`", "", "\n".join(lines))


def stumbling_docstrings(room: str) -> list[str]:
    return [
        f"{place} {match[0]}"
        for place, text in documented(room)
        for match in [STUMBLES.search(prose(text))]
        if match
    ]


def unfinished_first_lines(room: str) -> list[str]:
    """Docstrings whose first paragraph is no sentence."""
    found = []
    for place, text in documented(room):
        first = text.split("\n\n")[0].strip()
        word = re.match(r"[^\s:]*", first)[0]  # type: ignore[index]
        begins = not first[0].islower() or word in PROPER or re.match(r"\S+ = |\w+\[", first)
        if not first.endswith((".", "?", "!", ":")) or not begins:
            found.append(f"{place} {first[:60]!r}")
    return found


def odd_names(room: str) -> list[str]:
    return [
        f"{path.relative_to(SRC)}:{node.lineno} {node.name}"
        for path, tree in sources()[room]
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and NAMES.fullmatch(node.name)
        and node.name != "connection_made"
    ]


def stumbling_sentences(room: str) -> list[str]:
    file = SRC / "i18n" / "en" / f"{room}.toml"
    if not file.exists():
        return []
    entries = dict(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))
    return [key for key, text in entries.items() if STUMBLES.search(text)]


RULES = {
    "docstrings": stumbling_docstrings,
    "first lines": unfinished_first_lines,
    "names": odd_names,
    "sentences": stumbling_sentences,
}
EVERY_ROOM = sorted({*ROOMS, *(path.stem for path in (SRC / "i18n" / "en").glob("*.toml"))})


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("room", EVERY_ROOM)
def test_a_room_keeps_to_the_words(rule: str, room: str) -> None:
    if rule != "sentences" and room not in ROOMS:
        return
    complaints = RULES[rule](room)
    assert complaints == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("What is said of a row.", "Return what a row holds."),
        ("Whoever asks, is told.", "Authenticate a request."),
        ("the how-manieth epoch", "current epoch, from 1"),
    ],
)
def test_the_list_of_words_can_fail(wrong: str, right: str) -> None:
    assert STUMBLES.search(wrong) and not STUMBLES.search(right)


def test_the_list_of_names_can_fail() -> None:
    wrong, right = ["_told", "told_step", "_rows_found", "named"], ["tell", "render", "is_known"]
    assert [bool(NAMES.fullmatch(name)) for name in wrong] == [True, False, True, True]
    assert not any(NAMES.fullmatch(name) for name in right)
