"""`mulle runs`: the runs of this folder, one run in full, and where two differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.fit_summary import quote
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.sentences import list_sentences
from mulle.cli.text_table import render_next, render_table
from mulle.errors import UsageError
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.store import RunIndex, RunRecord
    from mulle.verbs.fit.ablation import Removed

_Run = Annotated[str, typer.Argument(metavar="RUN")]


def add_to(app: typer.Typer) -> None:
    """Add the verb and its subcommands to the application."""
    group = typer.Typer(rich_markup_mode=None)
    group.callback(invoke_without_command=True, epilog=example("mulle runs --limit 5"))(runs)
    group.command("show", epilog=example("mulle runs show 20260102-030405-titanic"))(show)
    group.command("compare", epilog=example("mulle runs compare 20260102 20260103"))(compare)
    group.command("ablate", epilog=example("mulle runs ablate titanic.mulle --time 60"))(ablate)
    app.add_typer(group, name="runs")


def runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option()] = 20,
    format: AsFormat = Format.text,
) -> Exit:
    """List the runs of this folder."""
    if context.invoked_subcommand:
        return Exit.done
    index = _index() if Path(".mulle").is_dir() else None
    found = index.runs(limit) if index else []
    for notice in index.notices if index else []:
        console.warn(notice.what)
    if format is Format.json:
        console.write_json(found)
    elif found:
        console.write(render_table(_header(), [_listed(run) for run in found]))
    else:
        command = "mulle fit TABLE --target COLUMN"
        console.write(f"{messages()('runs.none')}\n\n{render_next(command)}")
    return Exit.done


def show(run: _Run, format: AsFormat = Format.text) -> Exit:
    """Print the settings, scores, files and decisions of a run."""
    from mulle.decisions import read_decisions

    index = _index()
    record = index.run(run)
    folder = index.folder / "runs" / record.id
    decisions = list(read_decisions(folder / "decisions.jsonl"))
    if format is Format.json:
        console.write_json({"run": record, "folder": str(folder), "decisions": decisions})
        return Exit.done
    words = messages()
    facts = [
        (name, str(value)) for name, value in _facts(record, folder) if value not in {None, ""}
    ]
    console.write(
        "\n".join(
            [
                render_table((), facts),
                "",
                list_sentences(decisions, words),
                "",
                render_next(_next(record)),
            ]
        )
    )
    return Exit.done


def compare(
    run: Annotated[list[str], typer.Argument(metavar="RUN RUN...")],
    format: AsFormat = Format.text,
) -> Exit:
    """Print the settings and scores in which runs differ."""
    if len(run) < 2:
        raise UsageError("runs-too-few")
    differences = _index().compare(run)
    if format is Format.json:
        console.write_json({"runs": run, "differences": differences})
    elif differences:
        rows = [
            (d.key.removeprefix("details."), *("–" if v is None else str(v) for v in d.values))
            for d in differences
        ]
        console.write(render_table(("", *run), rows))
    else:
        console.write(messages()("runs.same"))
    return Exit.done


def ablate(
    run: Annotated[str, typer.Argument(metavar="RUN|MODEL")],
    plan: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    table: Annotated[str | None, typer.Option(metavar="FILE")] = None,
    time: Annotated[float | None, typer.Option(metavar="SECONDS", min=0.0)] = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Leave out each step and each group of columns of a plan, and print how its score changes."""
    from mulle.cli.progress import AblationProgress
    from mulle.verbs.fit import ablate as leave_out

    with AblationProgress() as progress:
        found = leave_out(run, plan=plan, source=table, time=time, progress=progress)
    if format is Format.json:
        console.write_json(found)
        return Exit.done
    words = messages()
    values = {"plan": found.plan, "metric": found.metric, "score": found.score}
    console.write(words("ablation.title", **values) + "\n")
    rows = [_part(part) for part in found.parts]
    header = [words(f"ablation.{name}") for name in ("without", "columns", "score", "gain", "says")]
    console.write(render_table(header, rows))
    console.write("\n" + words("ablation.explained"))
    return Exit.done


def _part(part: Removed) -> tuple[str, ...]:
    """Return a part that was left out as a row."""
    from mulle.i18n.format import score

    words = messages()
    names = part.columns
    columns = names[0] if len(names) == 1 else words("ablation.several", count=len(names))
    without = words.name("step", part.step) if part.step else words("ablation.all-columns")
    gain = "–" if part.gain is None else score(part.gain)
    if part.low is not None and part.high is not None:
        gain += f" [{score(part.low)}, {score(part.high)}]"
    found = "–" if part.score is None else score(part.score)
    return without, columns, found, gain, words(f"ablation.{part.verdict}")


def _index() -> RunIndex:
    from mulle.store import RunIndex

    if not Path(".mulle").is_dir():
        raise UsageError("runs-none", where=str(Path.cwd()))
    return RunIndex()


_HEADER = ("run", "status", "target", "metric", "validation", "test", "took")


def _listed(run: RunRecord) -> tuple[str, ...]:
    from mulle.i18n.format import duration, score

    words = messages()
    scores = score(run.score.validation), score(run.score.test)
    status, took = words.name("status", run.status), duration(run.budget.actual_s, words.lang)
    return run.id, status, run.target, run.metric, *scores, took


def _header() -> tuple[str, ...]:
    words = messages()
    return tuple(words(f"runs.{name}") for name in _HEADER)


def _facts(run: RunRecord, folder: Path) -> list[tuple[str, Any]]:
    words = messages()
    names = ("source", "target", "metric", "preset", "seed")
    facts = [
        ("id", run.id),
        ("created", run.created),
        ("status", words.name("status", run.status)),
        ("task", words.name("task", run.task) if run.task else ""),
        *((name, getattr(run, name)) for name in names),
        ("rows", run.rows),
        ("columns", run.columns),
        ("validation", run.score.validation),
        ("test", run.score.test),
        ("promised", run.budget.promised_s),
        ("took-s", run.budget.actual_s),
        ("error", run.error),
        ("model", run.bundle),
        ("report", run.report),
        ("plan", folder / "plan.toml" if (folder / "plan.toml").exists() else ""),
    ]
    return [(words(f"runs.{name}"), value) for name, value in facts]


def _next(run: RunRecord) -> str:
    if run.status in {"running", "interrupted", "failed"}:
        return f"mulle fit --resume {run.id}"
    return f"mulle predict {quote(run.bundle)} ROWS.csv -o predictions.csv"
