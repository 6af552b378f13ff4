"""What `fit` can be asked is one list: in Python, settings, on the command line, in the guides."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cli.conftest import Mulle

from mulle.cli.fit import fit as command
from mulle.verbs.fit import Progress, Settings, fit

GUIDES = [Path("docs/guides/fit.md"), Path("docs/ko/guides/fit.md")]
ROOT = Path(__file__).parents[2]
NAMES = {"n_jobs": "jobs"}  # what the command line calls otherwise
OPEN = {"source", "progress"}  # of Python: what is read, and who follows
OF_READING = {"kinds", "drop", "reading"}  # of the command line: shared by all verbs that read
OF_THE_COMMAND = {"table", "resume", "format"}
OF_ALL_COMMANDS = {"lang"}
NOTHING = {None: None, (): None, "": None}  # spellings of what is not given


def defaults(function: Any) -> dict[str, Any]:
    """The keywords of a function and their defaults."""
    found = inspect.signature(function).parameters.values()
    return {one.name: one.default for one in found if one.default is not one.empty}


def fields() -> dict[str, Any]:
    """The fields of the settings and their defaults."""
    return {one.name: one.default for one in msgspec.structs.fields(Settings)}


def nothing(value: Any) -> Any:
    """A default; None for every spelling of nothing."""
    try:
        return NOTHING.get(value, value)
    except TypeError:
        return value or None


def test_python_takes_what_settings_hold() -> None:
    given, held = defaults(fit), fields()
    assert given.keys() - {"kinds"} - OPEN == held.keys() - {"target", "source"}
    named = given.keys() - {"kinds", "reading", "lang", "output", "cost"} - OPEN
    assert {k: nothing(given[k]) for k in named} == {k: nothing(held[k]) for k in named}


def test_the_command_line_takes_what_python_takes() -> None:
    given, taken = defaults(fit), defaults(command)
    known = {NAMES.get(name, name) for name in given} - OPEN - OF_READING - OF_ALL_COMMANDS
    assert taken.keys() - OF_THE_COMMAND - {"target"} == known
    for name, value in given.items():
        if name not in OPEN | OF_READING | OF_ALL_COMMANDS:
            assert nothing(taken[NAMES.get(name, name)]) == nothing(value), name


def test_the_docstring_names_each_in_its_order() -> None:
    text = inspect.getdoc(fit) or ""
    described = re.findall(
        r"^    (\w+): ", text.partition("Args:")[2].partition("Returns:")[0], re.M
    )
    assert described == list(inspect.signature(fit).parameters)


@pytest.mark.parametrize("guide", GUIDES, ids=str)
def test_the_guides_name_each(guide: Path) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    options = {f"--{name.replace('_', '-')}" for name in defaults(command)} - {"--table"}
    assert {o for o in options if not re.search(rf"{o}\b", text)} == set()


def test_a_person_has_waited_since_the_process_began() -> None:
    from mulle.cli.progress import FitProgress

    assert Progress().waited == 0.0
    assert FitProgress().waited > 0.0


def test_two_files_do_not_go_to_stdout(mulle: Mulle) -> None:
    Path("t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    said = mulle("fit", "t.csv", "--target", "b", "-o", "-")
    assert (said.code, "(fit-to-stdout)" in said.err) == (2, True)
    assert not Path("-").exists()
