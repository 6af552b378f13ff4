"""Tables in text: find delimiter, quote and header, then let Polars read every cell as text.

What cells mean is decided later; a cell that reads "007" is still "007" here.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import polars as pl

from mulle.errors import DataError
from mulle.table.read.dialect import SAMPLE_ROWS, Dialect, find_dialect, first_lines, usual_width
from mulle.table.read.forms import is_blank
from mulle.table.read.header import Top, find_top, header_rows, title_rows
from mulle.table.read.quotes import (
    empty_lines,
    is_regular,
    unquoted_count,
    well_quoted,
    without_formulas,
)
from mulle.table.read.ragged import even_rows
from mulle.table.read.rows_out import MAX_ROWS_NAMED, keep_data
from mulle.table.read.text_cells import read_text_cells
from mulle.table.reading import Cells, Layout
from mulle.table.types.column import Repair
from mulle.table.types.options import ReadOptions

MAX_COLUMNS = 100_000
MAX_LINE = 64 << 20  # characters
_BLANK_ROWS = 100  # behind which another table is looked for
_HEAD, _THREE = re.compile(r"-?[1-9]\d{0,2}"), re.compile(r"\d{3}")
_LINE_ENDS = re.compile(r"(?:\r?\n)+")
_SEP = re.compile(r"\ufeff?\"?sep=(.|\\t)\"?[,;\t]*\r?\n?", re.IGNORECASE)


@dataclass(frozen=True)
class TextLayout:
    """Where the cells of a text stand.

    Attributes:
        dialect: marks between and around cells.
        width: cells of a row.
        top: what stands above the rows.
        lines: lines above the rows.
        named: whether the first of them names the delimiter, as Excel writes it (`sep=;`).
        body: plain text of the rows, as far as it was given.
    """

    dialect: Dialect
    width: int
    top: Top
    lines: int
    named: bool
    body: str

    @property
    def described(self) -> Layout:
        """This layout as part of a reading."""
        blanks = self.dialect.blanks is not None
        return Layout(
            format="blanks" if blanks else "csv",
            delimiter="" if blanks else self.dialect.delimiter,
            quote=self.dialect.quote if not blanks else "",
            skip=self.top.skip + self.named,
            header=self.top.header,
        )


def read_delimited(text: str, where: str, options: ReadOptions) -> Cells:
    """Read the cells of a CSV, TSV or the like, all as text, under tidy names.

    Raises:
        DataError: rows of unequal length, or an unclosed quote; lines are named.
    """
    try:
        layout = find_layout(text, options)
    except DataError as error:
        raise DataError(error.code, where=where, **error.values) from None
    if layout is None:
        return Cells(pl.DataFrame(), where)
    ends = layout.width > 1 and layout.body.endswith(("\n\n", "\n\r\n"))
    bodies = [layout.body.rstrip("\r\n") if ends else layout.body]
    del text  # large, as is each copy of it
    layout = replace(layout, body="")
    frame, made = rows_below(layout, bodies.pop(), where, layout.lines)
    return data_of(frame, made, layout, where, options)


def data_of(
    frame: pl.DataFrame, made: list[Repair], layout: TextLayout, where: str, options: ReadOptions
) -> Cells:
    """Return the cells of the rows that are data, among all rows below the header.

    Args:
        frame: the rows.
        made: repairs that it took to read them.
        layout: where they stood.
        where: the file.
        options: what a person has decided.
    """
    if options.repair:
        frame, unwrapped = without_formulas(frame)
        made = [*made, *unwrapped]
    frame, emptied = _without_empty(frame, layout.top)
    top_repairs = _but_empty(layout.top.repairs, sum(repair.count for repair in emptied))
    kept = keep_data(frame, layout.top.line, keep=options.keep_rows, repair=options.repair)
    return Cells(
        kept.frame,
        where,
        layout.described,
        (*top_repairs, *made, *emptied, *kept.repairs),
        left_out=tuple(kept.left_out),
        doubts=(*layout.top.doubts, *kept.doubts),
        places=kept.places,
        height=kept.height,
    )


def find_layout(text: str, options: ReadOptions) -> TextLayout | None:
    """Find the layout of a file that begins with a text; None where there is no header."""
    named = _SEP.match(text) if options.repair and options.skip != 0 else None
    lines = 0
    if named:
        text, lines = text[named.end() :], 1
        if options.skip:
            options = msgspec.structs.replace(options, skip=options.skip - 1)
    delimiter = options.delimiter
    if named and delimiter is None:
        delimiter = named[1].replace("\\t", "\t")
    _check_lines(text)
    dialect = find_dialect(text, delimiter)
    text = dialect.to_plain(text)
    rows = dialect.rows(first_lines(text), SAMPLE_ROWS + (options.skip or 0))
    rows, width, made = _evened(rows, options)
    if width > MAX_COLUMNS:
        raise DataError("columns-many", most=MAX_COLUMNS)
    top = find_top(rows, width, options)
    if top is None:
        return None
    if top.header:
        top = top._replace(repairs=[*made, *top.repairs])
    body, above = _after(text, dialect, top.skip + top.header)
    return TextLayout(dialect, width, top, lines + above, named is not None, body)


def _check_lines(text: str) -> None:
    """Refuse text whose lines do not end: it is no table, and would take all memory."""
    for begin in range(0, len(text) - MAX_LINE + 1, MAX_LINE):
        end = begin + MAX_LINE
        if text.find("\n", begin, end) < 0 and text.find("\r", begin, end) < 0:
            raise DataError("line-long", most=MAX_LINE)


def _evened(
    rows: list[list[str]], options: ReadOptions
) -> tuple[list[list[str]], int, list[Repair]]:
    """Give the header as many cells as the rows have, if it is one short."""
    width = usual_width(rows)
    skip = options.skip
    if skip is None:
        skip = title_rows(rows, width) if options.repair else 0
    if skip >= len(rows):
        return rows, width, []
    header, below = rows[skip], [row for row in rows[skip + 1 :] if len(row) == width]
    names = len(header) - next((i for i, c in enumerate(reversed(header)) if not is_blank(c)), 0)
    if names > width:
        return rows, names, []
    if any(len(row) == len(header) < width for row in rows[skip + 1 :]):
        return rows, len(header), []
    if options.repair and len(header) == width - 1 and _may_be_thousands(below):
        return rows, len(header), []
    if not options.repair or len(header) != width - 1 or len(header) < 1 or not below:
        return rows, width, []
    if all(is_blank(row[-1]) for row in below):
        return rows, width, [Repair("trailing-delimiter", count=len(below))]
    if any(is_blank(row[0]) for row in below) or width == 2:
        return rows, width, []
    named = [*rows[:skip], ["", *header], *rows[skip + 1 :]]
    return named, width, [Repair("row-names", count=1, values={"after": header[0]})]


def _may_be_thousands(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether two columns may be one, of numbers with a delimiter between thousands."""
    pairs = [list(itertools.pairwise(row)) for row in rows]
    return any(
        all(_HEAD.fullmatch(a.strip()) and _THREE.fullmatch(b.strip()) for a, b in column)
        for column in zip(*pairs, strict=True)
    )


