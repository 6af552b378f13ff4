"""`mulle export`: the model in the layout of another tool, or as a program that runs it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import Bundle, Replace, example


class Layout(StrEnum):
    """Where the model goes."""

    onnx = "onnx"
    mlflow = "mlflow"
    web = "web"
    android = "android"
    c = "c"
    docker = "docker"


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "export",
        epilog=example(
            "mulle export titanic.mulle --format onnx -o titanic",
            "mulle export titanic.mulle --format web && cd titanic_web && npm install",
        ),
    )(export)


def export(
    model: Bundle,
    format: Annotated[
        Layout,
        typer.Option(
            "--format",
        ),
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
    runtime: Annotated[
        str,
        typer.Option(
            metavar="FOLDER|cdn",
        ),
    ] = "",
    replace: Replace = False,
) -> Exit:
    """Write the model for elsewhere: the graph with what its caller must do, or a whole sample.

    Nothing is fetched: each folder's README says what else it needs.
    """
    from mulle.bundle import exports, load
    from mulle.files import filling

    name = Path(model).stem
    write: dict[Layout, Callable[..., list[Path]]] = {
        Layout.onnx: exports.export_onnx,
        Layout.mlflow: exports.export_mlflow,
        Layout.web: partial(exports.export_web, runtime=runtime),
        Layout.android: exports.export_android,
        Layout.c: exports.export_c,
        Layout.docker: partial(exports.export_docker, name=name),
    }
    folder = output or Path(f"{name}_{format.value}")
    loaded = load(model)
    with filling(folder, replace=replace) as empty:
        paths = [path.relative_to(empty) for path in write[format](loaded, empty)]
    for path in paths:
        console.write(str(folder / path))
    return Exit.done
