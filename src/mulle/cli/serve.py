"""`mulle serve`: answer requests with model files, over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mulle.cli import talk
from mulle.cli.options import InLanguage, Language, example


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "serve",
        short_help="Answer requests with model files, over HTTP.",
        epilog=example(
            "mulle serve titanic.mulle",
            "mulle serve churn@champion prices=models/prices.mulle --port 9000 --workers 2",
            "curl localhost:8080/predict -H 'content-type: application/json' -d '{\"age\": 31}'",
        ),
    )(serve)


def serve(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...",
            help="A .mulle file, a folder of them, NAME=FILE, or NAME[@ALIAS] of the registry.",
        ),
    ],
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0: all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where to listen.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
    registry: Annotated[Path, typer.Option(help="The folder of the registry.")] = Path(".mulle"),
    max_body: Annotated[int, typer.Option(min=1, help="Megabytes of one request.")] = 16,
    max_rows: Annotated[int, typer.Option(min=1, help="Rows of one request.")] = 100_000,
    route: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Which version answers: rules in TOML.")
    ] = None,
    state_dir: Annotated[Path, typer.Option(help="What the server must not forget.")] = Path(
        ".mulle/serve"
    ),
    database: Annotated[
        str,
        typer.Option(
            envvar="MULLE_DATABASE", metavar="URL", help="A database for the same, to be shared."
        ),
    ] = "",
    lang: InLanguage = Language.en,
) -> None:
    """Answer requests with model files, over HTTP, until stopped.

    Replaced files and moved aliases are taken up while it runs, without losing a request.
    """
    from mulle.serve.server import run
    from mulle.serve.settings import MEGABYTE, Settings

    if route:
        from mulle.serve.routing import read_rules

        read_rules(route)  # what is wrong is said before any process starts
    settings = Settings(
        models=tuple(models),
        registry=registry,
        host=host,
        port=port,
        workers=workers,
        max_body=max_body * MEGABYTE,
        max_rows=max_rows,
        route=route,
        state_dir=state_dir,
        database=database,
        lang=lang.value,
    )
    talk.say(f"Serving {', '.join(models)} on http://{host}:{port}; Ctrl-C stops.")
    run(settings)
