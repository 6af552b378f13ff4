"""`mulle log`: what a prediction log holds, as a table; labels for it; removing what is old."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example

if TYPE_CHECKING:
    import polars as pl

_Log = Annotated[str, typer.Argument(metavar="LOG", help="A .db file, a folder, or a URL.")]
_Days = Annotated[float | None, typer.Option(help="Keep so many days.")]


def add_to(app: typer.Typer) -> None:
    """Make the verb and what stands below it known."""
    group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    group.command("export", epilog=example("mulle log export titanic.db -o rows.parquet"))(export)
    group.command("labels", epilog=example("mulle log labels titanic.db truth.csv"))(labels)
    group.command("prune", epilog=example("mulle log prune titanic.db --days 90"))(prune)
    app.add_typer(group, name="log", short_help="Predictions that were logged: export, label.")


def export(
    log: _Log,
    output: Annotated[Path, typer.Option("--output", "-o", help="A .csv or .parquet file.")],
    model: Annotated[str, typer.Option(help="Only what this model answered.")] = "",
    version: Annotated[str, typer.Option(help="Only what this version answered.")] = "",
    since: Annotated[datetime | None, typer.Option(help="From then on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before then, UTC.")] = None,
    labelled: Annotated[
        bool, typer.Option("--labelled", help="Only rows whose label is known.")
    ] = False,
) -> Exit:
    """Write logged rows with answers and labels as one table."""
    from mulle.verbs.watch.log import read_log

    logged = read_log(
        log, model=model, version=version, since=_utc(since), until=_utc(until), labelled=labelled
    )
    _write(logged.frame(), output)
    console.write(f"{output}: {len(logged)} rows")
    return Exit.done


def labels(
    log: _Log,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table with ids and labels.")],
    id: Annotated[str, typer.Option(help="Its column of ids.")] = "id",
    label: Annotated[str, typer.Option(help="Its column of labels.")] = "label",
    format: AsFormat = Format.text,
) -> Exit:
    """Attach what was true to the predictions, by their ids."""
    from mulle.verbs.watch.log import attach_labels_from

    done = attach_labels_from(log, table, id=id, label=label)
    if format is Format.json:
        console.write_json(done)
    else:
        console.write(f"{done.given} labels given, {done.known} of their ids are in the log.")
    return Exit.done


def prune(
    log: _Log,
    days: _Days = None,
    rows: Annotated[int | None, typer.Option(help="Keep so many of the newest.")] = None,
    bytes: Annotated[int | None, typer.Option(help="Keep about so many bytes.")] = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Remove the oldest predictions, and the labels that belong to none."""
    from mulle.verbs.watch.log import Retention, prune_log

    removed = prune_log(log, Retention(days, rows, bytes))
    if format is Format.json:
        console.write_json({"removed": removed})
    else:
        console.write(f"{removed} predictions removed.")
    return Exit.done


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _write(frame: pl.DataFrame, output: Path) -> None:
    """A table by the ending of its name; CSV has no lists, so those become JSON."""
    import io

    import polars as pl

    from mulle.errors import UsageError
    from mulle.files import write_bytes

    buffer = io.BytesIO()
    if output.suffix == ".parquet":
        frame.write_parquet(buffer)
    elif output.suffix == ".csv":
        nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
        flat = frame.with_columns(
            pl.Series(name, [_json(value) for value in frame[name].to_list()], pl.String)
            for name in nested
        )
        flat.write_csv(buffer)
    else:
        raise UsageError("log-export", suffix=output.suffix or "a file without an ending")
    write_bytes(output, buffer.getvalue())


def _json(value: object) -> str | None:
    import msgspec

    return None if value is None else msgspec.json.encode(value).decode()
