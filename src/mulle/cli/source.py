"""What mulle's own source says of its error codes and catalogue ids, so that no list can go stale.

An error is explained by the sentence it is raised with, its blanks left open; a catalogue id by
the module whose docstring carries it.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import mulle
from mulle import errors as classes

_ROWS = re.compile(r"^catalogue  (.+(?:\n +.+)*)", re.MULTILINE)  # goes on where indented


@functools.cache
def errors() -> dict[str, str]:
    """By error code: its sentence with blanks, what to do, and what sort of error it is.

    >>> print(errors()["plan-invalid"].splitlines()[0])
    This is not a plan: {error}.
    """
    found: dict[str, str] = {}
    for _, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (told := _raised(node)):
                found.setdefault(*told)
    return found


@functools.cache
def catalogue() -> dict[str, str]:
    """By catalogue id: the module that implements it, and what its docstring says.

    >>> catalogue()["store-version"].splitlines()[0]
    'mulle.store.registry'
    """
    found: dict[str, str] = {}
    for name, tree in _modules():
        text = ast.get_docstring(tree) or ""
        ids = " ".join(_ROWS.findall(text)).split()
        said = _ROWS.sub("", text).strip()
        found = {row: f"{name}\n\n{said}" for row in ids} | found
    return found


def _modules() -> Iterator[tuple[str, ast.Module]]:
    root = Path(mulle.__file__).parent
    for path in sorted(root.rglob("*.py")):
        dotted = path.relative_to(root.parent).with_suffix("").as_posix().replace("/", ".")
        yield dotted, ast.parse(path.read_text(encoding="utf-8"))


def _raised(call: ast.Call) -> tuple[str, str] | None:
    """Code and explanation of `SomeError("code", "what", fix="...")`; None for other calls."""
    sort = getattr(classes, getattr(call.func, "id", ""), None)
    code = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    if sort is None or not isinstance(code, str) or not isinstance(sort, type):
        return None
    if sort is classes.UnknownName:
        what, fix = f"There is no {_text(call.args[1])} of that name.", "Near names are offered."
    else:
        what = _text(call.args[1]) if len(call.args) > 1 else ""
        fix = next((_text(k.value) for k in call.keywords if k.arg == "fix"), "")
    if not what:
        return None
    kind = (sort.__doc__ or "").splitlines()[0]
    return code, "\n".join([what, f"What to do: {fix}" if fix else "", f"({kind})"]).replace(
        "\n\n", "\n"
    )


def _text(node: ast.expr) -> str:
    """A string of the source, the blanks of an f-string left open in braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "{" + ast.unparse(node.value) + "}"
    return "{" + ast.unparse(node) + "}"
