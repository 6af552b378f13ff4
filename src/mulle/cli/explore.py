"""`mulle explore`: what is in a table, what is wrong with it, what matters for the target."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.notices import tell
from mulle.cli.options import Replace, example
from mulle.cli.reading_options import takes_reading
from mulle.cli.text_table import render_next
from mulle.errors import UsageError
from mulle.i18n import current_language

if TYPE_CHECKING:
    from mulle.i18n import Lang
    from mulle.table import ReadOptions
    from mulle.verbs.explore import Report


class Shape(StrEnum):
    """How a report is written."""

    html = "html"
    json = "json"
    md = "md"


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "explore",
        epilog=example(
            "mulle explore titanic.csv --target survived",
            "mulle explore train.csv --against test.csv -o page.html",
            "mulle explore diamonds.csv --chart price -o price.svg",
        ),
    )(takes_reading()(explore))


def explore(
    table: Annotated[
        str,
        typer.Argument(metavar="TABLE"),
    ],
    target: Annotated[str | None, typer.Option("--target", "-t")] = None,
    against: Annotated[str | None, typer.Option(metavar="FILE")] = None,
    output: Annotated[str, typer.Option("--output", "-o")] = "",
    replace: Replace = False,
    format: Annotated[Shape | None, typer.Option("--format")] = None,
    chart: Annotated[str, typer.Option(metavar="COLUMN")] = "",
    tokenizer: Annotated[str | None, typer.Option(metavar="FILE")] = None,
    sample: Annotated[int, typer.Option(min=1)] = 20_000,
    pairs_of: Annotated[int, typer.Option("--pairs", min=2)] = 100,
    images: Annotated[str | None, typer.Option(metavar="FOLDER")] = None,
    seed: Annotated[int, typer.Option()] = 0,
    *,
    reading: ReadOptions,
) -> Exit:
    """Look at every column of a table before you model: one page, and its findings here.

    Without -o and --format, the page is written to NAME.explore.html in this folder.
    """
    from mulle.files import check_output
    from mulle.report import title_of

    path, lang = _path(table, output, format, chart), current_language()
    if path is not None:
        check_output(path, replace=replace, same=title_of(path) == Path(table).name)
    report = _explored(
        table, target, against, sample=sample, pairs=pairs_of, images=images, seed=seed,
        tokenizer=tokenizer, reading=reading,
    )  # fmt: skip
    tell(report.left_out, report.doubts, table)
    if chart:
        report.chart(chart, lang=lang).save(path or "")
        console.write(str(path))
    elif path is None:
        console.write_bytes(_text(report, format or Shape.html, lang))
    else:
        report.save(path, lang=lang)
        console.write(_in_words(report, path, lang))
    return Exit.done


def _path(table: str, output: str, format: Shape | None, chart: str) -> Path | None:
    """Where the result goes; None for stdout.

    Raises:
        UsageError: the name does not end as the format asks.
        MissingExtra: a .png is asked for and the extra `png` is not installed.
    """
    from mulle.report.charts import require_png

    wanted = [".svg", ".png"] if chart else [f".{format or Shape.html}"]
    if not output and (chart or format in (None, Shape.html)):
        name = f"{Path(table).stem}.{Path(chart).name or 'chart'}" if chart else Path(table).stem
        output = f"{name}.svg" if chart else f"{name}.explore.html"
    if not output:
        return None
    path = Path(output)
    if not chart and format is None:
        wanted = [f".{shape}" for shape in Shape]
    if path.suffix.lower() not in wanted:
        raise UsageError(
            "output-format",
            where=output,
            suffix=path.suffix or path.name,
            wanted=wanted,
        )
    if path.suffix.lower() == ".png":
        require_png()
    return path


def _explored(table: str, *args: Any, **options: Any) -> Report:
    """The report, with progress on stderr."""
    from mulle.cli.progress import StageProgress
    from mulle.verbs.explore import explore as run

    with StageProgress() as stages:
        report = run(table, *args, progress=stages, **options)
    return report


def _text(report: Report, shape: Shape, lang: Lang) -> bytes:
    if shape is Shape.json:
        return report.to_json() + b"\n"
    return report.to_markdown(lang=lang).encode("utf-8", "replace")


def _in_words(report: Report, path: Path, lang: Lang) -> str:
    """The findings in the terminal, then where all the rest stands."""
    from mulle.cli.fit_summary import quote
    from mulle.i18n.format import size
    from mulle.verbs.explore.page import to_terminal

    parts = [to_terminal(report, lang), f"{path}  {size(path.stat().st_size, lang)}"]
    if report.findings:
        commands = [f"mulle explain {report.findings[0].code}"]
        if report.target is not None:
            source, target = quote(report.header.source), quote(report.target.name)
            commands.append(f"mulle fit {source} --target {target}")
        parts[-1] += f"\n{render_next(*commands)}"
    return "\n\n".join(parts)
