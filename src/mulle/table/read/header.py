"""Where the header stands: title rows above it, one to three rows of names, or none at all.

The rows below tell it: a row of words above columns of numbers is a header, and a row whose cells
have the forms of those below is data. Names that merged cells spread over several rows are joined.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mulle.table.read.above import TITLE, named_above, without_mark
from mulle.table.read.forms import (
    NUMBER,
    WORD,
    Forms,
    are_years,
    form_of,
    forms_of,
    is_blank,
    is_run,
)
from mulle.table.read.names import tidy_names
from mulle.table.types.column import Doubt, Repair
from mulle.table.types.options import ReadOptions
from mulle.table.types.text import WHITESPACE

MAX_TITLE_ROWS = 40
MAX_HEADER_ROWS = 3
_CELLS = 40_000  # of a sample that are looked at
_COLUMNS = 300  # of a sample that are looked at
_SHOWN = 4  # names of a header that a doubt shows
_MANY = 5  # cells of a row that may be names though they are numbers
_UNIT = re.compile(
    r"[(\[<（].{1,12}[)\]>）]|%|％|‰|℃|°C|°F|K|(?:[백천만억조]|십만|백만|천만|십억)?원|[가건개명인호대회세동층쌍필장권시분초일월년톤위점배]"
    r"|가구|세대|천명|만명|천톤|㎡|㎢|㎥|㎏|㎞|㎝|㎜|㎎|㎍|㎖|ℓ|[kmcµμn]?[gmlLs]|km²|m²|m³|m/s|km/h|mph|kW|kWh|MW|MWh|hPa|mmHg"
    r"|ppm|ppb|[µμ㎍]g/(?:m³|㎥)|㎍/㎥|mg/[dlL]{1,2}|USD|KRW|EUR|JPY|GBP|[$€£¥₩]|ha|t|hrs?|min|sec|years?|days?|hours?"
)
_TITLE_UNIT = re.compile(r"단위|\bunits?\s*[:：]|\bin (?:thousand|million|billion)s", re.IGNORECASE)
_SCALE = re.compile(r"[십백천만억조]|thousand|million|billion|'000|1,?000", re.IGNORECASE)
_UNIT_LABEL = {"단위", "(단위)", "unit", "units", "[unit]", "(unit)"}


class Top(NamedTuple):
    """What stands above the rows of data.

    Attributes:
        skip: rows above the header.
        header: rows of the header.
        names: of the columns, tidy.
        line: last row of the header, to know it again further down; empty where there is none.
        repairs: what was changed to get there.
        doubts: a unit in the title, which may scale the numbers.
    """

    skip: int
    header: int
    names: list[str]
    line: list[str]
    repairs: list[Repair]
    doubts: tuple[Doubt, ...] = ()


def find_top(rows: Sequence[Sequence[str]], width: int, options: ReadOptions) -> Top | None:
    """Find the header of a table by its first rows; None where there is nothing but titles.

    >>> top = find_top([["매출"], ["구", "2022", ""], ["", "남", "여"], ["a", "1", "2"]], 3,
    ...                ReadOptions())
    >>> top.skip, top.header, top.names
    (1, 2, ['구', '2022 남', '2022 여'])
    """
    skip = options.skip
    if skip is None:
        skip = title_rows(rows, width) if options.repair else 0
    if skip >= len(rows):
        return None
    below = [_padded(row, width) for row in rows[skip:]]
    header = options.header
    unsure: tuple[Doubt, ...] = ()
    if header is None:
        header = header_rows(below) if options.repair else 1
        named = named_above(rows[skip - 1], below[:header], width) if skip else None
        if named is not None and options.skip is None:
            skip, header, below = skip - 1, 1, [named, *below]
        elif header == 1 and options.repair and is_unsure(below):
            unsure = (Doubt("header-unsure", values={"names": below[0][:_SHOWN]}),)
    if header == 1 and not skip and options.header is None and options.repair:
        below = [without_mark(below[0]), *below[1:]]
    repairs = [_skipped(rows[:skip])] if skip else []
    unit = repairs[0].values.get("unit", "") if repairs else ""
    scaled = (Doubt("title-unit", values={"unit": unit}),) if _SCALE.search(unit) else ()
    doubts = (*scaled, *unsure)
    above = below[:header]
    if not above:
        names, _ = tidy_names([""] * width, repair=False)
        return Top(skip, 0, names, [], [*repairs, Repair("header-missing", count=width)], doubts)
    names, made = tidy_names(_joined(above), repair=options.repair)
    if header > 1:
        at = next((i for i, name in enumerate(names) if name != above[0][i]), 0)
        before = " / ".join(cell for row in above if (cell := row[at].strip(WHITESPACE)))
        example = {"before": before, "after": names[at]}
        repairs.append(Repair("header-joined", count=header, values=example))
    return Top(skip, header, names, above[-1], repairs + made, doubts)


def is_unsure(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether nothing tells the first of some rows, all of words, from those below.

    All cells are single characters, or one of the first row stands again in its column, of few
    words.

    >>> is_unsure([["p", "x"], ["e", "y"], ["e", "x"]]), is_unsure([["id", "x"], ["ab", "y"]])
    (True, False)
    """
    sample = _sample(rows)
    row, below = sample[0], [other for other in sample[1:] if other != sample[0]]
    if len(below) < 2 or len(row) < 2:
        return False
    columns = [[cell for cell in cells if not is_blank(cell)] for cells in zip(*below, strict=True)]
    if any(forms_of(cells).typed for cells in columns if cells):
        return False
    pairs = list(zip(row, columns, strict=True))
    short = all(len(cell.strip()) == 1 and all(len(c.strip()) == 1 for c in cells)
                for cell, cells in pairs)  # fmt: skip
    few = [cell in cells for cell, cells in pairs if len({*cells}) * 2 <= len(cells)]
    return short or sum(few) > 1


