"""Make `src/mulle/cards/places.toml` from the source: where codes, names and catalogue ids stand.

Run it after a new error, finding, setting or catalogue id: python tests/cards/places.py
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import tomli_w

from mulle import errors
from mulle.i18n.examples import error_codes
from mulle.learners.registry import CLASSIFIERS, REGRESSORS
from mulle.steps import STEPS
from mulle.verbs.explore.findings import FINDINGS

SRC = Path(inspect.getfile(errors)).parent
FILE = SRC / "cards" / "places.toml"
ROWS = re.compile(r"^catalogue  (.+(?:\n +.+)*)", re.MULTILINE)
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
BASES = {name for name, value in vars(errors).items() if isinstance(value, type)
         and issubclass(value, errors.MulleError)} | {"HTTPError"}  # fmt: skip
# Codes that are raised through a table: the class of those that stand in a room's files.
INDIRECT = {"cli": "UsageError", "nn": "DataError", "verbs": "HTTPError"}


@cache
def trees() -> list[tuple[str, ast.Module]]:
    found = []
    for path in sorted(SRC.rglob("*.py")):
        dotted = path.relative_to(SRC.parent).with_suffix("").as_posix().replace("/", ".")
        found.append((dotted, ast.parse(path.read_text(encoding="utf-8"))))
    return found


def name_of(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def classes() -> dict[str, str]:
    """Classes of errors of every room, each with the class of `mulle.errors` that it is."""
    found = {name: name for name in BASES}
    defined = [node for _, tree in trees() for node in ast.walk(tree)
               if isinstance(node, ast.ClassDef)]  # fmt: skip
    for _ in range(3):  # subclasses of subclasses
        for node in defined:
            base = next((found[n] for n in map(name_of, node.bases) if n in found), None)
            if base and node.name not in found:
                found[node.name] = base
    return found


def codes_of(call: ast.Call) -> Iterator[str]:
    for argument in call.args[:2]:
        for node in ast.walk(argument):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and CODE.fullmatch(value):
                yield value


def error_places() -> dict[str, str]:
    found: dict[str, str] = {"extra-missing": "MissingExtra"}
    known = classes()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name in known:
                for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
                    if getattr(call.func, "attr", "") == "__init__":
                        found |= dict.fromkeys(list(codes_of(call))[:1], known[node.name])
            if isinstance(node, ast.Call) and name_of(node.func) in known:
                kind = known[name_of(node.func)]
                codes = list(codes_of(node))
                found |= dict.fromkeys(codes[:1] if kind == "UnknownName" else codes, kind)
    for code in error_codes():
        if code not in found:
            found[code] = indirect(code)
    found["interrupted"] = "RunError"
    return dict(sorted(found.items()))


@cache
def rooms_of_constants() -> dict[str, str]:
    """The first room of INDIRECT in which a string stands, for each string there."""
    found: dict[str, str] = {}
    for module, tree in trees():
        room = module.partition(".")[2].partition(".")[0]
        for node in ast.walk(tree) if room in INDIRECT else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.setdefault(node.value, room)
    return found


def indirect(code: str) -> str:
    """The class of a code that stands in a table or is put together where it is raised."""
    room = rooms_of_constants().get(code)
    return INDIRECT[room] if room else "UsageError"


def row_places() -> dict[str, str]:
    found: dict[str, str] = {}
    for module, tree in trees():
        ids = " ".join(ROWS.findall(ast.get_docstring(tree) or "")).split()
        found = dict.fromkeys(ids, module.removesuffix(".__init__")) | found
    return dict(sorted(found.items()))


def build() -> dict[str, dict[str, str]]:
    learners = [(cls, key) for r in (CLASSIFIERS, REGRESSORS) for key, cls in r.items()]
    settings = {f"{step.__name__}.{name}": "step" for step in STEPS for name in step.parameters}
    settings |= {f"{key}.{name}": "learner" for cls, key in learners for name in cls.parameters}
    return {
        "errors": error_places(),
        "findings": {rule.code: rule.key for rule in FINDINGS},
        "learners": {cls.__name__: key for cls, key in learners},
        "settings": settings,
        "catalogue": row_places(),
    }


def text() -> str:
    head = "# Made by tests/cards/places.py from the source; a test compares.\n\n"
    return head + tomli_w.dumps(build())


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
