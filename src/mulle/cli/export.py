"""`mulle export`: the model in the layout of another tool."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mulle.cli import talk
from mulle.cli.exits import Exit
from mulle.cli.options import Bundle, example


class Layout(StrEnum):
    """Whose layout."""

    onnx = "onnx"
    mlflow = "mlflow"


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "export",
        short_help="The bare ONNX graph, or the layout of MLflow.",
        epilog=example("mulle export titanic.mulle --format onnx -o titanic"),
    )(export)


def export(
    model: Bundle,
    format: Annotated[Layout, typer.Option("--format", help="onnx: the graph, and what to do.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder; MODEL_FORMAT if not given.")
    ] = None,
) -> Exit:
    """Write the bare ONNX graph with what its caller must do, or the layout of MLflow."""
    from mulle.bundle import export_mlflow, export_onnx, load

    folder = output or Path(f"{Path(model).stem}_{format.value}")
    write = {Layout.onnx: export_onnx, Layout.mlflow: export_mlflow}[format]
    for path in write(load(model), folder):
        talk.result(str(path))
    return Exit.done
