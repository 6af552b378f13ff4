"""`mulle serve`: answer requests with model files, over HTTP."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.options import InLanguage, Language, example


class LogForm(StrEnum):
    """How requests are told of."""

    json = "json"
    text = "text"
    none = "none"


if TYPE_CHECKING:
    from mulle.verbs.serve.settings import Settings


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
    grpc_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where to answer gRPC as well; 0: nowhere.")
    ] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes that share the port.")] = 1,
    registry: Annotated[Path, typer.Option(help="The folder of the registry.")] = Path(".mulle"),
    max_body: Annotated[int, typer.Option(min=1, help="Megabytes of one request.")] = 16,
    max_rows: Annotated[int, typer.Option(min=1, help="Rows of one request.")] = 100_000,
    keys: Annotated[
        Path | None, typer.Option(help="Ask for an API key of this file; see `mulle keys`.")
    ] = None,
    guard_metrics: Annotated[
        bool, typer.Option("--guard-metrics", help="Ask for a key at /metrics too.")
    ] = False,
    rate: Annotated[
        str, typer.Option(help="Requests of one key (or address), like 100/s or 600/m.")
    ] = "",
    burst: Annotated[int, typer.Option(min=0, help="How many may come at once.")] = 0,
    cors: Annotated[
        list[str] | None, typer.Option(help="A web origin that may ask; repeat for more.")
    ] = None,
    allow_upload: Annotated[
        Path | None, typer.Option(help="A served folder into which admins may PUT models.")
    ] = None,
    max_held: Annotated[
        int, typer.Option(min=1, help="Megabytes of bodies that one process holds at once.")
    ] = 256,
    read_timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds for a client to send headers, or a part.")
    ] = 10.0,
    max_connections: Annotated[int, typer.Option(min=1, help="Of one process.")] = 1_024,
    max_per_address: Annotated[int, typer.Option(min=1, help="Connections of one address.")] = 256,
    log: Annotated[LogForm, typer.Option(help="How each request is told of.")] = LogForm.none,
    log_rows: Annotated[
        bool, typer.Option("--log-rows", help="Write the content of rows into the log.")
    ] = False,
    warnings: Annotated[
        bool,
        typer.Option(help="Tell in answers of ignored columns and values never seen."),
    ] = True,
    state_dir: Annotated[Path, typer.Option(help="What the server must not forget.")] = Path(
        ".mulle/serve"
    ),
    database: Annotated[
        str,
        typer.Option(envvar="MULLE_DATABASE", help="URL of a database for the same; else SQLite."),
    ] = "",
    data_dir: Annotated[
        Path | None, typer.Option(help="A folder whose files jobs may name.", file_okay=False)
    ] = None,
    max_upload: Annotated[int, typer.Option(min=1, help="Megabytes of a job's file.")] = 10_240,
    keep_jobs: Annotated[float, typer.Option(min=0, help="Days that results are kept.")] = 7.0,
    allow_private_webhooks: Annotated[
        bool, typer.Option("--allow-private-webhooks", help="Call addresses of your network, too.")
    ] = False,
    routing: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Routing policies of the models, in TOML.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch/--no-watch", help="Compare rows with the training rows.")
    ] = True,
    watch_window: Annotated[
        str, typer.Option(metavar="TIME", help="How far back such a verdict looks, like 24h.")
    ] = "24h",
    watch_every: Annotated[
        float, typer.Option(min=1, help="Seconds between checks for /metrics and alerts.")
    ] = 30.0,
    log_predictions: Annotated[
        str,
        typer.Option(
            metavar="PLACE",
            envvar="MULLE_LOG",
            help="Log rows and answers: a .db file, a folder for Parquet, or a database URL.",
        ),
    ] = "",
    log_share: Annotated[float, typer.Option(min=0, max=1, help="Of the rows, kept.")] = 1.0,
    log_keep_days: Annotated[float, typer.Option(min=0, help="Older rows go; 0: none.")] = 0.0,
    log_drop: Annotated[
        list[str] | None,
        typer.Option("--log-redact", metavar="COLUMN", help="Never logged; repeatable."),
    ] = None,
    log_hash: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Logged as a hash, salted by MULLE_LOG_SALT."),
    ] = None,
    alerts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Who is told of what: rules in TOML.")
    ] = None,
    lang: InLanguage = Language.en,
) -> None:
    """Answer requests with model files, over HTTP, until stopped.

    Replaced files and moved aliases are taken up while it runs, without losing a request.
    """
    settings = _settings(locals())
    from mulle.verbs.serve.security.checks import LOOPBACK, check
    from mulle.verbs.serve.server import run

    if routing:
        from mulle.verbs.serve.routing import read_policies

        read_policies(routing)  # what is wrong is said before any process starts
    check(settings)
    if not keys and host not in LOOPBACK:
        console.warn(
            f"{host} can be reached from other machines, and whoever reaches it may ask anything:"
            " there are no keys.\n  fix: mulle keys new --name NAME --scope predict;"
            " then add --keys .mulle/keys.toml"
        )
    console.say(f"Serving {', '.join(models)} on http://{host}:{port}; Ctrl-C stops.")
    run(settings)


def _settings(options: dict[str, Any]) -> Settings:
    """Options as the settings of their names: bytes for megabytes, tuples for lists."""
    from mulle.times import length
    from mulle.verbs.serve.security.rate_limit import read_rate
    from mulle.verbs.serve.settings import MEGABYTE, Settings

    for name in ("max_body", "max_held", "max_upload"):
        options[name] *= MEGABYTE
    for name in ("models", "cors", "log_drop", "log_hash"):
        options[name] = tuple(options[name] or ())
    options["rate"] = read_rate(options["rate"]) if options["rate"] else 0.0
    options["watch_window"] = length(options["watch_window"], "--watch-window")
    options["log"], options["lang"] = options["log"].value, options["lang"].value
    return Settings(**options)
