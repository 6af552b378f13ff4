"""`mulle rollback`: the model that served before serves again."""

from __future__ import annotations

from pathlib import Path
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
        epilog=example('mulle rollback titanic --reason "complaints from the desk"'),
    )(rollback)


def rollback(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    to: Annotated[str, typer.Option(metavar="VERSION")] = "",
    reason: Annotated[str, typer.Option()] = "",
    registry: Annotated[str | None, typer.Option(metavar="FOLDER")] = None,
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
    facts["kept"] = Path(done.up.path).parent.as_posix()
    console.write(messages()(f"retrain.{key}", **facts))
    return Exit.done
