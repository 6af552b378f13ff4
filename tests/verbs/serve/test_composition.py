"""The rooms of the server know each other in one direction, and `app` alone puts them together."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mulle.verbs.serve as serve

FOLDER = Path(serve.__file__).parent
NAME = "mulle.verbs.serve"
ROOMS = {path.name for path in FOLDER.iterdir() if (path / "__init__.py").is_file()}
FILES = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
# Each may import what stands below it; what stands on one line does not know its neighbours.
FLOORS = [
    {"server"},
    {"app"},
    {"dashboard"},
    {"protocols"},
    {"security", "jobs", "routing", "monitor"},
    {"redaction", "service"},
    {"metrics"},
    {"models"},
    {"http"},
    {"config"},
    {"settings"},
]


def runtime_imports(tree):
    """Names of the modules that are imported outside `if TYPE_CHECKING`."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        waiting += ast.iter_child_nodes(node)


def room_of(path):
    return path.relative_to(FOLDER).parts[0].removesuffix(".py")


def known_to(room):
    """The rooms that one imports."""
    place = FOLDER / room
    for path in place.rglob("*.py") if place.is_dir() else [FOLDER / f"{room}.py"]:
        for name in runtime_imports(ast.parse(path.read_text(encoding="utf-8"))):
            if name.startswith(f"{NAME}."):
                first = name.removeprefix(f"{NAME}.").partition(".")[0]
                if first != room and first in ROOMS | FILES:
                    yield first


def test_every_room_has_a_floor():
    assert set().union(*FLOORS) == ROOMS | FILES


@pytest.mark.parametrize("room", sorted(ROOMS | FILES))
def test_a_room_knows_only_those_below(room):
    floor = next(number for number, floor in enumerate(FLOORS) if room in floor)
    below = set().union(*FLOORS[floor + 1 :])
    assert set(known_to(room)) <= below


def test_an_import_for_types_does_not_count():
    code = "import a\nif TYPE_CHECKING:\n    import b\nelse:\n    import c\ndef f():\n    import d"
    assert set(runtime_imports(ast.parse(code))) == {"a", "c", "d"}


def test_only_the_application_makes_a_service():
    makers = {
        room_of(path)
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Service"
    }
    assert makers == {"app"}


def test_a_server_without_jobs_and_registry_does_not_load_sqlalchemy():
    code = "import sys, mulle.verbs.serve.app; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
