"""How the command line reports an error: what, where, a blank line, what to do; and the exit code.

error: There is no column named 'pirce'. (column-unknown)
where: houses.csv

hint: Did you mean 'price'?
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from mulle.cli.console import paint
from mulle.cli.exits import Exit
from mulle.cli.wrong_command import WrongCommand, help_page, to_usage_error
from mulle.errors import MulleError, RunError
from mulle.language import messages


def report_error(
    error: BaseException, *, arguments: Sequence[str] = (), debug: bool = False
) -> Exit:
    """Print what happened on stderr and return the exit code that belongs to it.

    Args:
        error: what ended the command.
        arguments: the command line, in which the value of a wrong option is looked up.
        debug: print the traceback first.
    """
    if debug:
        traceback.print_exception(error)
    if isinstance(error, WrongCommand):
        page = help_page(error)
        if page:
            print(page)
            return Exit.wrong_command
        error = to_usage_error(error, arguments)
    if isinstance(error, MulleError):
        _print(error)
        return Exit(error.exit_code)
    if isinstance(error, BrokenPipeError):
        _close_stdout()
        return Exit.failed
    if isinstance(error, typer.Abort | KeyboardInterrupt):
        _print(RunError("interrupted"))
        return Exit.interrupted
    _print(_to_run_error(error))
    return Exit.failed


def _to_run_error(error: BaseException) -> RunError:
    """Return what the system, the memory or mulle itself failed at as one of our errors."""
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return RunError("system-refused", where=error.filename or "", error=reason)
    if isinstance(error, MemoryError) or _is_unmapped(error):
        return RunError("memory-short")
    return RunError("mulle-fault", error=f"{type(error).__name__}: {error}")


def _is_unmapped(error: BaseException) -> bool:
    """Return whether a library could not be loaded because there is no memory."""
    text = str(error)
    return isinstance(error, ImportError) and ("failed to map" in text or "allocate" in text)


def _print(error: MulleError) -> None:
    words, where = messages(), error.where
    lines = [f"{paint(words('cli.error') + ':', 31)} {error.what} ({error.code})"]
    lines += [f"{words('where.label')}: {where}"] if where else []
    lines += ["", f"{paint(words('cli.hint') + ':', 36)} {error.fix}"]
    print("\n".join(lines), file=sys.stderr, flush=True)


def _close_stdout() -> None:
    """Send what is still buffered nowhere, so that nothing raises at exit: the reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
