"""`mulle read`: how a file is read: layout, columns, cells before and after, what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.fit_summary import quote
from mulle.cli.notices import notices_json, render_notices
from mulle.cli.options import AsFormat, Format, Replace, example
from mulle.cli.reading_options import takes_reading
from mulle.cli.text_table import render_next, render_table
from mulle.errors import UsageError
from mulle.i18n.format import display_width
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.i18n import Messages
    from mulle.table import Cells, Column, ReadOptions, Table
    from mulle.table.examples import Example
    from mulle.table.reading import Layout

MAX_COLUMNS = 40
MAX_CELL = 24  # characters of an example
MAX_DIGITS = 10  # characters of a number that is shown in full


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command(
        "read",
        epilog=example(
            "mulle read titanic.csv",
            "mulle read titanic.csv -o reading.toml",
            "mulle read prices.csv --decimal , --missing sold-out",
        ),
    )(takes_reading()(read))


def read(
    file: Annotated[str, typer.Argument(metavar="FILE")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE")] = "",
    replace: Replace = False,
    head: Annotated[int, typer.Option(metavar="COLUMNS", min=0)] = MAX_COLUMNS,
    format: AsFormat = Format.text,
    *,
    reading: ReadOptions,
) -> Exit:
    """Show how a file is read: layout, columns, cells before and after, and what is left out."""
    from mulle.table import read_cells
    from mulle.table.read.table import read_meaning

    path = _path(output, replace=replace)
    cells = read_cells(file, reading)
    table = read_meaning(cells, reading)
    words = messages()
    if path is not None:
        from mulle.files import write_text
        from mulle.table.read.reading_file import write_reading

        write_text(path, write_reading(table.reading, file, words, reading))
    if format is Format.json:
        console.write_json(_to_data(file, cells, table))
        return Exit.done
    console.write(_to_text(file, cells, table, head, words))
    if path is None:
        console.write("\n" + render_next(f"mulle read {quote(file)} -o reading.toml"))
    else:
        console.write("\n" + words("read.written", path=str(path)))
    return Exit.done


def _path(output: str, *, replace: bool) -> Path | None:
    """Return the file to write; None where none is wanted.

    Raises:
        UsageError: it is no .toml file, or is there already.
        RunError: its folder cannot be written to.
    """
    from mulle.files import check_output

    if not output:
        return None
    path = Path(output)
    if path.suffix.lower() != ".toml":
        suffix = path.suffix or path.name
        raise UsageError("output-format", where=output, suffix=suffix, wanted=[".toml"])
    check_output(path, replace=replace)
    return path


def _to_data(file: str, cells: Cells, table: Table) -> dict[str, Any]:
    """Return the reading as plain data."""
    import msgspec

    from mulle.table.examples import examples_of

    reading = table.reading
    columns = []
    for column in table.schema.columns:
        examples = [one._asdict() for one in examples_of(cells, table, column)]
        columns.append(msgspec.to_builtins(column) | {"examples": examples})
    return {
        "file": file,
        "rows": table.height,
        "layout": reading.layout,
        "columns": columns,
        "repairs": reading.repairs,
        **notices_json(reading.left_out, reading.doubts),
    }


def _to_text(file: str, cells: Cells, table: Table, head: int, words: Messages) -> str:
    columns, reading = table.schema.columns, table.reading
    shown = columns[: head or len(columns)]
    parts = [
        words("read.title", source=Path(file).name, rows=table.height, columns=len(columns)),
        render_table((), _layout_rows(reading.layout, words)),
        "\n".join(line for column in shown for line in _column(column, cells, table, words)),
    ]
    if len(shown) < len(columns):
        parts.append(words("read.more-columns", count=len(columns) - len(shown)))
    parts.append("\n".join(render_notices(reading.left_out, reading.doubts, words)))
    return "\n\n".join(part for part in parts if part)


def _layout_rows(layout: Layout, words: Messages) -> list[tuple[str, str]]:
    """Return what is known of a file, a name and a value a row."""
    rows = [("file", words.name("read-format", layout.format))]
    if layout.encoding:
        rows.append(("encoding", layout.encoding))
    if layout.delimiter:
        marks = {"\t": words("read.tab"), " ": words("read.blanks")}
        rows.append(("delimiter", marks.get(layout.delimiter, layout.delimiter)))
    if layout.sheet:
        sheets, key = list(layout.sheets), "read.of-sheets"
        of = words(key, sheet=layout.sheet, sheets=sheets) if len(sheets) > 1 else layout.sheet
        rows.append(("sheet", of))
    header = _header(layout)
    if header:
        rows.append(("header", words(header, header=layout.header, row=layout.skip + 1)))
    return [(f"  {words(f'read.{name}')}", value) for name, value in rows]


def _header(layout: Layout) -> str:
    """Return the key of the phrase on the header; "" for one row at the top."""
    if layout.header == 0:
        return "read.header-none"
    if layout.skip:
        return "read.header-rows" if layout.header > 1 else "read.header-below"
    return "read.header-joined" if layout.header > 1 else ""


def _column(column: Column, cells: Cells, table: Table, words: Messages) -> list[str]:
    """Return a column in two or three lines: what it is and why, its notation, its cells."""
    from mulle.table.examples import examples_of
    from mulle.table.sentences import describe_notation

    kind = words.name("kind", column.kind)
    why = words.name("reason", column.reason) if column.reason else ""
    lines = [f"{_in_one_line(column.name)}: {kind}" + (f" ({why})" if why else "")]
    phrases = describe_notation(column, table.reading, words)
    if phrases:
        lines.append("    " + "; ".join(phrases))
    examples = [_example(one, words) for one in examples_of(cells, table, column)]
    if examples:
        lines.append("    " + "   ".join(examples))
    return lines


def _example(example: Example, words: Messages) -> str:
    before = _short(example.before)
    if example.after is None:
        return f"{before} → {words('read.missing')}"
    return before if _are_alike(*example) else f"{before} → {_short(_rounded(example.after))}"


def _are_alike(before: str, after: str | None) -> bool:
    """Tell whether a cell means to everybody what it became: 2.30 is 2.3."""
    try:
        return before == after or float(before) == float(after or "")
    except ValueError:
        return False


def _rounded(text: str) -> str:
    """Return a number with six digits where a fraction makes it long."""
    try:
        return f"{float(text):.6g}" if "." in text and len(text) > MAX_DIGITS else text
    except ValueError:
        return text


def _short(text: str) -> str:
    """Return a cell in one line of few characters; quoted where blanks stand at its ends."""
    line = _in_one_line(text)
    line = line if display_width(line) <= MAX_CELL else line[: MAX_CELL - 1] + "…"
    return f"'{line}'" if line != line.strip() or not line else line


def _in_one_line(text: str) -> str:
    return text.replace("\r", "␍").replace("\n", "⏎").replace("\t", "⇥")
