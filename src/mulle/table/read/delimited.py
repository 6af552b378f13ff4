"""Tables in text: find delimiter, quote and header row, then let Polars read every cell as text.

Types are coerced later, by the repairs; a cell that reads "007" is still "007" here.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from mulle.errors import DataError
from mulle.table.read.names import tidy_names
from mulle.table.types import WHITESPACE
from mulle.table.types.column import Repair

_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE_ROWS = 200
_SAMPLE_CHARS = 1 << 20


class Dialect(NamedTuple):
    """The marks that tell the cells of a text file apart."""

    delimiter: str
    quote: str


class Layout(NamedTuple):
    """The layout of a text file, as its first rows show it.

    Attributes:
        names: of the columns, coerced.
        above: records above the first row of data: titles and the header.
        body: the text behind them.
        repairs: what was changed to get there.
    """

    dialect: Dialect
    names: list[str]
    above: int
    body: str
    repairs: list[Repair]


MAX_ROWS_NAMED = 5


def read_delimited(text: str, where: str, *, repair: bool) -> tuple[pl.DataFrame, list[Repair]]:
    """Read the cells of a CSV, TSV or the like, all as text, under tidy names.

    Raises:
        DataError: rows of unequal length, or an unclosed quote; row numbers are named.
    """
    layout = find_layout(text, repair=repair)
    if layout is None:
        return pl.DataFrame(), []
    frame, blank = rows_below(layout, layout.body, where, layout.above)
    return frame, layout.repairs + blank


def find_layout(text: str, *, repair: bool) -> Layout | None:
    """Find the layout of a file that begins with a text; None where there is no header."""
    if ends_as_on_old_macs(text):
        text = text.replace("\r", "\n")
    dialect = find_dialect(text)
    rows = _rows(text, dialect, _SAMPLE_ROWS)
    skipped = title_rows(rows) if repair else 0
    if skipped >= len(rows):
        return None
    repairs = [_skipped(rows[:skipped])] if skipped else []
    header, headless = rows[skipped], no_header(rows[skipped:])
    names, renamed = tidy_names([""] * len(header) if headless else header, repair=repair)
    repairs += [Repair("header-missing", count=len(names))] if headless else renamed
    above = skipped + (not headless)
    return Layout(dialect, names, above, _after(text, dialect, above) if above else text, repairs)


def rows_below(
    layout: Layout, body: str, where: str, above: int
) -> tuple[pl.DataFrame, list[Repair]]:
    """Read whole lines below the header, and count those left out because they hold nothing.

    Args:
        above: records of the file above these lines, for errors.

    Raises:
        DataError: as `read_delimited`.
    """
    frame, blank = drop_blank(_cells(body, layout.dialect, len(layout.names), where, above))
    return frame.rename(dict(zip(frame.columns, layout.names, strict=True))), blank


def ends_as_on_old_macs(text: str) -> bool:
    """Tell whether lines end with a carriage return alone."""
    return "\r" in text[:_SAMPLE_CHARS] and "\n" not in text[:_SAMPLE_CHARS]


def find_dialect(text: str) -> Dialect:
    """Find the delimiter that splits most rows alike, and the quote in use.

    >>> find_dialect("a;b\\n1,5;2\\n2,5;3\\n")
    Dialect(delimiter=';', quote='"')
    """
    head = text[:_SAMPLE_CHARS]
    quotes = ("'", '"') if _single_quoted(head) else ('"',)
    options = [Dialect(d, q) for q in quotes for d in _DELIMITERS]
    return max(options, key=lambda option: _evenness(_rows(head, option, _SAMPLE_ROWS)))


def title_rows(rows: Sequence[Sequence[str]]) -> int:
    """Count the rows above the header that hold a title, a unit or nothing.

    >>> title_rows([["Sales 2024"], [], ["day", "won"], ["1", "2"], ["2", "3"]])
    2
    """
    width, _ = _mode([len(row) for row in rows])
    if width < 2:
        return 0
    # R writes the header '"","x"' over two columns: short of three, a full row is never a title.
    full = (i for i, row in enumerate(rows) if _filled(row) > 1 or len(row) == width == 2)
    count = next(full, 0)
    return count if count <= 20 else 0


def no_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row is data: nothing but numbers, as the second.

    >>> no_header([["1", "2"], ["3", "4"]])
    True
    """
    return len(rows) > 1 and all(map(_is_number, rows[0])) and any(map(_is_number, rows[1]))


