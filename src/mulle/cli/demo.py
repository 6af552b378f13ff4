"""`mulle demo`: the main job on a real table that is already on this machine."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.fit import deliver, fit_table
from mulle.cli.options import AsFormat, Format, example
from mulle.errors import UsageError


class Name(StrEnum):
    """The tables of the demo."""

    breast_cancer = "breast_cancer"
    diabetes = "diabetes"
    digits = "digits"
    listings = "listings"
    wine = "wine"


def add_to(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(
        "demo",
        epilog=example("mulle demo --table listings --lang ko"),
    )(demo)


def demo(
    table: Annotated[Name, typer.Option()] = Name.breast_cancer,
    time: Annotated[float, typer.Option()] = 40.0,
    format: AsFormat = Format.text,
) -> Exit:
    """Write a table to this folder and fit it: a .mulle file and a report come out."""
    from mulle.cli.demo_data import make_table

    path = Path(f"{table.value}.csv")
    data, target = make_table(table.value)
    if path.exists() and path.read_bytes() != data:
        raise UsageError("demo-file-exists", where=str(path.absolute()), path=path)
    from mulle.files import write_bytes

    write_bytes(path, data)
    console.say(f"$ mulle fit {path} --target {target} --time {time:g}")
    return deliver(fit_table(str(path), target, {"time": time, "output": ""}), format)
