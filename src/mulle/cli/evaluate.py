"""`mulle evaluate`: how good a model is on rows whose answers are known; a gate for a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Bundle, Format, example, pairs
from mulle.cli.text_table import render_table
from mulle.errors import UsageError

if TYPE_CHECKING:
    from mulle.bundle import Model
    from mulle.cli.scoring import Evaluation


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "evaluate",
        short_help="Score a model file on rows with known answers.",
        epilog=example("mulle evaluate titanic.mulle later.csv --min roc_auc=0.85"),
    )(evaluate)


def evaluate(
    model: Bundle,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Rows with their answers.")],
    metric: Annotated[list[str] | None, typer.Option(help="Only these scores; repeatable.")] = None,
    least: Annotated[
        list[str] | None,
        typer.Option("--min", metavar="METRIC=VALUE", help="Below it, exit with 3; repeatable."),
    ] = None,
    most: Annotated[
        list[str] | None,
        typer.Option("--max", metavar="METRIC=VALUE", help="Above it, exit with 3; repeatable."),
    ] = None,
    validation: Annotated[
        bool, typer.Option("--validation", help="Choose the cut on these rows; see below.")
    ] = False,
    cost_fp: Annotated[float, typer.Option(help="Cost of a false alarm.")] = 1.0,
    cost_fn: Annotated[float, typer.Option(help="Cost of a miss.")] = 1.0,
    min_recall: Annotated[float, typer.Option(help="Share of positives to be found.")] = 0.0,
    format: AsFormat = Format.text,
) -> Exit:
    """Score a model on rows whose answers are known, with 95 % intervals.

    With --validation, the cut of a two-class model that costs least is chosen on these rows. That
    is honest only where they are validation rows: neither trained on, nor those whose score you
    report.
    """
    from mulle.bundle import load
    from mulle.cli.scoring import evaluate_rows, gates

    limits = gates(_numbers(least or [], "--min"), _numbers(most or [], "--max"))
    loaded = load(model)
    scored = evaluate_rows(loaded, table, metric or [], limits)
    if scored.learned_from:
        console.warn(
            f"Most of {table} is what this model was trained on, so these scores flatter it."
            f" On rows that it never saw: {loaded.manifest.metric} {_reported(loaded)}."
        )
    chosen = scored.operating_point(cost_fp, cost_fn, min_recall) if validation else None
    missed = [limit for limit in limits if not limit.holds(scored.scores[limit.metric])]
    if format is Format.json:
        console.write_json(scored.summary(chosen, missed))
    else:
        console.write(_text(scored, chosen))
    for limit in missed:
        console.warn(f"{limit.metric} is {scored.scores[limit.metric]:.4g}; {limit.wanted}.")
    return Exit.gate_missed if missed else Exit.done


def _reported(model: Model) -> str:
    """The test score as the model file states it."""
    from mulle.i18n.format import score

    return score(model.manifest.scores.get("test", {}).get(model.manifest.metric))


def _numbers(given: list[str], option: str) -> dict[str, float]:
    found = {}
    for name, text in pairs(given, option, "roc_auc=0.85").items():
        try:
            found[name] = float(text)
        except ValueError:
            raise UsageError("gate-not-a-number", option=option, name=name, text=text) from None
    return found


def _text(scored: Evaluation, chosen: Any) -> str:
    from mulle.i18n.format import count, interval, score

    rows = [
        (name, score(i.score) if i.low != i.low else interval(i.score, i.low, i.high))
        for name, i in scored.scores.intervals.items()
    ]
    parts = [f"{count(scored.scores.rows)} rows of {scored.table}", render_table((), rows)]
    counts, labels = scored.scores.confusion(), scored.scores.labels
    if counts is not None:
        header = ("true \\ predicted", *map(str, labels))
        body = [
            (str(label), *(count(n) for n in line))
            for label, line in zip(labels, counts.tolist(), strict=True)
        ]
        parts.append(
            render_table(header, body)
            if len(body) <= 20
            else f"{len(body)} classes: too many to tabulate"
        )
    if chosen is not None:
        parts.append(_cut(scored, chosen))
    return "\n\n".join(parts)


def _cut(scored: Evaluation, chosen: Any) -> str:
    from mulle.i18n.format import number, percent

    return (
        f"Calling {scored.positive!s} from a probability of {number(chosen.threshold)} costs"
        f" {number(chosen.cost)} a row ({number(chosen.cost_at_half)} from 0.5): it finds"
        f" {percent(chosen.recall)} of them; {percent(chosen.precision)} of its calls are right."
        "\nThe cut was chosen on these rows: score it on others before you rely on it."
    )
