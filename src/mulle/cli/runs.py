"""`mulle runs`: what was fitted here, one run in full, and where two differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import talk
from mulle.cli.delivery import quoted
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, InLanguage, Language, example, words_of
from mulle.cli.sentences import sentences
from mulle.cli.tabular import set_out

if TYPE_CHECKING:
    from mulle.store import RunIndex, RunRecord

_Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or how it begins.")]


def add_to(app: typer.Typer) -> None:
    """Make the verb and what stands below it known."""
    group = typer.Typer(rich_markup_mode=None)
    group.callback(invoke_without_command=True, epilog=example("mulle runs --limit 5"))(runs)
    group.command("show", epilog=example("mulle runs show 20260102-030405-titanic"))(show)
    group.command("compare", epilog=example("mulle runs compare 20260102 20260103"))(compare)
    app.add_typer(group, name="runs", short_help="What was fitted here, and where runs differ.")


def runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 20,
    format: AsFormat = Format.text,
) -> Exit:
    """List the runs of this folder; `show` one, or `compare` several."""
    if context.invoked_subcommand:
        return Exit.done
    found = _index().runs(limit) if Path(".mulle").is_dir() else []
    if format is Format.json:
        talk.result_json(found)
    elif found:
        talk.result(set_out(_HEADER, [_listed(run) for run in found]))
    else:
        talk.result("There are no runs here yet.\n\nnext: mulle fit TABLE --target COLUMN")
    return Exit.done


def show(run: _Run, lang: InLanguage = Language.en, format: AsFormat = Format.text) -> Exit:
    """Show all that is known of a run: settings, score, files, and what it decided."""
    from mulle.decisions import read_decisions

    index = _index()
    record = index.run(run)
    folder = index.folder / "runs" / record.id
    decisions = list(read_decisions(folder / "decisions.jsonl"))
    if format is Format.json:
        talk.result_json({"run": record, "folder": str(folder), "decisions": decisions})
        return Exit.done
    words = words_of(lang)
    facts = [
        (name, str(value)) for name, value in _facts(record, folder) if value not in {None, ""}
    ]
    talk.result(
        "\n".join(
            [set_out((), facts), "", sentences(decisions, words), "", f"next: {_next(record)}"]
        )
    )
    return Exit.done


def compare(
    run: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Two runs or more.")],
    format: AsFormat = Format.text,
) -> Exit:
    """Show the settings and scores in which runs differ."""
    if len(run) < 2:
        raise typer.BadParameter("Give two runs or more to compare.")
    differences = _index().compare(run)
    if format is Format.json:
        talk.result_json({"runs": run, "differences": differences})
    elif differences:
        rows = [
            (d.key.removeprefix("details."), *("–" if v is None else str(v) for v in d.values))
            for d in differences
        ]
        talk.result(set_out(("", *run), rows))
    else:
        talk.result("They differ in nothing that is recorded.")
    return Exit.done


def _index() -> RunIndex:
    from mulle.store import RunIndex

    if not Path(".mulle").is_dir():
        from mulle.errors import UsageError

        raise UsageError("runs-none", where=str(Path.cwd()))
    return RunIndex()


_HEADER = ("run", "status", "target", "metric", "validation", "test", "took")


def _listed(run: RunRecord) -> tuple[str, ...]:
    from mulle.i18n.format import duration, score

    scores = score(run.score.validation), score(run.score.test)
    return run.id, run.status, run.target, run.metric, *scores, duration(run.budget.actual_s)


def _facts(run: RunRecord, folder: Path) -> list[tuple[str, Any]]:
    shown = ("id", "created", "status", "source", "target", "task", "metric", "preset", "seed")
    return [
        *((name, getattr(run, name)) for name in shown),
        ("rows", run.rows),
        ("columns", run.columns),
        ("validation", run.score.validation),
        ("test", run.score.test),
        ("promised, s", run.budget.promised_s),
        ("took, s", run.budget.actual_s),
        ("error", run.error),
        ("model", run.bundle),
        ("report", run.report),
        ("plan", folder / "plan.toml" if (folder / "plan.toml").exists() else ""),
    ]


def _next(run: RunRecord) -> str:
    if run.status in {"running", "interrupted", "failed"}:
        return f"mulle fit --resume {run.id}"
    return f"mulle predict {quoted(run.bundle)} ROWS.csv -o answers.csv"
