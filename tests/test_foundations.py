"""The foundations read like a book: every page has its parts, every chapter is told once."""

import ast
import importlib.util
import re
import runpy
import statistics
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
PAGES = sorted((EXAMPLES / "foundations").glob("*.py"))
STEPS = sorted((EXAMPLES / "steps").glob("*.py"))

CHAPTERS = """
    ch01-composite ch02-derive ch02-derive2 ch03-comp ch03-derive ch04-vector ch05-vector-derive
    ch06-theory ch07-matrix-derive ch07-torch ch36-scaling ch11-theory ch12-linreg ch12-linreg-torch
    ch13-multi ch14-logreg ch14-logreg-torch ch16-theory ch18-one ch18-set ch18-torch ch20-slp
    ch21-or ch22-linreg ch22-linreg2 ch23-theory ch25-xor ch25-xor-torch ch26-theory ch28-mlp
    ch28-mlp-torch ch30-ewma ch31-gd ch32-momentum ch32-rmsprop ch32-adam ch34-softmax ch35-full
    ch35-sgd ch35-mini ch35-shuffle ch48-cnn ch66-theory ch66-many2one ch66-many2many
    prog-tf-linreg prog-tf-gan prog-keras-mlp prog-mnist-mlp prog-mnist-dcgan prog-mnist-ae
"""

WITH_TORCH = ["09", "12", "14", "17", "23", "25"]
MAY_IMPORT = {"mulle", "numpy", "onnx", "onnxruntime", "sklearn", "threadpoolctl", "torch"}


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def claimed(path: Path) -> list[str]:
    line = re.search(r"^catalogue  (.+)$", docstring(path), re.MULTILINE)
    return line[1].split() if line else []


def title(path: Path) -> str:
    return docstring(path).splitlines()[0]


def code_lines(path: Path) -> int:
    """Lines that are neither empty, nor comment, nor part of a docstring."""
    text = path.read_text(encoding="utf-8")
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            told |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(1 for i, s in lines if s.strip() and s.strip()[0] != "#" and i not in told)


def test_every_chapter_is_told_once() -> None:
    told = [i for page in PAGES for i in claimed(page) if re.match("ch[0-9]|prog-", i)]
    assert sorted(told) == sorted(CHAPTERS.split())


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_page_has_its_parts(page: Path) -> None:
    text = docstring(page)
    english, _, korean = title(page).partition(" · ")
    assert english.isascii() and re.search("[가-힣]", korean)
    assert re.search(r"^    \S", text, re.MULTILINE), "no formula"
    assert re.search(r"\b[Ll]ook at", text), "does not say what to look at"
    assert re.search(r"^용어  .*[가-힣]", text, re.MULTILINE), "no Korean terms"
    assert claimed(page), "no catalogue line"
    source = page.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 100
    assert any(isinstance(n, ast.Assert) for n in ast.walk(ast.parse(source))), "no check"


def test_pages_are_numbered_without_a_gap() -> None:
    for pages in (PAGES, STEPS):
        assert [int(page.name[:2]) for page in pages] == list(range(1, len(pages) + 1))


@pytest.mark.parametrize("pages", [PAGES, STEPS], ids=["foundations", "steps"])
def test_the_contents_list_every_page_by_its_title(pages: list[Path]) -> None:
    contents = (pages[0].parent / "README.md").read_text(encoding="utf-8")
    told = [(page.name, re.sub(r"^Step \d+\. ", "", title(page))) for page in pages]
    assert re.findall(r"^- \[\d\d\]\((\S+)\) (.+)$", contents, re.MULTILINE) == told


@pytest.mark.parametrize("page", [*PAGES, *STEPS], ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_page_needs_only_what_is_installed(page: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported - sys.stdlib_module_names <= MAY_IMPORT


def test_steps_are_short() -> None:
    assert statistics.median(map(code_lines, STEPS)) <= 40
    assert max(map(code_lines, STEPS)) <= 50


def test_torch_is_asked_for_before_it_is_imported() -> None:
    asking = [page.name[:2] for page in PAGES if "import torch" in page.read_text(encoding="utf-8")]
    assert asking == WITH_TORCH


@pytest.mark.parametrize("number", WITH_TORCH)
def test_a_page_does_without_torch(
    number: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda n: None if n == "torch" else found(n))
    monkeypatch.chdir(tmp_path)
    page = next(page for page in PAGES if page.name.startswith(number))
    runpy.run_path(str(page), run_name="__main__")
    assert "PyTorch is not installed" in capsys.readouterr().out