def title_rows(rows: Sequence[Sequence[str]], width: int) -> int:
    """Count the rows above the header that hold a title, a unit, a remark or nothing.

    >>> title_rows([["Sales 2024"], [], ["day", "won"], ["1", "2"], ["2", "3"]], 2)
    2
    """
    if width < 2:
        return 0
    count = 0
    while count < len(rows) and _is_title(rows, count, width):
        count += 1
    return count if count <= MAX_TITLE_ROWS else 0


def header_rows(rows: Sequence[Sequence[str]], *, sure: bool = False) -> int:
    """Count the rows of the header, which the first of these rows begins; 0 where it is data.

    Args:
        rows: cells of n rows, of each as many.
        sure: whether words above numbers are asked for.

    >>> header_rows([["a", "b"], ["1", "x"]]), header_rows([["4.9", "red"], ["6.8", "blue"]])
    (1, 0)
    """
    sample = _sample(rows)
    if len(sample) < 2:
        return 1
    filled = [row for row in sample[1:] if not all(map(is_blank, row))]
    rest = filled[2:] or filled[1:] or filled
    if not rest:
        return 1
    columns = [forms_of(cells) for cells in zip(*rest, strict=True)]
    if _is_data(sample[0], columns, rest, filled):
        return 0
    if sure and not _evidence(sample[0], columns, rest)[0]:
        return 0
    count = 1
    while count < min(MAX_HEADER_ROWS, len(sample) - 1):
        if not _goes_on(sample[count - 1], sample[count], columns, rest):
            break
        count += 1
    return count


