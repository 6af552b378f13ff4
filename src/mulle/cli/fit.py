"""`mulle fit`: from a table to a proven model file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.notices import notices_json
from mulle.cli.options import AsFormat, Format, Replace, example, pairs
from mulle.cli.reading_options import takes_reading, without_drop
from mulle.errors import UsageError
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.table import ReadOptions
    from mulle.verbs.fit import Result


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(
        "fit",
        epilog=example(
            "mulle fit titanic.csv --target survived --time 60",
            "mulle fit --resume 20260102-030405-titanic",
        ),
    )(takes_reading()(fit))


def fit(
    table: Annotated[str, typer.Argument(metavar="TABLE")] = "",
    target: Annotated[str, typer.Option("--target", "-t")] = "",
    time: Annotated[float | None, typer.Option()] = None,
    trials: Annotated[int | None, typer.Option()] = None,
    preset: Annotated[str, typer.Option(metavar="quick|good|best")] = "good",
    seed: Annotated[int, typer.Option()] = 0,
    test: Annotated[str | None, typer.Option(metavar="FILE")] = None,
    test_size: Annotated[float, typer.Option()] = 0.2,
    output: Annotated[str, typer.Option("--output", "-o")] = "",
    task: Annotated[
        str | None,
        typer.Option(metavar="binary|multiclass|regression"),
    ] = None,
    metric: Annotated[str | None, typer.Option()] = None,
    plan: Annotated[str | None, typer.Option(metavar="FILE")] = None,
    group: Annotated[str | None, typer.Option(metavar="COLUMN")] = None,
    time_column: Annotated[str | None, typer.Option(metavar="COLUMN")] = None,
    weight: Annotated[str | None, typer.Option(metavar="COLUMN")] = None,
    class_weight: Annotated[str | None, typer.Option(metavar="balanced")] = None,
    positive: Annotated[str | None, typer.Option(metavar="LABEL")] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(metavar="fp|fn=COST"),
    ] = None,
    threshold: float | None = None,
    encoder: Annotated[str | None, typer.Option(metavar="DIR")] = None,
    max_tokens: Annotated[int, typer.Option()] = 128,
    jobs: Annotated[int, typer.Option()] = 0,
    on: Annotated[str | None, typer.Option(metavar="CLUSTER")] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN"),
    ] = None,
    replace: Replace = False,
    memory: Annotated[str | None, typer.Option(metavar="SIZE")] = None,
    rows: Annotated[int | None, typer.Option(metavar="N")] = None,
    max_latency: Annotated[float | None, typer.Option(metavar="MS")] = None,
    max_size: Annotated[float | None, typer.Option(metavar="MB")] = None,
    format: AsFormat = Format.text,
    *,
    reading: ReadOptions,
) -> Exit:
    """Prepare, train, tune, blend, prove and report: a .mulle file and a page on how it came.

    Ctrl-C delivers the best model so far; a second Ctrl-C ends at once.
    """
    if resume is not None:
        return deliver(resume_run(resume, time, on), format)
    if not table or not target:
        raise UsageError("fit-without-target" if table else "fit-without-table")
    options = {
        "time": time,
        "trials": trials,
        "preset": preset,
        "seed": seed,
        "test": test,
        "test_size": test_size,
        "output": output,
        "replace": replace,
        "memory": memory,
        "rows": rows,
        "max_latency": max_latency,
        "max_size": max_size,
        "task": task,
        "metric": metric,
        "plan": plan,
        "group": group,
        "time_column": time_column,
        "weight": weight,
        "drop": reading.drop,
        "reading": without_drop(reading),
        "class_weight": class_weight,
        "positive": positive,
        "cost": _costs(cost or []),
        "threshold": threshold,
        "encoder": encoder,
        "max_tokens": max_tokens,
        "n_jobs": jobs,
        "on": on,
    }
    return deliver(fit_table(table, target, options), format)


def _costs(given: list[str]) -> dict[str, float]:
    """Return the costs of errors.

    Raises:
        UsageError: one is no number.
    """
    costs = {}
    for error, text in pairs(given, "--cost", "fn=10").items():
        try:
            costs[error] = float(text)
        except ValueError:
            raise UsageError("cost-range", error=error, received=text) from None
    return costs


def fit_table(table: str, target: str, options: dict[str, Any]) -> Result:
    """Fit a table, with progress on stderr."""
    from mulle.cli.progress import FitProgress
    from mulle.verbs.fit import fit as fit_model

    with FitProgress() as progress:
        return fit_model(table, target, progress=progress, **options)


def resume_run(run: str, time: float | None, on: str | None) -> Result:
    """Go on with a run, with progress on stderr."""
    from mulle.cli.progress import FitProgress
    from mulle.verbs.fit import resume

    console.say(messages()("cli.resuming", run=run))
    with FitProgress() as progress:
        return resume(run, time=time, on=on, progress=progress)


def deliver(result: Result, format: Format) -> Exit:
    """Print the result of a fit."""
    from mulle.cli.fit_summary import summarize
    from mulle.verbs.fit.fetch import is_address

    summary = result.summary()
    if format is Format.json:
        told = notices_json(result.reading.left_out, result.reading.doubts)
        console.write_json(summary | told)
    else:
        target, source = result.model.manifest.target.name, result.run.settings.source
        rows = "ROWS.csv" if is_address(source) else source  # only fit fetches
        console.write(summarize(summary, target=target, source=rows))
    if result.stopped != "interrupted":
        return Exit.done
    console.warn(messages()("cli.interrupted-fit", run=summary["run"]))
    return Exit.interrupted
