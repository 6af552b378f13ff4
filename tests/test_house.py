"""The house is kept: light imports, short files, clear refusals, no pickle, named encodings."""

import ast
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "mulle"
SOURCES = sorted(SRC.rglob("*.py"))
SHARED = sorted(
    path
    for folder in ("src", "tests", "examples", "benchmarks", "docs")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".md", ".toml", ".html", ".css", ".js", ".ipynb"}
) + [path for path in ROOT.glob("*") if path.suffix in {".md", ".toml"}]

HEAVY = "polars sklearn lightgbm torch onnx onnxruntime pandas sqlalchemy numpy scipy"
BARE = {"ValueError", "TypeError", "RuntimeError", "KeyError", "IndexError", "OSError",
        "LookupError", "Exception", "FileNotFoundError"}  # fmt: skip
UNSAFE = {"pickle", "cloudpickle", "dill", "marshal", "shelve"}
NO_TEXT = {"Image.open", "archive.open", "gzip.open", "os.open", "tarfile.open", "webbrowser.open"}

Complaints = Iterator[tuple[int, str]]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def complaints(rule: Callable[[ast.Module], Complaints]) -> list[str]:
    """What a rule has to say about all of the sources: `file:line what`."""
    return [
        f"{path.relative_to(ROOT)}:{line} {what}"
        for path in SOURCES
        for line, what in rule(tree_of(path))
    ]


