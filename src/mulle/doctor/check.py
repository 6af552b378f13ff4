"""The result of a check, and how a command is spelled for the shell of this platform."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from mulle.i18n import Lang, Messages, current_language

Status = Literal["ok", "note", "warn", "fail"]


class CheckResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact about the environment.

    Attributes:
        code: which check it is, in kebab case (`cpu-cores`).
        status: `ok`; `note` (good to know), `warn` (may go wrong), `fail` (will go wrong).
        finding: what was found, in a word or two; its sentence stands in `i18n` under
            `check.CODE.FINDING`.
        values: what was measured, the blanks of the sentence among it.
        fix_command: the command that mends it, for PowerShell on Windows and sh elsewhere;
            "" when there is nothing to mend.
    """

    code: str
    status: Status
    finding: str
    values: dict[str, Any] = {}
    fix_command: str = ""

    @property
    def what(self) -> str:
        """One sentence on what was found, in the person's language."""
        return self.render(current_language())

    def render(self, lang: Lang) -> str:
        """Return the sentence on what was found, in `lang`."""
        messages = Messages(lang)
        key = f"check.{self.code}.{self.finding}"
        return messages(key if key in messages else f"check.{self.finding}", **self.values)


def run_checks(checks: Iterable[Callable[[], CheckResult]]) -> list[CheckResult]:
    """Run checks and return their results; one that raises becomes a `fail` with its error.

    >>> def memory(): raise OSError("no /proc")
    >>> run_checks([memory])[0].what
    'The check itself failed: OSError: no /proc'
    """
    return [_run_guarded(check) for check in checks]


def _run_guarded(check: Callable[[], CheckResult]) -> CheckResult:
    try:
        return check()
    except Exception as error:
        return CheckResult(
            check.__name__.replace("_", "-"),
            "fail",
            "broken",
            {"error": f"{type(error).__name__}: {error}"},
            "mulle doctor --debug",
        )


def on_windows() -> bool:
    """Return whether commands are for PowerShell."""
    return sys.platform == "win32"


def quote(word: str) -> str:
    """Return a word as the shell reads it back, also with spaces and quotes in it."""
    return "'" + word.replace("'", "''") + "'" if on_windows() else shlex.quote(word)


def join_commands(*commands: str) -> str:
    """Join commands on one line, to run in order; Windows PowerShell 5 has no `&&`."""
    return ("; " if on_windows() else " && ").join(commands)


def set_variable(name: str, value: str) -> str:
    """Return the command that sets an environment variable in the open shell."""
    return f"$env:{name} = {quote(value)}" if on_windows() else f"export {name}={quote(value)}"


def this_python(arguments: str) -> str:
    """Return the command that calls the Python that runs now, whatever PATH says."""
    return f"{'& ' if on_windows() else ''}{quote(sys.executable)} {arguments}"
