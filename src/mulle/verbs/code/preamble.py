"""Picks from `parts` what a script uses: functions and classes as they stand, and their imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_MODULES = (
    "features",
    "numbers",
    "categories",
    "dates",
    "wide",
    "models",
    "network",
    "rows",
    "scores",
)
_METRICS = (
    "accuracy_score",
    "average_precision_score",
    "f1_score",
    "log_loss",
    "matthews_corrcoef",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_pinball_loss",
    "mean_squared_error",
    "median_absolute_error",
    "precision_score",
    "r2_score",
    "recall_score",
    "roc_auc_score",
    "root_mean_squared_error",
)
_SPLITS = (
    "GroupKFold",
    "KFold",
    "StratifiedGroupKFold",
    "StratifiedKFold",
    "train_test_split",
)
_FORESTS = (
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
)
_HOMES = {
    **dict.fromkeys(_METRICS, "sklearn.metrics"),
    **dict.fromkeys(_SPLITS, "sklearn.model_selection"),
    **dict.fromkeys(_FORESTS, "sklearn.ensemble"),
    **dict.fromkeys(("MinMaxScaler", "StandardScaler"), "sklearn.preprocessing"),
    "SimpleImputer": "sklearn.impute",
}
# What scripts name themselves.
_DIRECT = {name: f"from {home} import {name}" for name, home in _HOMES.items()}
_OWN = "mulle"  # what a script never imports
_ARROW = " -> "
_NOTES = re.compile(r"\s*# (noqa|fmt).*$")  # of the linter and the formatter
_SIGNATURE = re.compile(r"\(\n([^\n]*)\n *\):")  # on three lines, which are one without types
_Place = tuple[int, int]  # a line and a column, from 0


class _Piece(NamedTuple):
    """A function, class or constant of a part, with the names that stand in it."""

    text: str
    names: frozenset[str]


class Preamble(NamedTuple):
    """What stands before the lines of a script: its imports, its constants, and its definitions."""

    imports: list[str]
    constants: list[str]
    definitions: list[str]


def preamble_of(text: str) -> Preamble:
    """Return all that a text names in the parts, and what that names in turn.

    Args:
        text: the lines of a script that are its own.
    """
    known, imports = _known()
    imports = _DIRECT | imports
    wanted = _closure(_names(ast.parse(text)), known)
    used = [known[name] for name in known if name in wanted]
    constants = [p.text for p in used if not p.text.startswith(("def ", "class "))]
    named = _names(ast.parse(text)).union(*(piece.names for piece in used))
    lines = sorted({line for name, line in imports.items() if name in named})
    plain = [line for line in lines if line.startswith("import ")]
    return Preamble(
        _joined(plain, [line for line in lines if line not in plain]),
        list(dict.fromkeys(constants)),
        [piece.text for piece in used if piece.text not in constants],
    )


def _closure(names: Iterable[str], known: dict[str, _Piece]) -> set[str]:
    wanted, waiting = set[str](), [name for name in names if name in known]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [other for other in known[name].names if other in known]
    return wanted


def _joined(plain: list[str], froms: list[str]) -> list[str]:
    """Return imports with one line for each module."""
    by_module: dict[str, list[str]] = {}
    for line in froms:
        module, _, name = line.removeprefix("from ").partition(" import ")
        by_module.setdefault(module, []).append(name)
    return plain + [f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(by_module.items())]


@cache
def _known() -> tuple[dict[str, _Piece], dict[str, str]]:
    """Return all pieces by name, in order, and the import that brings each foreign name."""
    pieces: dict[str, _Piece] = {}
    imports: dict[str, str] = {}
    for module in _MODULES:
        path = files("mulle.verbs.code.parts") / f"{module}.py"
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports |= _imports(node)
            for name in _defined(node):
                bare = _without_types(node, source)
                pieces[name] = _Piece(bare, frozenset(_names(ast.parse(bare))) - {name})
    return pieces, imports


def _imports(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    if module.startswith((_OWN, "__future__")):
        return {}
    found = {}
    for alias in node.names:
        renamed = f" as {alias.asname}" if alias.asname else ""
        line = f"from {module} import {alias.name}" if module else f"import {alias.name}"
        found[alias.asname or alias.name] = line + renamed
    return found


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if not isinstance(node, ast.Assign):
        return []
    targets = [n for target in node.targets for n in ast.walk(target)]
    return [n.id for n in targets if isinstance(n, ast.Name)]


def _without_types(node: ast.stmt, source: str) -> str:
    """Return the text of a definition without annotations: they help its tests, not its reader."""
    lines = source.splitlines()
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    spans = [span for inner in ast.walk(node) for span in _annotations(inner, lines)]
    for (line, begin), (last, end) in sorted(spans, reverse=True):
        lines[line] = lines[line][:begin] + lines[last][end:]
        del lines[line + 1 : last + 1]
    text = "\n".join(_NOTES.sub("", line) for line in lines[first : node.end_lineno])
    return _SIGNATURE.sub(lambda found: f"({found[1].strip()}):", text)


def _annotations(node: ast.AST, lines: list[str]) -> Iterator[tuple[_Place, _Place]]:
    """Yield from where to where the annotations of an argument or of a result stand."""
    if isinstance(node, ast.arg) and node.annotation is not None:
        yield (node.lineno - 1, node.col_offset + len(node.arg)), _end(node.annotation)
    elif isinstance(node, ast.AnnAssign):
        yield _end(node.target), _end(node.annotation)
    elif isinstance(node, ast.FunctionDef) and node.returns is not None:
        line = node.returns.lineno - 1
        yield (line, lines[line].rindex(_ARROW, 0, node.returns.col_offset)), _end(node.returns)


def _end(node: ast.expr) -> _Place:
    """Return where an expression ends."""
    return (node.end_lineno or node.lineno) - 1, node.end_col_offset or node.col_offset


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
