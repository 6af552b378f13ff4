"""`mulle log`: export a prediction log, attach labels, remove old predictions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, Replace, example
from mulle.language import messages

if TYPE_CHECKING:
    import polars as pl

_Log = Annotated[str, typer.Argument(metavar="LOG")]
_Days = Annotated[float | None, typer.Option()]


def add_to(app: typer.Typer) -> None:
    """Add the verb and its commands to the app."""
    group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    group.command("export", epilog=example("mulle log export titanic.db -o rows.parquet"))(export)
    group.command("labels", epilog=example("mulle log labels titanic.db truth.csv"))(labels)
    group.command("prune", epilog=example("mulle log prune titanic.db --days 90"))(prune)
    app.add_typer(group, name="log")


def export(
    log: _Log,
    output: Annotated[Path, typer.Option("--output", "-o")],
    model: Annotated[str, typer.Option()] = "",
    version: Annotated[str, typer.Option()] = "",
    since: Annotated[datetime | None, typer.Option()] = None,
    until: Annotated[datetime | None, typer.Option()] = None,
    labelled: Annotated[bool, typer.Option("--labelled")] = False,
    replace: Replace = False,
) -> Exit:
    """Write logged rows with answers and labels as one table."""
    from mulle.files import check_output
    from mulle.verbs.watch.log import read_log

    check_output(output, replace=replace)
    logged = read_log(
        log, model=model, version=version, since=_utc(since), until=_utc(until), labelled=labelled
    )
    _write(logged.frame(), output)
    console.write(messages()("log.exported", file=str(output), count=len(logged)))
    return Exit.done


def labels(
    log: _Log,
    table: Annotated[str, typer.Argument(metavar="TABLE")],
    id: Annotated[str, typer.Option()] = "id",
    label: Annotated[str, typer.Option()] = "label",
    format: AsFormat = Format.text,
) -> Exit:
    """Attach labels to predictions by their ids."""
    from mulle.verbs.watch.log import attach_labels_from

    done = attach_labels_from(log, table, id=id, label=label)
    if format is Format.json:
        console.write_json(done)
    else:
        console.write(messages()("log.labelled", given=done.given, known=done.known))
    return Exit.done


def prune(
    log: _Log,
    days: _Days = None,
    rows: Annotated[int | None, typer.Option()] = None,
    bytes: Annotated[int | None, typer.Option()] = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Remove the oldest predictions, and labels without one."""
    from mulle.verbs.watch.log import Retention, prune_log

    removed = prune_log(log, Retention(days, rows, bytes))
    if format is Format.json:
        console.write_json({"removed": removed})
    else:
        console.write(messages()("log.pruned", count=removed))
    return Exit.done


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _write(frame: pl.DataFrame, output: Path) -> None:
    """Write a table by the ending of its name; lists become JSON in CSV."""
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
        raise UsageError("log-export", name=output.name)
    write_bytes(output, buffer.getvalue())


def _json(value: object) -> str | None:
    import msgspec

    return None if value is None else msgspec.json.encode(value).decode()
