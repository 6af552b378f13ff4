"""What went wrong, as the user reads it: what, where, a blank line, what to do; and the exit code.

error: There is no column named 'pirce'. (column-unknown)
where: houses.csv

hint: Did you mean 'price'?
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any

import typer

from mulle.cli.exits import Exit
from mulle.cli.talk import painted
from mulle.errors import MulleError

# Typer carries its own copy of Click since 0.2x; what both name the same is found through it.
_WrongCommand: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def refuse(error: BaseException, *, debug: bool = False) -> Exit:
    """Say on stderr what happened; the exit code that belongs to it."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, MulleError):
        _print(error.what, error.code, error.where, error.fix)
        return Exit(error.exit_code)
    if isinstance(error, _WrongCommand):
        return _wrong_command(error)
    if isinstance(error, typer.Abort | KeyboardInterrupt):
        _print("Interrupted before there was a result.", "interrupted", "", "mulle runs")
        return Exit.interrupted
    if isinstance(error, BrokenPipeError):
        _close_stdout()
        return Exit.failed
    if isinstance(error, OSError):
        where = str(error.filename or "")
        what = f"The system refused: {error.strerror or error}."
        _print(
            what, "system-refused", where, "Free what it asks for (space, permission), try again."
        )
        return Exit.failed
    if isinstance(error, MemoryError):
        hint = "Give fewer rows or columns (--drop), or a machine with more memory."
        _print("There is not enough memory for this.", "memory-short", "", hint)
        return Exit.failed
    _print(
        f"mulle itself failed: {type(error).__name__}: {error}",
        "mulle-fault",
        "",
        "Please report this, with what the same command prints with --debug.",
    )
    return Exit.failed


def _wrong_command(error: Any) -> Exit:
    """A command that could not be understood; Typer's words, our form."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "mulle"
    message = error.format_message().strip()
    if type(error).__name__ == "NoArgsIsHelpError" or not message:
        print(message or command)
        return Exit.wrong_command
    what, near = message, ""
    if getattr(error, "possibilities", None):
        what = f"No such option: {error.option_name}"
        near = f"Did you mean {' or '.join(error.possibilities)}? "
    _print(_sentence(what), "command-wrong", "", f"{near}See: {command} --help")
    return Exit.wrong_command


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _print(what: str, code: str, where: str, hint: str) -> None:
    lines = [f"{painted('error:', 31)} {what} ({code})"]
    lines += [f"where: {where}"] if where else []
    lines += ["", f"{painted('hint:', 36)} {hint}"]
    print("\n".join(lines), file=sys.stderr, flush=True)


def _close_stdout() -> None:
    """Whoever read the result has gone; what is still buffered must not raise at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