def drop_blank(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Repair]]:
    """Leave out rows that hold nothing at all; a lone column keeps its missing values."""
    if frame.width < 2 or not frame.height or frame.to_series(0).null_count() == 0:
        return frame, []
    kept = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    count = frame.height - kept.height
    return kept, [Repair("blank-rows", count=count)] if count else []


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip(WHITESPACE)) for cell in row)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.strip().lower() not in {"nan", "inf"}


def _single_quoted(head: str) -> bool:
    return head.count("','") + head.count("';'") + head.count("'\t'") > head.count('"')


def _rows(text: str, dialect: Dialect, count: int) -> list[list[str]]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote
    )
    try:
        return list(itertools.islice(reader, count))
    except csv.Error:  # a field beyond csv's limit: an unclosed quote, reported when reading
        return [line.split(dialect.delimiter) for line in text.split("\n", count)[:count]]


def _mode(widths: Sequence[int]) -> tuple[int, int]:
    counted = Counter(w for w in widths if w).most_common()
    return max(counted, key=lambda pair: (pair[1], pair[0]), default=(0, 0))


def _evenness(rows: list[list[str]]) -> float:
    width, times = _mode([len(row) for row in rows])
    if width < 2:
        return 0.0
    return times / max(sum(bool(row) for row in rows), 1) + min(width, 50) / 1000


def _skipped(rows: list[list[str]]) -> Repair:
    title = next((cell for row in rows for cell in row if cell.strip(WHITESPACE)), "")
    return Repair("title-rows", count=len(rows), values={"before": title})


def _after(text: str, dialect: Dialect, records: int) -> str:
    """Return the text after some records; a record may run over several lines."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(
        iter(lines.readline, ""), delimiter=dialect.delimiter, quotechar=dialect.quote
    )
    for _ in itertools.islice(reader, records):
        pass
    return text[lines.tell() :]


def _cells(body: str, dialect: Dialect, width: int, where: str, above: int) -> pl.DataFrame:
    schema = {f"c{i}": pl.String for i in range(width)}
    if not body.strip(WHITESPACE):
        return pl.DataFrame(schema=schema)
    try:
        frame = pl.read_csv(
            body.encode(),
            has_header=False,
            schema=schema,
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError as error:
        found = _unclosed(body, dialect, where, above)
        found = found or _ragged(body, dialect, width, where, above)
        raise found or _unreadable(error, where) from None
    last = frame.to_series(width - 1)
    if width > 1 and last.null_count():
        _check_short(body, frame, dialect, where, above)
    return frame


def _check_short(body: str, frame: pl.DataFrame, dialect: Dialect, where: str, above: int) -> None:
    """Refuse short rows, which Polars would fill up without a word."""
    blank = frame.select(pl.all_horizontal(pl.all().is_null()).sum()).item()
    full = (frame.height - blank) * (frame.width - 1)
    if dialect.quote not in body and not blank and body.count(dialect.delimiter) == full:
        return  # every row has all its delimiters
    error = _ragged(body, dialect, frame.width, where, above)
    if error:
        raise error


def _ragged(body: str, dialect: Dialect, width: int, where: str, above: int) -> DataError | None:
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote
    )
    wrong = []
    try:
        for number, row in enumerate(reader, above + 1):
            if row and len(row) != width:
                wrong.append((number, len(row)))
    except csv.Error as error:
        return _unreadable(error, where)
    if not wrong:
        return None
    return DataError(
        "rows-ragged",
        where=where,
        width=width,
        count=len(wrong),
        rows=[f"{number} ({cells})" for number, cells in wrong[:MAX_ROWS_NAMED]],
    )


def _unclosed(body: str, dialect: Dialect, where: str, above: int) -> DataError | None:
    """Return the error for a quote that is never closed: the last cell then runs to the end."""
    if body.count(dialect.quote) % 2 == 0:
        return None
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote
    )
    start = line = 0
    try:
        for _ in reader:
            start, line = line, reader.line_num
    except csv.Error:
        start = line
    return DataError("quote-unclosed", where=where, line=start + above + 1)


def _unreadable(error: Exception, where: str) -> DataError:
    reason = str(error).strip().splitlines()[0]
    return DataError("csv-unreadable", where=where, reason=reason)
