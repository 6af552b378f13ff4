"""The command `mulle`: its verbs, and what becomes of what goes wrong in them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from mulle.cli import (
    ab,
    alerts,
    demo,
    doctor,
    evaluate,
    explain,
    explore,
    export,
    fit,
    keys,
    log,
    predict,
    retrain,
    rollback,
    runs,
    serve,
    talk,
    watch,
)
from mulle.cli.exits import Exit
from mulle.cli.options import example
from mulle.cli.refusals import refuse

_GLOBAL = ("--debug", "--quiet")  # taken before or after the verb

# Without Rich's boxes, help comes in a third of the time and reads the same in any terminal.
app = typer.Typer(
    name="mulle",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    epilog=example("mulle demo"),
)
for verb in (
    explore,
    fit,
    predict,
    evaluate,
    serve,
    ab,
    watch,
    retrain,
    rollback,
    explain,
    export,
    demo,
    doctor,
    runs,
    log,
    alerts,
    keys,
):
    verb.add_to(app)


def _version(asked: bool) -> None:  # noqa: FBT001 - the signature of an option's callback
    if asked:
        from mulle.version import __version__

        print(f"mulle {__version__}")
        raise typer.Exit


@app.callback()
def mulle(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress; also taken after a command.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks; also taken after a command.")
    ] = False,
) -> None:
    """Spin a table into a proven model file, on your own machine, and see every step of it."""
    talk.quiet = quiet
    if not debug:
        warnings.simplefilter("ignore")  # those of libraries; mulle says its own in sentences


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; never raises for what a user can do wrong.

    Args:
        arguments: without the program's name; those of the process if None.

    Returns:
        The exit code, see `Exit`.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    talk.make_printable()
    command = typer.main.get_command(app)
    try:
        with warnings.catch_warnings():
            code: Any = command.main(_hoisted(given), prog_name="mulle", standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        return refuse(error, debug="--debug" in given)
    return code if isinstance(code, int) else Exit.done


def _hoisted(arguments: list[str]) -> list[str]:
    """Flags of the whole command first, wherever they were written."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    flags = [a for a in arguments[:end] if a in _GLOBAL]
    return flags + [a for a in arguments[:end] if a not in _GLOBAL] + arguments[end:]
