"""How a text file tells its cells apart: delimiter, quotes, escapes and line ends.

Every candidate splits the first rows, and the one that splits most of them alike wins, unless its
cells still hold other delimiters. Where none does, columns may be parted by blanks (`blanks.py`).

source  van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type
        patterns", Data Mining and Knowledge Discovery 33 (2019)
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from mulle.table.read.blanks import Blanks, find_blanks, part
from mulle.table.read.forms import NUMBER, form_of

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS = (",", "\t", ";", "|")
_RARE = ("||", ";;", "::", "~|~", "|~|", "^", "~", "\x01", "\x1f", "¦", "§", "，", "、", "；", ":")
_JOINT = ("\x1f", "\x1e", "\x1d", "\x1c")  # stand for delimiters of several characters
SAMPLE_ROWS = 200
SAMPLE_CHARS = 1 << 20
_LEAST_LINES = 3  # of a sample
_CELLS = 20_000  # of a sample that are looked at
_BORDER = re.compile(r"^[ \t]*[+|:][-+|:= \t]*-{2,}[-+|:= \t]*\r?\n?", re.MULTILINE)
_FRAMED = re.compile(r"^[ \t]*\|(.*?)\|?[ \t]*(\r?)$", re.MULTILINE)
_PSQL = re.compile(r"^[-+]*-{3,}\+[-+]*[ \t]*\r?\n", re.MULTILINE)
_LONE_RETURN = re.compile(r"\r+(?!\n)")


class Dialect(NamedTuple):
    """The marks that tell the cells of a text file apart.

    Attributes:
        delimiter: between cells; of one or several characters.
        quote: around cells; "" where they are not quoted.
        escaped: whether a quote inside a quoted cell has a backslash before it.
        returns: whether a carriage return alone ends a line.
        framed: whether rows begin and end with a bar, as in Markdown.
        spaced: whether blanks stand between a delimiter and a quote.
        blanks: how blanks part the columns, where no delimiter does.
    """

    delimiter: str
    quote: str = '"'
    escaped: bool = False
    returns: bool = False
    framed: bool = False
    spaced: bool = False
    blanks: Blanks | None = None

    @property
    def separator(self) -> str:
        """One character that stands between cells in `plain` text."""
        single = len(self.delimiter) == 1 and self.delimiter.isascii()
        return self.delimiter if single and self.blanks is None else _JOINT[0]

    def to_plain(self, text: str) -> str:
        """Return whole lines as text that has `separator` between cells and doubles quotes."""
        if text[-20:].rstrip("\r\n").endswith("\x1a"):
            text = text.rstrip("\r\n\x1a") + "\n"
        if self.returns:
            text = lines_ended(text)
        if self.blanks is not None:
            return part(text, self.blanks, self.separator)
        if self.framed:
            text = _PSQL.sub("", _BORDER.sub("", text))
            text = _FRAMED.sub(r"\1\2", text)
            text = re.sub(r"[ \t]*\|[ \t]*", "|", text)
            text = re.sub(r"^[ \t]+|[ \t]+(?=\r?$)", "", text, flags=re.MULTILINE)
        if self.escaped:
            text = unescaped(text, self.quote)
        if self.separator != self.delimiter:
            text = text.replace(self.delimiter, self.separator)
        if self.spaced:
            text = re.sub(rf"({re.escape(self.separator)}|^)[ \t]+(?={self.quote})", r"\1", text)
        return text

    def rows(self, text: str, count: int = SAMPLE_ROWS) -> list[list[str]]:
        """Split the first rows of `plain` text."""
        try:
            return list(itertools.islice(self.reader(text), count))
        except csv.Error:  # a field beyond csv's limit: an unclosed quote, reported when reading
            return [line.split(self.separator) for line in text.split("\n", count)[:count]]

    def reader(self, text: str) -> Reader:
        """Return a reader of `plain` text, row by row."""
        lines = io.StringIO(text, newline="")
        if not self.quote:
            return csv.reader(lines, delimiter=self.separator, quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self.separator, quotechar=self.quote)


def lines_ended(text: str) -> str:
    """End all lines with a line feed where carriage returns alone end them."""
    return _LONE_RETURN.sub("\n", text.replace("\r\r\n", "\r\n"))


def ends_with_returns(text: str) -> bool:
    """Tell whether carriage returns alone end most lines, as they did on old Macs."""
    head = text[:SAMPLE_CHARS]
    lone = head.count("\r") - head.count("\r\n")
    return lone > 2 * head.count("\n") or "\r\r\n" in head


def find_dialect(text: str, delimiter: str | None = None) -> Dialect:
    """Find how the rows of a text are told apart.

    Args:
        text: the first lines of a file, or all.
        delimiter: the one to use; None to find it out.

    >>> find_dialect("a;b\\n1,5;2\\n2,5;3\\n").delimiter
    ';'
    """
    returns = ends_with_returns(text)
    head = first_lines(lines_ended(text[: 2 * SAMPLE_CHARS]) if returns else text)
    if delimiter in {None, "|"} and _is_framed(head):
        found = Dialect("|", quote="", framed=True)
    elif delimiter is not None:
        found = _given(head, delimiter)
    else:
        found = _detect(head)
    return found._replace(returns=returns)


def first_lines(text: str) -> str:
    """Return the first lines of a text, each of them whole; at least three, however long."""
    if len(text) <= SAMPLE_CHARS:
        return text
    cut = text.rfind("\n", 0, SAMPLE_CHARS) + 1
    if text.count("\n", 0, cut) < _LEAST_LINES:
        cut = 0
        for _ in range(_LEAST_LINES):
            cut = text.find("\n", cut) + 1 or len(text)
    return text[:cut]


def _given(head: str, delimiter: str) -> Dialect:
    if delimiter == " ":
        return Dialect(" ", blanks=find_blanks(head, surely=True))
    return max(_quoted(head, [delimiter]), key=lambda option: _score(head, option))


def _detect(head: str) -> Dialect:
    options = _quoted(head, [_doubled(head, delimiter) for delimiter in _DELIMITERS])
    scored = [(_score(head, option), option) for option in options]
    best, dialect = max(scored, key=lambda pair: pair[0])
    if dialect.delimiter != "\t" and _is_tabbed(head):
        return max((pair for pair in scored if pair[1].delimiter == "\t"), key=lambda p: p[0])[1]
    if best < 0.9:
        rare = [d for d in _RARE if d in head and _doubled(head, d) == d]
        more = [(_score(head, option), option) for option in _quoted(head, rare)]
        more = [pair for pair in more if pair[0] > 0.97 and _is_sure(head, pair[1])]
        if more and max(more)[0] > best:
            return max(more, key=lambda pair: (pair[0], len(pair[1].delimiter)))[1]
    if best < 0.9 and (blanks := find_blanks(head)) is not None:
        return Dialect(" ", blanks=blanks)
    return dialect


def _is_tabbed(head: str) -> bool:
    """Tell whether tabs part all lines alike, of which the first cells hold other delimiters.

    Eurostat writes "unit,geo\\TIME_PERIOD", a tab and years over "PC,AT", a tab and numbers.
    """
    lines = [
        line.split("\t") for line in head.split("\n", SAMPLE_ROWS)[:SAMPLE_ROWS] if line.strip()
    ]
    if len(lines) < 2 or len(lines[0]) < 2 or any(len(line) != len(lines[0]) for line in lines):
        return False
    return '"' not in head and all(line[0].strip() and lines[0][-1].strip() for line in lines)


def _doubled(head: str, delimiter: str) -> str:
    """Return the longer delimiter that a character is always part of, or the character."""
    longer = [d for d in _RARE if len(d) > 1 and delimiter in d and d != delimiter]
    count = head.count(delimiter)
    return next((d for d in longer if count and head.count(d) * d.count(delimiter) == count),
                delimiter)  # fmt: skip


def _is_sure(head: str, option: Dialect) -> bool:
    """Tell whether a rare delimiter parts cells rather than hours from minutes."""
    rows = [row for row in option.rows(option.to_plain(head), 50) if row]
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        return False
    if option.delimiter != ":":
        return len(rows) > 1
    first = [row[0] for row in rows]
    return width > 2 and not all(cell.strip()[-2:].isdigit() for row in rows for cell in row) and (
        len({*first}) > 1
    )  # fmt: skip


def _quoted(head: str, delimiters: Sequence[str]) -> list[Dialect]:
    quotes = ("'", '"') if _single_quoted(head) else ('"', "'") if _has_single(head) else ('"',)
    options = []
    for quote in quotes:
        escaped = _is_escaped(head, quote)
        options += [Dialect(d, quote, escaped, spaced=_is_spaced(head, d, quote))
                    for d in delimiters]  # fmt: skip
    if '"' in head:
        options += [Dialect(delimiter, "") for delimiter in delimiters if delimiter == "\t"]
    return options


def _single_quoted(head: str) -> bool:
    whole = re.findall(r"(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|\r\n]|$)", head, re.MULTILINE)
    return len(whole) > max(1, head.count('"')) and len(whole) * 2 > 0.6 * head.count("'")


def _has_single(head: str) -> bool:
    return len(re.findall(r"(?:^|[,;\t|])'|'(?:[,;\t|]|$)", head, re.MULTILINE)) > 3


def _is_spaced(head: str, delimiter: str, quote: str) -> bool:
    spaced = len(re.findall(rf"{re.escape(delimiter)} +{quote}", head))
    return spaced > head.count(delimiter + quote)


def _is_escaped(head: str, quote: str) -> bool:
    """Tell whether quotes inside cells have a backslash before them."""
    if "\\" + quote not in head:
        return False
    inside = re.findall(rf"\\{quote}[^,;|\t\r\n{quote}]", head)
    doubled = re.findall(rf"[^\\,;|\t\n{quote}]{quote}{quote}[^,;|\t\r\n{quote}]", head)
    return len(inside) > len(doubled)


def unescaped(text: str, quote: str) -> str:
    """Write quotes with a backslash before them as two quotes."""
    return re.sub(rf"(\\\\)|\\{quote}", lambda m: m[1] or quote * 2, text)


def _is_framed(head: str) -> bool:
    lines = [line.strip() for line in head.split("\n", 200) if line.strip()][:200]
    if len(lines) < 3:
        return False
    border = sum(bool(_BORDER.fullmatch(line) or _PSQL.fullmatch(line + "\n")) for line in lines)
    bars = [line for line in lines if "|" in line]
    return border > 0 and len(bars) + border >= 0.8 * len(lines)


def _mode(widths: Sequence[int]) -> tuple[int, int]:
    counted = Counter(w for w in widths if w).most_common()
    return max(counted, key=lambda pair: (pair[1], pair[0]), default=(0, 0))


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of cells that most rows have.

    >>> usual_width([["title"], ["a", "b"], ["1", "2"]])
    2
    """
    return _mode([len(row) for row in rows])[0]


