"""The command `mulle`: its verbs, its global options, and how errors end it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from mulle.cli import (
    ab,
    alerts,
    code,
    console,
    demo,
    doctor,
    evaluate,
    explain,
    explore,
    export,
    fit,
    keys,
    learn,
    log,
    models,
    pack,
    predict,
    read,
    retrain,
    rollback,
    runs,
    serve,
    watch,
)
from mulle.cli.errors import report_error
from mulle.cli.exits import Exit
from mulle.cli.help import localize
from mulle.cli.interrupts import hearing_interrupts
from mulle.cli.options import example
from mulle.errors import UsageError
from mulle.i18n import set_language
from mulle.language import check_language

_FLAGS = ("--debug", "--quiet")  # taken before or after the verb, like --lang

# Without Rich's boxes, help comes in a third of the time and reads the same in any terminal.
app = typer.Typer(
    name="mulle",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    epilog=example("mulle demo"),
)
for verb in (
    read,
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
    learn,
    export,
    pack,
    code,
    demo,
    doctor,
    runs,
    models,
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
        typer.Option("--version", callback=_version, is_eager=True),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet")] = False,
    debug: Annotated[bool, typer.Option("--debug")] = False,
    lang: Annotated[str, typer.Option("--lang", metavar="en|ko", show_default=False)] = "",
) -> None:
    """Spin a table into a proven model file, on your own machine, and see every step of it."""
    console.quiet = quiet
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
    console.make_printable()
    _spare_addresses()
    with hearing_interrupts() as heard:
        try:
            code = _run(given)
            if heard and code == Exit.interrupted and not isinstance(code, Exit):
                raise KeyboardInterrupt  # which Typer has ended in silence
        except BaseException as error:
            if isinstance(error, SystemExit):
                raise
            if heard and isinstance(error, ImportError | SystemError):
                error = KeyboardInterrupt()
            return report_error(error, arguments=given, debug="--debug" in given)
        finally:
            set_language(None)
    return code if isinstance(code, int) else Exit.done


def _run(given: list[str]) -> Any:
    """Run one command; return what it returns, or what Typer makes of its end."""
    lang, rest = _take_language(given)
    if lang is not None:
        set_language(check_language(lang))
    command = typer.main.get_command(app)
    localize(command)
    with warnings.catch_warnings():
        code = command.main(_hoist(rest), prog_name="mulle", standalone_mode=False)
    sys.stdout.flush()
    return code


def _spare_addresses() -> None:
    """Reserve few addresses where a limit is set on them, before any library starts its threads."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        from mulle.doctor.memory import spare_addresses

        spare_addresses()


def _take_language(arguments: list[str]) -> tuple[str | None, list[str]]:
    """Return the value of the last `--lang`, and the arguments without it.

    Raises:
        UsageError: --lang has no value.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    lang, rest = None, []
    words = iter(arguments[:end])
    for word in words:
        name, equals, value = word.partition("=")
        if name != "--lang":
            rest.append(word)
            continue
        lang = value if equals else next(words, None)
        if lang is None:
            raise UsageError("option-without-value", option="--lang", command="mulle")
    return lang, rest + arguments[end:]


def _hoist(arguments: list[str]) -> list[str]:
    """Return the arguments with the flags of the whole command first."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    flags = [a for a in arguments[:end] if a in _FLAGS]
    return flags + [a for a in arguments[:end] if a not in _FLAGS] + arguments[end:]
