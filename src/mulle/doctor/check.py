"""What a check says, and how a command is spelled for the shell of this platform."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

Status = Literal["ok", "note", "warn", "fail"]


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact about the environment.

    Attributes:
        code: which check it is, in kebab case (`cpu-cores`).
        status: `ok`; `note` (good to know), `warn` (may go wrong), `fail` (will go wrong).
        what: one sentence in English on what was found.
        values: what was measured.
        fix_command: the command that mends it, for PowerShell on Windows and sh elsewhere;
            "" when there is nothing to mend.
    """

    code: str
    status: Status
    what: str
    values: dict[str, Any] = {}
    fix_command: str = ""


def run_checks(checks: Iterable[Callable[[], Check]]) -> list[Check]:
    """The result of each check; one that raises becomes a `fail` that says so.

    >>> def memory(): raise OSError("no /proc")
    >>> run_checks([memory])[0].what
    'The check itself broke: OSError: no /proc'
    """
    return [_guarded(check) for check in checks]


def _guarded(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:
        return Check(
            check.__name__.replace("_", "-"),
            "fail",
            f"The check itself broke: {type(error).__name__}: {error}",
            {"error": type(error).__name__},
            "mulle doctor --debug",
        )


def on_windows() -> bool:
    """Whether commands are for PowerShell."""
    return sys.platform == "win32"


def quoted(word: str) -> str:
    """A word as the shell reads it back, also with spaces and quotes in it."""
    return "'" + word.replace("'", "''") + "'" if on_windows() else shlex.quote(word)


def in_order(*commands: str) -> str:
    """Commands one after the other on one line; Windows PowerShell 5 has no `&&`."""
    return ("; " if on_windows() else " && ").join(commands)


def set_variable(name: str, value: str) -> str:
    """Set an environment variable in the shell that is open."""
    return f"$env:{name} = {quoted(value)}" if on_windows() else f"export {name}={quoted(value)}"


def this_python(arguments: str) -> str:
    """Run the Python that runs now, whatever PATH says."""
    return f"{'& ' if on_windows() else ''}{quoted(sys.executable)} {arguments}"