def _sample(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    width = len(rows[0])
    step = max(1, -(-width // _COLUMNS))
    return [list(row[::step]) for row in rows[: max(10, _CELLS * step // max(1, width))]]


def _padded(row: Sequence[str], width: int) -> list[str]:
    return [*row[:width], *[""] * (width - len(row))]


def _filled(row: Sequence[str]) -> list[int]:
    return [i for i, cell in enumerate(row) if not is_blank(cell)]


def _is_title(rows: Sequence[Sequence[str]], number: int, width: int) -> bool:
    row = rows[number]
    filled = _filled(row)
    below = next((other for other in rows[number + 1 :] if _filled(other)), None)
    if not filled:
        return below is not None or number > 0
    if below is None:
        return False
    if row[0].lstrip().startswith(("#", "%")) and len(row) != width:
        return True
    if 1 < len(row) != width and _is_above(rows, number, width):
        return True
    if len(filled) == 1:
        return len(row) != width or width > 2 or not _starts_table(rows, number)
    if len(filled) > 2 or width < 3:
        return False
    if len(row) < width - 1:
        return True
    return _is_title_of_two(row, filled, _padded(below, width))


def _is_above(rows: Sequence[Sequence[str]], number: int, width: int) -> bool:
    """Tell whether a row of another width than the table stands above its header."""
    rest = list(rows[number + 1 :])
    if rest and not _filled(rest[0]):
        return True
    while rest and len(rest[0]) != width:
        rest = rest[1:]
    return len(rest) > 1 and header_rows([_padded(row, width) for row in rest], sure=True) > 0


def _starts_table(rows: Sequence[Sequence[str]], number: int) -> bool:
    """Tell whether a row of two cells, of which one is blank, is a header over two columns."""
    row, rest = list(rows[number]), [_padded(other, 2) for other in rows[number + 1 :]]
    if is_blank(row[0]):
        return True  # R writes the header "","x"
    return not rest or is_blank(rest[0][0]) or is_blank(rest[0][1]) or header_rows(rest) == 0


def _is_title_of_two(row: Sequence[str], filled: Sequence[int], below: Sequence[str]) -> bool:
    """Tell whether two cells are a title and its unit rather than names over merged columns."""
    if any(TITLE.search(row[i]) for i in filled):
        return True
    full = not any(map(is_blank, below)) and len({*below}) == len(below)
    words = sum(form_of(cell) == WORD for cell in below)
    return full and filled[0] == 0 and words > len(below) / 2 and len(below) > 3


def _evidence(
    row: Sequence[str], columns: Sequence[Forms], below: Sequence[Sequence[str]]
) -> tuple[int, int]:
    """Count the cells that speak for a header and for data, in columns of numbers and dates."""
    typed = [i for i, column in enumerate(columns) if column.typed]
    names = [i for i in typed if form_of(row[i]) and not columns[i].fits(row[i])]
    fits = [i for i in typed if columns[i].fits(row[i]) and form_of(row[i])]
    if names and len(fits) > _MANY and _is_distinct(row, below):
        return len(names) + len(fits), 0
    if fits and is_run([row[i] for i in fits], [[other[i] for i in fits] for other in below[:20]]):
        return len(names) + len(fits), 0
    return len(names), len(fits)


def _is_distinct(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether no cell of a row stands in it twice, though cells of the rows below do."""
    some = below[:20]
    twice = sum(len({*other}) < len(other) for other in some)
    return len({*row}) == len(row) and twice > 0.9 * len(some)


def _is_data(
    row: Sequence[str],
    columns: Sequence[Forms],
    rest: Sequence[Sequence[str]],
    below: Sequence[Sequence[str]],
) -> bool:
    if list(row) in below and any(form_of(cell) == WORD for cell in row):
        return _all_recur(row, rest)
    names, fits = _evidence(row, columns, below)
    if any(column.typed for column in columns):
        return fits > names
    return _all_recur(row, rest)


def _all_recur(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether the words of a row are found below it, in all columns of few words."""
    if len(below) < 8:
        return False
    few = 0
    for cell, cells in zip(row, zip(*below, strict=True), strict=True):
        counted = Counter(cells)
        if len(counted) * 2 <= len(cells):
            if cell not in counted:
                return False
            few += not is_blank(cell)
    return few > 1


def _goes_on(
    above: Sequence[str],
    row: Sequence[str],
    columns: Sequence[Forms],
    rest: Sequence[Sequence[str]],
) -> bool:
    """Tell whether a row belongs to the header that the row above it began."""
    names, fits = _evidence(row, columns, rest)
    if fits or not _filled(row):
        return False
    numbers = [cell for cell in row if form_of(cell) == NUMBER]
    if numbers and not are_years(numbers):
        return False
    if is_unit_row(row):
        return names > 0 or not any(column.typed for column in columns)
    typed = sum(column.typed for column in columns)
    if _is_merged(above, row, closely=not typed, rest=rest):
        return names > 0 or not typed
    words = {row[i] for i, column in enumerate(columns) if column.typed}
    if any(form_of(word) != WORD for word in words):
        return False
    return 1 < typed == names == len(words) and len(_filled(row)) == len(row)


def _is_merged(
    above: Sequence[str], row: Sequence[str], *, closely: bool, rest: Sequence[Sequence[str]]
) -> bool:
    """Tell whether a row names what merged cells above it leave open."""
    holes = [i for i, cell in enumerate(above) if is_blank(cell)]
    if closely:
        full = sum(len(_filled(other)) for other in rest) >= 0.8 * len(rest) * len(row)
        open_below = {i for i, cell in enumerate(row) if is_blank(cell)}
        spans = [i for i in range(1, len(row)) if i in holes and i not in open_below]
        return full and bool(spans) and bool(open_below) and not open_below & {*holes}
    if any(not is_blank(row[i]) for i in holes):
        return True
    twice = [i for i in range(1, len(row)) if above[i] == above[i - 1] and not is_blank(above[i])]
    return any(row[i] != row[i - 1] for i in twice)


def is_unit_row(row: Sequence[str]) -> bool:
    """Tell whether a row holds nothing but units of measurement.

    >>> is_unit_row(["", "명", "(천원)"]), is_unit_row(["서울", "명", "원"])
    (True, False)
    """
    cells = [cell.strip(WHITESPACE) for cell in row]
    units = [cell for cell in cells if cell and cell.lower() not in _UNIT_LABEL]
    return bool(units) and all(_UNIT.fullmatch(c) and form_of(c) != NUMBER for c in units)


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """Join the names that stand above each other, merged ones over all columns that they span."""
    if len(rows) == 1:
        return list(rows[0])
    units = rows[-1] if is_unit_row(rows[-1]) else None
    levels = [[cell.strip(WHITESPACE) for cell in row] for row in rows]
    levels = levels[:-1] if units else levels
    spread = [_spread(levels, depth) for depth in range(len(levels))]
    names = [
        " ".join(dict.fromkeys(part for part in parts if part))
        for parts in zip(*spread, strict=True)
    ]
    if units is None:
        return names
    return [
        _with_unit(name, unit.strip(WHITESPACE)) for name, unit in zip(names, units, strict=True)
    ]


def _spread(levels: Sequence[Sequence[str]], depth: int) -> list[str]:
    row = list(levels[depth])
    if depth == len(levels) - 1:
        return row
    for i in range(1, len(row)):
        new_group = any(upper[i] for upper in levels[:depth])
        named_below = any(lower[i] for lower in levels[depth + 1 :])
        if not row[i] and named_below and not new_group:
            row[i] = row[i - 1]
    return row


def _with_unit(name: str, unit: str) -> str:
    if not name or not unit or unit.lower() in _UNIT_LABEL:
        return name
    return name + (unit if unit[0] in "([（<" else f"({unit})")


def _skipped(rows: Sequence[Sequence[str]]) -> Repair:
    cells = [cell.strip(WHITESPACE) for row in rows for cell in row if not is_blank(cell)]
    values = {"before": cells[0] if cells else ""}
    unit = next((cell for cell in cells if _TITLE_UNIT.search(cell)), "")
    if unit:
        values["unit"] = unit
    return Repair("title-rows", count=len(rows), values=values)
