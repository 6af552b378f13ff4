"""The guides of docs/: each command is run, and what is shown of its output is still printed.

The ```console blocks of a guide are run from top to bottom in one folder that holds the table of
`mulle demo`, through the shell, in the language of the guide. A command must end with 0; the last
one of a block headed ```console (exit 3)``` ends with 3. A server runs on until the guide ends.
Blocks headed ```python are run in the same folder.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from mulle.cli.demo_data import make_table

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
ENGLISH, KOREAN = DOCS / "guides", DOCS / "ko" / "guides"
VERBS = (
    "code", "doctor", "evaluate", "explain", "explore", "export", "fit", "learn", "models", "nn",
    "pack", "predict", "read", "retrain", "runs", "serve", "watch",
)  # fmt: skip
FAST = {"doctor", "explore", "predict", "read"}  # in English; what takes longer is marked `long`
PORT = "8080"  # of the servers in the guides; the test takes a free one
PAGES = sorted(DOCS.rglob("*.md"))
FITTED = "mulle fit breast_cancer.csv --target diagnosis --trials 2 --preset quick"  # for `demo`

pytestmark = pytest.mark.skipif(
    not (shutil.which("sh") and shutil.which("curl")), reason="no shell or no curl here"
)


class Command(NamedTuple):
    """A command of a guide, the lines that the guide shows of its output, and its exit code."""

    line: str
    shown: list[str]
    code: int


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands behind the opening fence of each block, and the block."""
    for found in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield found[1].strip(), found[2]


