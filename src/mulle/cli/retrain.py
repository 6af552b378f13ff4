"""`mulle retrain`: a challenger from new labelled rows, promoted only if it is surely better."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.notices import tell
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.reading_options import takes_reading
from mulle.cli.text_table import render_table
from mulle.errors import UsageError
from mulle.i18n import current_language
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.table import ReadOptions
    from mulle.verbs.retrain import Outcome


def add_to(app: typer.Typer) -> None:
    """Add the verb to the app."""
    app.command(
        "retrain",
        epilog=example(
            "mulle retrain titanic.mulle new.csv --old titanic.csv --name titanic",
            "mulle retrain titanic new.csv --policy window:90 --if-drift now",
            "mulle retrain titanic new.csv --template systemd -o units",
            "mulle retrain --history titanic",
        ),
    )(takes_reading(of_columns=False)(retrain))


def retrain(
    context: typer.Context,
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL"),
    ] = "",
    new: Annotated[str, typer.Argument(metavar="NEW")] = "",
    old: Annotated[
        list[str] | None,
        typer.Option(metavar="TRAIN"),
    ] = None,
    policy: Annotated[
        str,
        typer.Option(metavar="all|new|recent:N|window:DAYS"),
    ] = "all",
    search: Annotated[bool, typer.Option("--search")] = False,
    time: Annotated[float | None, typer.Option()] = None,
    trials: Annotated[int | None, typer.Option()] = None,
    preset: Annotated[str, typer.Option(metavar="quick|good|best")] = "good",
    metric: Annotated[str | None, typer.Option()] = None,
    time_column: Annotated[str | None, typer.Option(metavar="COLUMN")] = None,
    holdout: Annotated[
        str,
        typer.Option(metavar="SHARE|recent"),
    ] = "0.3",
    min_gain: Annotated[float, typer.Option()] = 0.0,
    not_worse: Annotated[bool, typer.Option("--not-worse")] = False,
    latency_factor: Annotated[float, typer.Option()] = 3.0,
    size_factor: Annotated[float, typer.Option()] = 3.0,
    floor: Annotated[float | None, typer.Option()] = None,
    seed: Annotated[int, typer.Option()] = 0,
    registry: Annotated[str | None, typer.Option(metavar="FOLDER")] = None,
    name: Annotated[str, typer.Option()] = "",
    replace: Annotated[bool, typer.Option("--replace")] = False,
    if_drift: Annotated[
        str | None,
        typer.Option(metavar="REPORT|now"),
    ] = None,
    trigger: Annotated[
        str,
        typer.Option(metavar="hand|schedule|alert"),
    ] = "hand",
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    history: Annotated[str | None, typer.Option(metavar="MODEL")] = None,
    template: Annotated[
        str | None,
        typer.Option(metavar="cron|systemd|github"),
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="DIR")] = ".",
    jobs: Annotated[int, typer.Option()] = 0,
    format: AsFormat = Format.text,
    *,
    reading: ReadOptions,
) -> Exit:
    """Train a challenger on old and new labelled rows; let it take over if it is surely better.

    Champion and challenger answer the same rows, held out of the new ones. The challenger takes
    over only if the 95 % interval of its gain (paired bootstrap) lies above --min-gain, and the
    other gates hold: parity, latency, size, labels, floor. Exit codes: 0 promoted, or nothing to
    do; 3 a gate was missed, and the champion serves on.
    """
    if history is not None:
        return _history(history, registry, format)
    if not model:
        raise UsageError("retrain-model-missing")
    if not new:
        raise UsageError("retrain-new-missing")
    options = {
        "policy": policy,
        "search": search,
        "time": time,
        "trials": trials,
        "preset": preset,
        "metric": metric,
        "time_column": time_column,
        "holdout": holdout,
        "min_gain": min_gain,
        "not_worse": not_worse,
        "latency_factor": latency_factor,
        "size_factor": size_factor,
        "floor": floor,
        "seed": seed,
        "replace": replace,
        "if_drift": if_drift,
        "trigger": trigger,
        "dry_run": dry_run,
        "n_jobs": jobs,
        "reading": reading,
        "lang": current_language(),
    }
    if template is not None:
        return _write_schedule(template, output, context, options)
    outcome = _run(model, new, old, registry, name, options)
    tell(outcome.left_out, outcome.doubts, new)
    return _deliver(outcome, format)


def _run(
    model: str,
    new: str,
    old: list[str] | None,
    registry: str | None,
    name: str,
    options: dict[str, Any],
) -> Outcome:
    from mulle.cli.progress import FitProgress
    from mulle.verbs.retrain import retrain as retrained

    with FitProgress() as progress:
        return retrained(
            model, new, old=old, registry=registry, name=name, progress=progress, **options
        )


def _deliver(outcome: Outcome, format: Format) -> Exit:
    from mulle.verbs.retrain.report import render_text

    if format is Format.json:
        console.write_json(outcome.summary())
    else:
        console.write(render_text(outcome, current_language()))
        if outcome.folder:
            console.write(f"\n  {Path(outcome.folder) / 'decision.html'}")
    return Exit.gate_missed if outcome.decision == "refused" else Exit.done


def _history(model: str, registry: str | None, format: Format) -> Exit:
    from mulle.verbs.retrain import history
    from mulle.verbs.retrain.report import render_step

    entries = history(model, registry=registry)
    if format is Format.json:
        console.write_json(entries)
        return Exit.done
    words = messages()
    if not entries:
        console.write(words("retrain.history-none", model=model))
        return Exit.done
    rows = [(entry.at[:19] + "Z", entry.loop, render_step(entry, words)) for entry in entries]
    console.write(render_table((), rows))
    return Exit.done


def _write_schedule(
    kind: str, output: str, context: typer.Context, options: dict[str, Any]
) -> Exit:
    from mulle.verbs.retrain import Settings
    from mulle.verbs.retrain.schedules import write_schedules

    Settings(**options).checked()  # a wrong option is refused now, not every night
    model, registry = context.params["model"], context.params["registry"]
    bare = model.endswith(".mulle") and not context.params["name"]
    written = write_schedules(
        kind,
        Path(output),
        _repeated(context),
        name=context.params["name"] or Path(model).stem,
        here=Path.cwd(),
        replace=context.params["replace"],
        registry=(Path(model).parent / ".mulle" if bare else Path(registry or ".mulle")).as_posix(),
    )
    for path in written:
        console.write(messages()("retrain.template", path=str(path)))
    return Exit.done


def _repeated(context: typer.Context) -> list[str]:
    """Return the command as a schedule runs it: without --template, triggered by `schedule`."""
    given = {name: value for name, value in context.params.items() if _was_given(context, name)}
    skipped = {"model", "new", "template", "output", "history", "dry_run", "trigger", "quiet"}
    words = ["mulle", "retrain", str(context.params["model"]), str(context.params["new"])]
    for name, value in given.items():
        if name in skipped or value is None or value is False:
            continue
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            words += [option, str(getattr(one, "value", one))]
    trigger = "alert" if context.params["if_drift"] else "schedule"
    return [*words, "--lang", current_language(), "--trigger", trigger, "--quiet"]


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