def name_of(node: ast.expr) -> str:
    """A dotted name as it is written; "" for anything else."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


# --- the rules, one function each ------------------------------------------------------------


def opens_without_docstring(tree: ast.Module) -> Complaints:
    if not (ast.get_docstring(tree) or "").strip():
        yield 1, "opens without saying what it is for"


def is_too_long(tree: ast.Module) -> Complaints:
    last = max((node.end_lineno for node in tree.body if node.end_lineno), default=0)
    if last > 400:
        yield 1, f"has {last} lines, 400 are allowed"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > 50:
                yield node.lineno, f"{node.name} has {lines} lines, 50 are allowed"


def raises_bare_builtin(tree: ast.Module) -> Complaints:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if name_of(raised) in BARE:
                yield node.lineno, f"raises {name_of(raised)}; see mulle.errors"


def refuses_without_a_fix(tree: ast.Module) -> Complaints:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            fix = keyword(node.exc, "fix")
            if isinstance(fix, ast.Constant) and not str(fix.value or "").strip():
                yield node.lineno, "refuses without saying what to do"


def uses_pickle(tree: ast.Module) -> Complaints:
    for node in ast.walk(tree):
        imported: list[str] = []
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call):
            imported = [name_of(node.func)]
            allowed = keyword(node, "allow_pickle")
            if isinstance(allowed, ast.Constant) and allowed.value:
                yield node.lineno, "allows pickle"
        for name in imported:
            if name.split(".")[0] in UNSAFE or name in {"joblib.dump", "joblib.load"}:
                yield node.lineno, f"uses {name}, which runs what it reads"


def opens_text_without_encoding(tree: ast.Module) -> Complaints:
    for call in calls(tree):
        method = isinstance(call.func, ast.Attribute)
        name = call.func.attr if isinstance(call.func, ast.Attribute) else name_of(call.func)
        if name == "write_text" and not method:
            continue  # `write_text(path, text)` of mulle.files is UTF-8 by definition
        named = bool(keyword(call, "encoding")) or {
            "read_text": len(call.args) > 0,
            "write_text": len(call.args) > 1,
        }.get(name, gives_bytes(call))
        if (
            name in {"open", "fdopen", "NamedTemporaryFile", "read_text", "write_text"}
            and not named
        ):
            yield call.lineno, f"{name} without an encoding"


def gives_bytes(call: ast.Call) -> bool:
    """Whether a call of `open` or its like opens a binary file, or no file of text at all."""
    name = name_of(call.func)
    if name in NO_TEXT:
        return True
    given = [*call.args, keyword(call, "mode")]
    modes = [m.value for m in given if isinstance(m, ast.Constant) and isinstance(m.value, str)]
    modes = [mode for mode in modes if re.fullmatch("[rwaxbt+]+", mode)]
    return any("b" in mode for mode in modes) or (name.endswith("NamedTemporaryFile") and not modes)


def exports_out_of_order(tree: ast.Module) -> Complaints:
    for node in tree.body:
        if isinstance(node, ast.Assign) and name_of(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            # As ruff sorts them: CONSTANTS, Classes, functions.
            if list(names) != sorted(
                set(names), key=lambda n: (n[0].islower(), not n.isupper(), n)
            ):
                yield node.lineno, f"__all__ is not sorted: {names}"


RULES = [
    opens_without_docstring,
    is_too_long,
    raises_bare_builtin,
    refuses_without_a_fix,
    uses_pickle,
    opens_text_without_encoding,
    exports_out_of_order,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_source(rule: Callable[[ast.Module], Complaints]) -> None:
    assert complaints(rule) == []


LONG = "\n".join(["x = 1"] * 401)
LONG_FUNCTION = "def f():\n    'd'\n" + "\n".join(["    x = 1"] * 51)


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        (opens_without_docstring, "x = 1", "'what it is for'"),
        (is_too_long, LONG, LONG[:-6]),
        (is_too_long, LONG_FUNCTION, LONG_FUNCTION[:-10]),
        (raises_bare_builtin, "raise ValueError('x')", "raise AttributeError('x')"),
        (raises_bare_builtin, "raise KeyError", "raise UsageError('c', 'w', fix='f')"),
        (refuses_without_a_fix, "raise UsageError('c', 'w', fix=' ')", "raise X('c', fix=f'{a}')"),
        (uses_pickle, "import pickle", "import json"),
        (uses_pickle, "from joblib import dump", "from joblib import Parallel"),
        (uses_pickle, "joblib.dump(model, p)", "joblib.Parallel(2)"),
        (uses_pickle, "np.load(p, allow_pickle=True)", "np.load(p, allow_pickle=False)"),
        (opens_text_without_encoding, "open(p)", "open(p, 'rb')"),
        (opens_text_without_encoding, "p.open('w')", "p.open('w', encoding='utf-8')"),
        (opens_text_without_encoding, "open(p, mode='a')", "open(p, mode='ab')"),
        (opens_text_without_encoding, "p.read_text()", "p.read_text('utf-8')"),
        (opens_text_without_encoding, "p().write_text(t)", "p().write_text(t, encoding='utf-8')"),
        (opens_text_without_encoding, "(a / b).read_text()", "write_text(path, t)"),
        (opens_text_without_encoding, "os.fdopen(h)", "archive.open('model.onnx')"),
        (exports_out_of_order, "__all__ = ['b', 'a']", "__all__ = ['a', 'b']"),
        (
            exports_out_of_order,
            "__all__ = ['a', 'Bundle', 'Kind']",
            "__all__ = ['MOST', 'Bundle', 'a']",
        ),
    ],
)
def test_a_rule_can_fail(rule: Callable[[ast.Module], Complaints], wrong: str, right: str) -> None:
    assert len(list(rule(ast.parse(wrong)))) == 1
    assert list(rule(ast.parse(right))) == []


@pytest.mark.parametrize("path", sorted(SRC.rglob("__init__.py")), ids=lambda p: p.parent.name)
def test_each_room_lists_what_it_offers(path: Path) -> None:
    targets = (
        node.targets[0] if isinstance(node, ast.Assign) else node.target
        for node in tree_of(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
    )
    names = [name_of(target) for target in targets]
    assert "__all__" in names


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    here = {ROOT, ROOT.parent, Path.home(), Path(sys.prefix), Path(sys.base_prefix)}
    usual = {Path(p) for p in ("/usr", "/usr/local", "/", "/tmp", "/opt")}
    names = [re.escape(path.as_posix()) for path in here - usual]
    pattern = re.compile(rf"(?<![\w.:/])(?:{'|'.join(names)})/")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in SHARED
        if (match := pattern.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


# --- what importing does ----------------------------------------------------------------------

LIGHT = f"""
import logging, os, sys, threading, warnings
before = dict(os.environ), logging.root.level, list(logging.root.handlers), list(warnings.filters)
import mulle
after = dict(os.environ), logging.root.level, list(logging.root.handlers), list(warnings.filters)
assert before == after, "importing mulle changed the environment, logging or warnings"
assert threading.active_count() == 1, threading.enumerate()
heavy = sorted(set({HEAVY.split()!r}) & set(sys.modules))
assert not heavy, f"importing mulle imports {{heavy}}"
"""


def in_new_python(code: str) -> float:
    """Run code in a Python of its own; the seconds of a processor that it took."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport time; print(time.process_time())"],
        env=os.environ | {"PYTHONPATH": str(SRC.parent)},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    return float(done.stdout.split()[-1])


def test_importing_is_without_effects_and_without_heavy_libraries() -> None:
    in_new_python(LIGHT)


def test_a_bundle_is_read_without_the_libraries_that_train() -> None:
    in_new_python("import sys, mulle.bundle\nassert not {'sklearn', 'lightgbm'} & set(sys.modules)")


def test_importing_is_quick() -> None:
    bare = statistics.median(in_new_python("pass") for _ in range(5))
    ours = statistics.median(in_new_python("import mulle") for _ in range(5))
    assert ours - bare < 0.2
