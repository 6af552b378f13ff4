"""`mulle code`: the blend of a run as a script of public libraries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, Replace, example
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.verbs.code import Script


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(
        "code",
        epilog=example(
            "mulle code titanic.mulle -o titanic.py",
            "mulle code 20260102-030405-titanic --no-check",
        ),
    )(code)


def code(
    run: Annotated[str, typer.Argument(metavar="RUN|MODEL")],
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
    table: Annotated[str | None, typer.Option(metavar="FILE")] = None,
    check: Annotated[bool, typer.Option("--check/--no-check")] = True,
    replace: Replace = False,
    format: AsFormat = Format.text,
) -> Exit:
    """Write what a run has found as a script that trains it again, with public libraries alone."""
    from mulle.verbs.code import code as write_code

    script = write_code(run, source=table, output=output, check=check, replace=replace)
    if format is Format.json:
        console.write_json(_facts(script))
        return _exit(script)
    if script.path is None:
        console.write(script.text.rstrip("\n"))
    else:
        console.write(messages()("code.written", path=str(script.path)))
    for path in script.copies:
        console.say(messages()("code.copied", path=path.as_posix()))
    _say_score(script)
    return _exit(script)


def _facts(script: Script) -> dict[str, Any]:
    return {
        "path": None if script.path is None else str(script.path),
        "script": script.text,
        "copies": [path.as_posix() for path in script.copies],
        "metric": script.metric,
        "expected": script.expected,
        "found": script.found,
        "reproduces": script.reproduces,
        "left_out": script.left_out,
    }


def _say_score(script: Script) -> None:
    """Say what the script gave when it was run, beside the score of the run."""
    words, values = messages(), {"metric": script.metric, "found": script.found}
    if script.left_out:
        console.warn(words("code.without", plans=script.left_out))
    if script.found is None:
        console.say(words("code.not-run"))
    elif script.reproduces:
        console.say(words("code.same", **values))
    else:
        console.warn(words("code.differs", expected=script.expected, **values))


def _exit(script: Script) -> Exit:
    """Return failure where a script of all members gives another score than the run."""
    differs = script.reproduces is False and not script.left_out
    return Exit.failed if differs else Exit.done