def rows_below(
    layout: TextLayout, body: str, where: str, lines: int
) -> tuple[pl.DataFrame, list[Repair]]:
    """Read whole lines below the header, blank ones included.

    Args:
        body: plain text.
        lines: lines of the file above these, for errors.

    Raises:
        DataError: as `read_delimited`.
    """
    frame, made = _cells(body, layout.dialect, layout.width, where, lines)
    return frame.rename(dict(zip(frame.columns, layout.top.names, strict=True))), made


def _without_empty(frame: pl.DataFrame, top: Top) -> tuple[pl.DataFrame, list[Repair]]:
    """Leave out the last columns if they have neither a name nor a cell."""
    width = frame.width
    line = [*top.line, *[""] * (width - len(top.line))]
    while top.header and width > 1 and is_blank(line[width - 1]):
        cells = frame.to_series(width - 1)
        if (
            cells.null_count() < len(cells)
            and not cells.drop_nulls().str.strip_chars().eq("").all()
        ):
            break
        width -= 1
    if width == frame.width or not frame.height:
        return frame, []
    return frame[:, :width], [Repair("empty-columns", count=frame.width - width)]


def _but_empty(made: Sequence[Repair], left_out: int) -> list[Repair]:
    """Leave out of the names that were given those of columns that are left out."""
    counts = [one.count - left_out * (one.code == "header-empty") for one in made]
    pairs = zip(made, counts, strict=True)
    return [msgspec.structs.replace(one, count=count) for one, count in pairs if count > 0]


