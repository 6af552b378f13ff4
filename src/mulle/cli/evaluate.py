"""`mulle evaluate`: how good a model is on labelled rows; a gate for a pipeline."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.notices import notices_json, tell
from mulle.cli.options import AsFormat, Bundle, Format, example, pairs
from mulle.cli.reading_options import takes_reading
from mulle.cli.text_table import render_table
from mulle.errors import UsageError
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.cli.scoring import Evaluation
    from mulle.metrics import OperatingPoint
    from mulle.table import ReadOptions


MAX_TABLE_CLASSES = 20  # of a confusion matrix in a terminal


class Unit(StrEnum):
    """What texts are compared by."""

    words = "words"
    characters = "characters"


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(
        "evaluate",
        epilog=example(
            "mulle evaluate titanic.mulle later.csv --min roc_auc=0.85",
            "mulle evaluate --texts answers.csv --candidate generated --reference truth",
        ),
    )(takes_reading(of_columns=False)(evaluate))


def evaluate(
    model: Bundle = "",
    table: Annotated[str, typer.Argument(metavar="TABLE")] = "",
    metric: Annotated[list[str] | None, typer.Option()] = None,
    least: Annotated[
        list[str] | None,
        typer.Option("--min", metavar="METRIC=VALUE"),
    ] = None,
    most: Annotated[
        list[str] | None,
        typer.Option("--max", metavar="METRIC=VALUE"),
    ] = None,
    validation: Annotated[bool, typer.Option("--validation")] = False,
    cost_fp: Annotated[float, typer.Option()] = 1.0,
    cost_fn: Annotated[float, typer.Option()] = 1.0,
    min_recall: Annotated[float, typer.Option()] = 0.0,
    texts: Annotated[str | None, typer.Option("--texts", metavar="TABLE")] = None,
    candidate: Annotated[str, typer.Option(metavar="COLUMN")] = "prediction",
    reference: Annotated[list[str] | None, typer.Option(metavar="COLUMN")] = None,
    unit: Annotated[Unit, typer.Option()] = Unit.words,
    format: AsFormat = Format.text,
    *,
    reading: ReadOptions,
) -> Exit:
    """Score a model on rows whose answers are known, with 95 % intervals.

    With --validation, the cut of a two-class model that costs least is chosen on these rows. That
    is honest only where they are validation rows: neither trained on, nor those whose score you
    report. With --texts, no model is asked: generated texts are compared with references.
    """
    if texts is not None:
        from mulle.cli.texts import evaluate_texts

        columns = reference or ["reference"]
        return evaluate_texts(texts, candidate, columns, unit.value, format, reading)
    if not (model and table):
        raise UsageError("evaluate-what")
    from mulle.bundle import load
    from mulle.cli.scoring import evaluate_rows, gates

    limits = gates(_numbers(least or [], "--min"), _numbers(most or [], "--max"))
    loaded, words = load(model), messages()
    found = evaluate_rows(loaded, table, metric or [], limits, reading)
    tell(found.reading.left_out, found.reading.doubts, table)
    if found.learned_from:
        name = loaded.manifest.metric
        reported = loaded.manifest.scores.get("test", {}).get(name)
        console.warn(words("evaluate.learned", table=table, metric=name, score=reported))
    chosen = found.operating_point(cost_fp, cost_fn, min_recall) if validation else None
    missed = [limit for limit in limits if not limit.holds(found.scores[limit.metric])]
    if format is Format.json:
        told = notices_json(found.reading.left_out, found.reading.doubts)
        console.write_json(found.summary(chosen, missed) | told)
    else:
        console.write(_to_text(found, chosen))
    for limit in missed:
        key = "evaluate.missed-min" if limit.least else "evaluate.missed-max"
        score = found.scores[limit.metric]
        console.warn(words(key, metric=limit.metric, score=score, limit=limit.value))
    return Exit.gate_missed if missed else Exit.done


def _numbers(given: list[str], option: str) -> dict[str, float]:
    found = {}
    for name, text in pairs(given, option, "roc_auc=0.85").items():
        try:
            found[name] = float(text)
        except ValueError:
            raise UsageError(
                "gate-not-a-number", option=option, metric=name, received=text
            ) from None
    return found


def _to_text(found: Evaluation, chosen: OperatingPoint | None) -> str:
    """Return scores, the confusion matrix and the chosen threshold, set to be read."""
    from mulle.cli.fit_summary import name_metric
    from mulle.i18n.format import count, interval, score

    words = messages()
    rows = [
        (
            name_metric(name, found.positive),
            score(i.score) if i.low != i.low else interval(i.score, i.low, i.high),
        )
        for name, i in found.scores.intervals.items()
    ]
    head = words("evaluate.rows", rows=found.scores.rows, table=found.table)
    parts = [head, render_table((), rows)]
    if found.positive is not None:
        label = str(found.positive)
        parts.append(words("evaluate.positive", label=label, threshold=found.threshold))
    counts, labels = found.scores.confusion(), found.scores.labels
    if counts is not None and len(labels) > MAX_TABLE_CLASSES:
        parts.append(words("evaluate.too-many", count=len(labels)))
    elif counts is not None:
        header = (words("evaluate.corner"), *map(str, labels))
        body = [
            (str(label), *(count(n) for n in line))
            for label, line in zip(labels, counts.tolist(), strict=True)
        ]
        parts.append(render_table(header, body))
    if chosen is not None:
        parts.append(_render_cut(found, chosen))
    return "\n\n".join(parts)


def _render_cut(found: Evaluation, chosen: OperatingPoint) -> str:
    words = messages()
    said = words(
        "evaluate.cut",
        label=str(found.positive),
        threshold=chosen.threshold,
        cost=chosen.cost,
        half=chosen.cost_at_half,
        recall=chosen.recall,
        precision=chosen.precision,
    )
    note = words("evaluate.cut-chosen-here", threshold=f"{chosen.threshold:.4g}")
    return f"{said}\n{note}"
