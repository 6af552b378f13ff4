"""Rows below the header that are no data: blank rows, totals, notes, and the header once more.

Each is named, and an option keeps them all (`--keep-rows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from mulle.table.read.forms import NUMBER, WORD, are_blank, form_of, forms_of
from mulle.table.read.groups import fill_groups, may_be_groups
from mulle.table.read.notes import NOTE
from mulle.table.read.totals import find_sums, find_totals, has_labels
from mulle.table.types.column import Doubt, LeftOut, Repair
from mulle.table.types.text import WHITESPACE

MAX_ROWS_NAMED = 5
_SAMPLE = 200  # rows, and blank rows, that are looked at
OPTION = "--keep-rows"


class Kept(NamedTuple):
    """The rows of a table that are data.

    Attributes:
        frame: these rows [N].
        left_out: the others, by reason.
        doubts: rows that stay, though they may be no data.
        repairs: names of groups that were written once, and now stand in each row.
        places: positions [N] of the rows among all; None where all are kept.
        height: number of all rows.
    """

    frame: pl.DataFrame
    left_out: list[LeftOut]
    doubts: list[Doubt]
    places: pl.Series | None
    height: int
    repairs: tuple[Repair, ...] = ()


def keep_data(body: pl.DataFrame, line: Sequence[str], *, keep: bool, repair: bool = True) -> Kept:
    """Leave out the rows that are no data, and name them.

    Args:
        body: all rows below the header, as text.
        line: cells of the last row of the header; empty where there is none.
        keep: whether all of them stay.
        repair: whether more than blank rows is looked for.
    """
    height = body.height
    if keep or body.width < 2 or not height:
        return Kept(body, [], [], None, height)
    out = {"blank-rows": blank_rows(body)}
    if repair and (end := _second_table(body, line, out["blank-rows"])):
        return _first_of_two(body, line, end)
    gone = {*out["blank-rows"]}
    doubts: list[Doubt] = []
    examples: dict[str, str] = {}
    repairs: tuple[Repair, ...] = ()
    if repair:
        body, repairs = fill_groups(body, out["blank-rows"])
        out["header-repeated"] = _repeated(body, line)
        out["note-rows"] = _notes(body, gone)
        gone |= {*out["header-repeated"], *out["note-rows"]}
        out["total-rows"] = _totals(body, gone, doubts, examples)
    for code, at in out.items():
        if at and code != "blank-rows":
            examples.setdefault(code, _first_cell(body, at[0]))
    left_out = [_left_out(code, at, examples) for code, at in out.items() if at]
    all_out = sorted({at for found in out.values() for at in found})
    if not all_out:
        return Kept(body, [], doubts, None, height, repairs)
    kept = pl.repeat(True, height, eager=True, dtype=pl.Boolean).scatter(all_out, False)
    return Kept(body.filter(kept), left_out, doubts, kept.arg_true(), height, repairs)


def _first_of_two(body: pl.DataFrame, line: Sequence[str], end: int) -> Kept:
    """Keep the first of two tables that stand below each other."""
    first = keep_data(body.head(end), line, keep=False)
    places = pl.int_range(end, eager=True) if first.places is None else first.places
    second = list(range(end, body.height))
    out = _left_out("table-below", second, {"table-below": _first_cell(body, end)})
    return first._replace(
        left_out=[*first.left_out, out], places=places.cast(pl.get_index_type()), height=body.height
    )


def _second_table(body: pl.DataFrame, line: Sequence[str], blank: Sequence[int]) -> int | None:
    """Return where another header begins: words behind a blank row, over and under numbers."""
    known = {*blank}
    starts = [at + 1 for at in blank[:_SAMPLE] if at and at + 1 not in known]
    for at in (at for at in starts if at + 1 < body.height):
        row, below = ([cell or "" for cell in one] for one in body[at : at + 2].rows())
        filled = [i for i, cell in enumerate(row) if cell.strip(WHITESPACE)]
        if len(filled) < 2 or len({*row}) < len(filled) or row == list(line):
            continue
        if any(form_of(row[i]) != WORD for i in filled):
            continue
        above = [forms_of([c or "" for c in body[:at, i].head(_SAMPLE).to_list()]) for i in filled]
        typed = [forms.typed for forms in above]
        if any(typed) and any(form_of(below[i]) == NUMBER for i in filled):
            return at
    return None


def blank_rows(body: pl.DataFrame) -> list[int]:
    """Return the positions of rows that hold nothing, or nothing but white space."""
    return _only_first(body, blank=True)


def is_undecided(body: pl.DataFrame, line: Sequence[str]) -> bool:
    """Tell whether some rows of a part of a table can only be judged with the whole before one."""
    odd = _only_first(body, blank=False) or _repeated(body, line)
    blank = blank_rows(body)
    two = bool(blank) and _second_table(body, line, blank) is not None
    return bool(odd or two or may_be_groups(body) or has_labels(body))


def _only_first(body: pl.DataFrame, *, blank: bool) -> list[int]:
    """Return the rows that hold nothing behind the first cell, which is blank or is not."""
    if body.width < 2:
        return []
    second = are_blank(body.to_series(1))
    if not second.any():
        return []
    at = (second & (are_blank(body.to_series(0)) == blank)).arg_true()
    for i in range(2, body.width):
        if not len(at):
            break
        at = at.filter(are_blank(body.to_series(i).gather(at)))
    return at.to_list()


def _repeated(body: pl.DataFrame, line: Sequence[str]) -> list[int]:
    names = [(i, name) for i, name in enumerate(line) if name.strip(WHITESPACE)]
    if len(names) < 2 or len(names) < body.width / 2:
        return []
    at = pl.int_range(body.height, eager=True)
    for i, name in names:
        if body.dtypes[i] != pl.String:
            return []
        cells = body.to_series(i).gather(at)
        at = at.filter((cells == name).fill_null(value=False))
        if not len(at):
            break
    return at.to_list()


def _notes(body: pl.DataFrame, blank: set[int]) -> list[int]:
    lone = _only_first(body, blank=False)
    if not lone:
        return []
    cells = body.to_series(0)
    texts = cells.gather(lone).to_list()
    marked = cells.gather(lone).str.contains(NOTE).to_list()
    foot, end = {*lone} | blank, body.height
    while end and end - 1 in foot:
        end -= 1
    longest = cells.head(end).str.len_chars().quantile(0.95) or 0.0
    return [
        at
        for at, text, is_marked in zip(lone, texts, marked, strict=True)
        if (is_marked and (body.width > 2 or at >= end))
        or (at >= end and body.width > 2 and " " in text.strip() and len(text) > 2 * longest + 5)
    ]


def _totals(
    body: pl.DataFrame, gone: set[int], doubts: list[Doubt], examples: dict[str, str]
) -> list[int]:
    rest = [at for at in range(body.height) if at not in gone] if gone else None
    data = body if rest is None else body[rest]
    found = find_totals(data)
    if found is None or not (found.proved or found.doubtful):
        if (row := find_sums(data)) is not None:
            row = row if rest is None else rest[row]
            values = {"rows": [row + 1], "example": _first_cell(body, row)}
            doubts.append(Doubt("total-unlabelled", count=1, values=values))
        return []
    examples["total-rows"] = found.label

    def back(at: Sequence[int]) -> list[int]:
        return list(at) if rest is None else [rest[i] for i in at]

    if found.doubtful:
        at = back(found.doubtful)
        values = {"rows": [i + 1 for i in at[:MAX_ROWS_NAMED]], "example": found.label}
        doubts.append(Doubt("total-rows", count=len(at), values=values))
    return back(found.proved)


def _first_cell(body: pl.DataFrame, at: int) -> str:
    return next((cell for cell in body.row(at) if cell and cell.strip(WHITESPACE)), "")


def _left_out(code: str, at: Sequence[int], examples: dict[str, str]) -> LeftOut:
    values = {"option": OPTION}
    if code in examples:
        values = {"example": examples[code], **values}
    rows = tuple(i + 1 for i in at[:MAX_ROWS_NAMED])
    return LeftOut(code, count=len(at), rows=rows, values=values)