def _after(text: str, dialect: Dialect, records: int) -> tuple[str, int]:
    """Return the text after some records, and their lines; a record may run over several."""
    if not records:
        return text, 0
    reader = dialect.reader(first_lines(text))  # not of all: a reader copies its text
    for _ in range(records):
        next(reader, None)
    at = 0
    for _ in range(reader.line_num):
        at = text.find("\n", at) + 1 or len(text)
    return text[at:], reader.line_num


def _cells(
    body: str, dialect: Dialect, width: int, where: str, lines: int
) -> tuple[pl.DataFrame, list[Repair]]:
    schema = {f"c{i}": pl.String for i in range(width)}
    if width > 1 and (blank := _LINE_ENDS.match(body)):  # Polars counts columns in the first line
        frame, made = _cells(
            body[blank.end() :], dialect, width, where, lines + blank[0].count("\n")
        )
        return pl.concat(
            [pl.DataFrame(dict.fromkeys(schema, [None] * blank[0].count("\n")), schema), frame]
        ), made
    if not body:
        return pl.DataFrame(schema=schema), []
    text, data = body, body.encode()
    if not is_regular(data, dialect.separator, dialect.quote):
        try:
            text = well_quoted(body, dialect.separator, dialect.quote, where, lines)
        except DataError:
            if dialect.separator != "\t" or not _is_even(body, width):
                raise
            return _cells(body, dialect._replace(quote=""), width, where, lines)
        data = data if text is body else text.encode()
    try:
        frame = read_text_cells(data, [*schema], dialect.separator, dialect.quote)
    except pl.exceptions.PolarsError as error:
        return _row_by_row(text, dialect, width, where, lines, error)
    if width > 1 and frame.to_series(width - 1).null_count() and has_short(text, frame, dialect):
        return _row_by_row(text, dialect, width, where, lines)
    return frame, []


def _is_even(body: str, width: int) -> bool:
    """Tell whether all lines of tab-separated text have as many cells, if no quote counts."""
    return all(line.count("\t") == width - 1 for line in body.split("\n") if line)


def has_short(text: str, frame: pl.DataFrame, dialect: Dialect) -> bool:
    """Tell whether rows lack cells, which Polars fills up without a word."""
    between = unquoted_count(text, dialect.separator, dialect.quote)
    rows, rest = divmod(between, frame.width - 1)
    if not rest and rows == frame.height:
        return False
    return bool(rest) or rows != frame.height - empty_lines(text, dialect.quote)


def _row_by_row(
    text: str,
    dialect: Dialect,
    width: int,
    where: str,
    lines: int,
    error: Exception | None = None,
) -> tuple[pl.DataFrame, list[Repair]]:
    reader = dialect.reader(text)
    rows, starts, line = [], [], 0
    try:
        for row in reader:
            rows.append(row)
            starts.append(lines + line + 1)
            line = reader.line_num
    except csv.Error as failure:
        raise _unreadable(failure, where) from None
    uneven = any(len(row) != width for row in rows if row)
    _refuse_second(rows, starts, width, where)
    found = even_rows(rows, starts, width, cut_off=not text.endswith("\n"))
    if found.wrong:
        raise DataError(
            "rows-ragged",
            where=where,
            width=width,
            count=len(found.wrong),
            rows=[f"{number} ({cells})" for number, cells in found.wrong[:MAX_ROWS_NAMED]],
        )
    if error is not None and not uneven:
        raise _unreadable(error, where)
    return found.frame(), found.repairs


def _refuse_second(
    rows: Sequence[Sequence[str]], starts: Sequence[int], width: int, where: str
) -> None:
    """Refuse another table of another width below this one.

    Raises:
        DataError: there is one; its first line is named.
    """
    blank = [i + 1 for i, row in enumerate(rows[:-2]) if i and all(map(is_blank, row))]
    other = [i for i, row in enumerate(rows) if i and row and len(row) != width][:1]
    for at in (*blank[:_BLANK_ROWS], *other):
        rest = [row for row in rows[at:] if not all(map(is_blank, row))]
        before = rows[at - 1] if rows[at - 1] or at < 2 else rows[at - 2]
        if len(rest) < 2 or not 1 < len(rest[0]) != width or len(before) != width:
            continue
        if all(len(row) == len(rest[0]) for row in rest) and header_rows(rest, sure=True):
            raise DataError("tables-stacked", where=where, line=starts[at])


def _unreadable(error: Exception, where: str) -> DataError:
    reason = str(error).strip().splitlines()[0]
    return DataError("csv-unreadable", where=where, reason=reason)