def _score(head: str, option: Dialect) -> float:
    """Score a dialect by how even its rows are, and how whole its cells."""
    rows = option.rows(option.to_plain(head))
    width, times = _mode([len(row) for row in rows])
    if width < 2:
        return 0.0
    even = times / max(sum(bool(row) for row in rows), 1)
    cells = [cell for row in rows for cell in row[:100]][:_CELLS]
    if not option.quote and _look_quoted(cells):
        return 0.0
    return even * (1 - _dirty(cells, option.delimiter)) + min(width, 50) / 1000


def _look_quoted(cells: Sequence[str]) -> bool:
    marked = [cell.strip() for cell in cells if '"' in cell]
    whole = sum(len(c) > 1 and c[0] == c[-1] == '"' for c in marked)
    return whole * 2 >= len(marked)


def _dirty(cells: Sequence[str], delimiter: str) -> float:
    """Return how much speaks for cells that are not parted yet: other delimiters, wide blanks."""
    others = [d for d in _DELIMITERS if d != delimiter]
    wide = sum("  " in cell.strip() for cell in cells)
    dirty = sum(
        any(d in cell for d in others) and form_of(cell) != NUMBER and " " not in cell
        for cell in cells
    )
    return (0.5 * wide + 0.2 * dirty) / len(cells) if cells else 0.0
