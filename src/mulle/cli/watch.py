"""`mulle watch`: compare new rows with those that a model learned from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.notices import tell
from mulle.cli.options import Bundle, Replace, example
from mulle.cli.reading_options import given_options, takes_reading
from mulle.errors import UsageError
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.table import ReadOptions
    from mulle.verbs.watch import DriftReport


class Shape(StrEnum):
    """Format of a drift report."""

    text = "text"
    json = "json"
    html = "html"


def add_to(app: typer.Typer) -> None:
    """Add the verb to the app."""
    app.command(
        "watch",
        epilog=example(
            "mulle watch titanic.mulle new.csv",
            "mulle watch titanic.mulle new.parquet --format json --fail-on-drift",
            "mulle watch titanic.mulle june.csv --against may.csv -o june.html",
            "mulle watch titanic.mulle titanic.db --since 24h",
        ),
    )(takes_reading(of_columns=False)(watch))


def watch(
    model: Bundle,
    rows: Annotated[str, typer.Argument(metavar="NEW")],
    format: Annotated[Shape | None, typer.Option("--format")] = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE")] = "",
    replace: Replace = False,
    against: Annotated[str | None, typer.Option(metavar="FILE")] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", "-t"),
    ] = None,
    whole_year: Annotated[bool, typer.Option("--whole-year")] = False,
    since: Annotated[str, typer.Option(metavar="TIME")] = "",
    logged_as: Annotated[
        str,
        typer.Option(metavar="NAME[@VERSION]"),
    ] = "",
    fail: Annotated[bool, typer.Option("--fail-on-drift")] = False,
    verbose: Annotated[bool, typer.Option("--verbose")] = False,
    *,
    reading: ReadOptions,
) -> Exit:
    """Compare new rows with what a model learned from: columns, answers, and scores where known.

    A column has drifted where the lower bound of its effect exceeds 2 % of the rows. Else no drift
    is seen and a smaller move could hide; too few rows give "cannot tell", and how many are needed.
    """
    shape, path = _shape(format, output, replace=replace)
    from mulle.verbs.watch import watch as run
    from mulle.verbs.watch.logged import is_log, watch_log
    from mulle.verbs.watch.sentences import render_unknown_labels

    is_logged = is_log(rows)
    if is_logged:
        _refuse("option-of-tables", rows, {"--target": target, "--against": against}, reading)
    else:
        _refuse("option-of-logs", rows, {"--since": since, "--logged-as": logged_as})
    if verbose and path is None and shape is not Shape.text:
        console.note(messages()("cli.verbose-always", format=shape.value))
    if is_logged:
        report = watch_log(
            model, rows, since=_moment(since), logged_as=logged_as, whole_year=whole_year
        )
    else:
        report = run(
            model, rows, target=target, against=against, whole_year=whole_year, reading=reading
        )
    tell(report.left_out, report.doubts, rows)
    if report.n_labels_unknown and path is None and shape is not Shape.text:
        console.warn(render_unknown_labels(report, messages()))
    written = _encode(report, shape, verbose=verbose)
    if path is None:
        console.write_bytes(written)
    else:
        from mulle.files import write_bytes

        write_bytes(path, written)
        console.write(f"{report.summary(verbose=verbose)}\n\n{path}")
    return Exit.gate_missed if fail and report.alarm else Exit.done


def _refuse(
    code: str, rows: str, given: dict[str, str | None], reading: ReadOptions | None = None
) -> None:
    """Refuse options that would do nothing for what the rows are: a log, or a table.

    Raises:
        UsageError: one is given.
    """
    names = [option for option, value in given.items() if value]
    names += given_options(reading) if reading is not None else []
    if names:
        raise UsageError(code, where=rows, option=names[0], name=Path(rows).name)


def _moment(text: str) -> datetime | None:
    """Return a moment, given as such or as the time since then.

    Raises:
        UsageError: it is neither.
    """
    from mulle.times import length

    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.now(UTC) - timedelta(seconds=length(text, "--since"))


def _shape(format: Shape | None, output: str, *, replace: bool) -> tuple[Shape, Path | None]:
    """Return the format of the report and its file; None for stdout.

    Raises:
        UsageError: the name does not end as the format asks, or the file is there already.
        RunError: the folder cannot be written to.
    """
    from mulle.files import check_output

    if not output:
        return format or Shape.text, None
    path = Path(output)
    named = {".json": Shape.json, ".html": Shape.html, ".txt": Shape.text}.get(path.suffix.lower())
    if named is None or format not in (None, named):
        wanted = (
            {Shape.text: ".txt"}.get(format, f".{format}") if format else ".json, .html or .txt"
        )
        raise UsageError(
            "output-format", where=output, suffix=path.suffix or path.name, wanted=wanted
        )
    check_output(path, replace=replace)
    return named, path


def _encode(report: DriftReport, shape: Shape, *, verbose: bool) -> bytes:
    if shape is Shape.json:
        return report.to_json() + b"\n"
    text = report.to_html() if shape is Shape.html else report.summary(verbose=verbose)
    return text.encode("utf-8", "replace") + (b"" if shape is Shape.html else b"\n")