def commands(head: str, block: str) -> list[Command]:
    """Split a console block into its commands; here-documents and `\\` go on over lines."""
    found: list[Command] = []
    lines = iter(block.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            found[-1].shown.append(line)
            continue
        whole = line[2:]
        while whole.endswith("\\"):
            whole += "\n" + next(lines)
        if end := re.search(r"<<'?(\w+)'?", whole):
            while not whole.endswith("\n" + end[1]):
                whole += "\n" + next(lines)
        found.append(Command(whole, [], 0))
    if code := re.search(r"\(exit (\d+)\)", head):
        found[-1] = found[-1]._replace(code=int(code[1]))
    return found


def shape(line: str) -> str:
    """Return a line without what differs from run to run: numbers, ids, units, spaces."""
    line = re.sub(r"\d{8}-\d{6}-[\w-]+|\b[0-9a-f]{8,}\b", "ID", line)
    line = re.sub(r"[\d,]*\.?\d+(e[+-]?\d+)?( × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?", "N", line)
    line = re.sub(r"N ?(ms|µs|KB|MB|GB|B|s|초)(?![A-Za-z])", "N UNIT", line)
    return re.sub(r"\s+", " ", line).strip()


class Shell:
    """Runs the commands of one guide in one folder, and its servers beside them."""

    def __init__(self, folder: Path, lang: str) -> None:
        programs = folder / "bin"
        programs.mkdir()
        for name, words in {"mulle": "-m mulle", "python": ""}.items():
            file = programs / name
            file.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
            file.chmod(0o755)
        self.folder = folder / "work"
        self.folder.mkdir()
        (self.folder / "breast_cancer.csv").write_bytes(make_table("breast_cancer")[0])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environ = os.environ | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "MULLE_LANG": lang,
            "COLUMNS": "100",
        }
        self.servers: list[subprocess.Popen[str]] = []

    def run(self, command: Command) -> str:
        """Run a command; return what it printed once it has ended with its exit code."""
        line = command.line
        if re.match(r"mulle serve (?!.*--print-config)", line):
            return self.serve(line)
        line = re.sub(rf"\b{PORT}\b", str(self.port), line)
        done = subprocess.run(
            ["sh", "-c", line], cwd=self.folder, env=self.environ, timeout=300,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        assert done.returncode == command.code, f"$ {line}\n{done.stdout}"
        assert '{"error"' not in done.stdout, f"$ {line}\n{done.stdout}"  # of the server
        return done.stdout.replace(str(self.port), PORT)

    def serve(self, line: str) -> str:
        """Start a server in the place of an earlier one; return its first line once it answers."""
        self.stop()
        server = subprocess.Popen(
            ["sh", "-c", f"exec {line} --port {self.port}"], cwd=self.folder, env=self.environ,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        self.servers.append(server)
        assert server.stderr
        first = server.stderr.readline()
        for _ in range(600):
            assert server.poll() is None, first + server.stderr.read()
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", self.port)) == 0:
                    return first.replace(str(self.port), PORT)
            time.sleep(0.1)
        raise AssertionError(f"no answer from: {line}")

    def stop(self) -> None:
        """End the servers that still run."""
        for server in self.servers:
            server.terminate()
            server.communicate(timeout=30)
        self.servers.clear()


def guides() -> list[object]:
    """Return each guide with its language; those that take long are marked."""
    found = [("en", ENGLISH / f"{verb}.md") for verb in VERBS]
    found += [("ko", KOREAN / f"{verb}.md") for verb in VERBS]
    return [
        pytest.param(
            lang, file, id=f"{lang}-{file.stem}",
            marks=[] if lang == "en" and file.stem in FAST else [pytest.mark.long],
        )
        for lang, file in found
    ]  # fmt: skip


@pytest.mark.parametrize("lang, file", guides())
def test_a_guide_can_be_followed(lang, file, tmp_path):
    shell = Shell(tmp_path, lang)
    try:
        for head, block in blocks(file.read_text(encoding="utf-8")):
            if head == "python":
                (shell.folder / "block.py").write_text(block, encoding="utf-8")
                shell.run(Command("python block.py", [], 0))
            if not head.startswith("console"):
                continue
            for command in commands(head, block):
                printed = shell.run(command)
                known = {shape(line) for line in printed.splitlines()}
                for line in command.shown:
                    assert line.strip() in ("", "…") or shape(line) in known, (
                        f"{file.name} shows a line that is not printed:\n{line}\n"
                        f"$ {command.line}\n{printed}"
                    )
    finally:
        shell.stop()


@pytest.mark.long
@pytest.mark.parametrize("lang, name", [("en", "README.md"), ("ko", "README.ko.md")])
def test_the_readme_can_be_followed(lang, name, tmp_path):
    shell = Shell(tmp_path, lang)
    followed = list(blocks((ROOT / name).read_text(encoding="utf-8")))
    assert followed[0][1].startswith("$ pip install . && mulle demo")
    assert {head for head, _ in followed[1:]} == {"console", "python"}
    try:
        shell.run(Command(FITTED, [], 0))
        for head, block in followed[1:]:
            if head == "python":
                quick = block.replace("time=60", 'trials=2, preset="quick"')
                (shell.folder / "block.py").write_text(quick, encoding="utf-8")
                shell.run(Command("python block.py", [], 0))
            else:
                for command in commands(head, block):
                    shell.run(command)
    finally:
        shell.stop()


def test_each_verb_has_a_guide_in_both_languages():
    for folder in (ENGLISH, KOREAN):
        assert {file.stem for file in folder.glob("*.md")} == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_both_languages_give_the_same_commands(verb):
    def given(folder: Path) -> list[tuple[str, int]]:
        text = (folder / f"{verb}.md").read_text(encoding="utf-8")
        found = [b for b in blocks(text) if b[0].startswith("console")]
        return [(c.line, c.code) for head, block in found for c in commands(head, block)]

    english = given(ENGLISH)
    assert english
    assert given(KOREAN) == english


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_index_names_every_guide():
    text = (DOCS / "README.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert f"(guides/{verb}.md)" in text and f"(ko/guides/{verb}.md)" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_no_block_is_hidden_in_a_list(page):
    assert not re.search(r"^ +```", page.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", [DOCS / "house.md", DOCS / "ko" / "house.md"])
def test_the_page_of_the_house_names_every_room(page):
    source = ROOT / "src" / "mulle"
    rooms = {
        str(file.parent.relative_to(source)).replace(os.sep, "/")
        for folder in ("*", "verbs/*")
        for file in source.glob(f"{folder}/__init__.py")
    }
    rooms |= {file.name for file in source.glob("*.py") if not file.name.startswith("__")}
    named = set(
        re.findall(r"^\| `([\w/.]+?)/?` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert named == rooms


@pytest.mark.parametrize("page", [DOCS / "house.md", DOCS / "ko" / "house.md"])
def test_the_floors_stand_in_the_order_of_the_contract(page):
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = contract["tool"]["importlinter"]["contracts"][0]["layers"]
    floor = {room.strip(): place for place, layer in enumerate(layers) for room in layer.split("|")}
    named = re.findall(r"^\| `([\w/.]+?)/?` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    order = [floor[name.split("/")[0].removesuffix(".py")] for name in named]
    assert order == sorted(order)


def test_the_picture_is_there_and_light():
    picture = DOCS / "report-and-dashboard.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 300_000
