"""Every decision that is recorded can be explained, and every explained one is recorded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import mulle
from mulle.i18n import LANGUAGES, Messages

SOURCE = Path(mulle.__file__).parent
LOGS = {"log", "decisions"}


def codes_in(function: ast.AST) -> Iterator[str]:
    """The codes of `log.add(CODE, ...)`: texts, or a name that texts were given to."""
    given: dict[str, list[ast.AST]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given.setdefault(node.targets[0].id, []).append(node.value)
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner = node.func.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if node.func.attr != "add" or name not in LOGS:
            continue
        code = node.args[0]
        for value in given[code.id] if isinstance(code, ast.Name) else [code]:
            chosen = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            yield from (part.value for part in chosen if isinstance(part, ast.Constant))


def recorded() -> set[str]:
    trees = (ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py"))
    functions = (n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    return {code for function in functions for code in codes_in(function)}


def worded(lang: str, group: str) -> set[str]:
    return {k.partition(".")[2] for k in Messages(lang) if k.startswith(f"{group}.")}


def test_recorded_and_explained_decisions_are_the_same():
    codes = recorded()
    assert {"task-found", "plan-failed", "plan-stopped", "threshold-chosen"} <= codes
    for lang in LANGUAGES:
        assert worded(lang, "decision") == codes
        assert worded(lang, "why") >= codes
