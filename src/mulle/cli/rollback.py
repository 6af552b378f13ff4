"""`mulle rollback`: the model that served before serves again."""

from __future__ import annotations

from typing import Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.language import messages


def add_to(app: typer.Typer) -> None:
    """Add the verb to the app."""
    app.command(
        "rollback",
        short_help="Let the model that served before serve again.",
        epilog=example('mulle rollback titanic --reason "complaints from the desk"'),
    )(rollback)


def rollback(
    model: Annotated[
        str, typer.Argument(metavar="NAME", help="A registered name, or a replaced .mulle file.")
    ],
    to: Annotated[
        str, typer.Option(metavar="VERSION", help="Or an alias; the one before if not given.")
    ] = "",
    reason: Annotated[str, typer.Option(help="For the ledger.")] = "",
    registry: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Of named models; .mulle if not given.")
    ] = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Let the model that served before the last promotion serve again, in one move.

    The earlier file is checked first; if it is damaged, nothing is moved.
    """
    from mulle.verbs.retrain import rollback as roll_back

    done = roll_back(model, to=to, reason=reason, registry=registry)
    if format is Format.json:
        console.write_json(done)
        return Exit.done
    key = "rollback-file" if done.up.version is None else "rollback"
    facts = {"model": done.model, "up": done.up.version, "down": done.down.version}
    console.write(messages()(f"retrain.{key}", **facts))
    return Exit.done
