"""Write how a column was read, what is not used of a table, and what its cells leave open.

The sentences stand in i18n under `left-out.CODE` and `doubt.CODE`: `what` happened, and the `fix`
with the option that decides it or brings it back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mulle.i18n import Messages
from mulle.table.reading import Reading
from mulle.table.types.column import Column, Doubt, LeftOut
from mulle.table.types.notation import Notation


class Notice(NamedTuple):
    """One thing that a person should know of a reading.

    Attributes:
        what: what is not used, or in doubt.
        fix: the option that brings it back, or decides.
    """

    what: str
    fix: str


def describe(told: LeftOut | Doubt, words: Messages) -> Notice:
    """Return the sentences on something that is left out or in doubt.

    >>> out = LeftOut("cells-missing", "price", 3, values={"words": ["sold out"]})
    >>> describe(out, Messages("en")).what
    "price: 3 cells that are no number ('sold out') count as missing."
    """
    group = "left-out" if isinstance(told, LeftOut) else "doubt"
    key = f"{group}.{told.code}"
    values: dict[str, Any] = {"column": told.column, "count": told.count, **told.values}
    if isinstance(told, LeftOut):
        values["rows"] = list(told.rows)
    if f"{key}.what" not in words:
        return Notice(f"{told.code} ({words.render(values)})", words(f"{group}.unlisted"))
    return Notice(*words.notice(key, values))


def describe_notation(column: Column, reading: Reading, words: Messages) -> list[str]:
    """Return how the cells of a column are written, and what was repaired in them, as phrases.

    >>> column = Column("x", "continuous", "number", notation=Notation(decimal=",", unit="kg"))
    >>> describe_notation(column, Reading(), Messages("en"))
    ['decimal comma', 'unit kg']
    """
    notation, usual = column.notation, Notation()
    phrases = []
    if notation.form:
        phrases.append(words(f"notation.form-{notation.form}", source=column.source))
    for name in _MARKS:
        value = getattr(notation, name)
        if value != getattr(usual, name):
            shown = _as_written(value, column, reading) if name == "unit" else value
            phrases.append(_phrase(name, shown, words))
    made = dict.fromkeys(r.code for r in reading.repairs if r.column == column.name)
    told = {code for code, name in _TOLD.items() if getattr(notation, name) != getattr(usual, name)}
    return phrases + [words.name("repair", code) for code in made if code not in told]


def _as_written(unit: str, column: Column, reading: Reading) -> str:
    """Return a unit as a cell of the column spells it: KRW, which is compared as krw."""
    for made in reading.repairs:
        if made.column == column.name and made.code in {"currency", "unit"}:
            before = str(made.values.get("before", ""))
            at = before.lower().find(unit)
            if at >= 0:
                return before[at : at + len(unit)]
    return unit


def _phrase(name: str, value: Any, words: Messages) -> str:
    own = f"notation.{name}-{value}"
    return words(own) if own in words else words(f"notation.{name}", value=value)


# Repairs that the notation itself tells of.
_TOLD = {
    "clock": "form",
    "day-first": "dates",
    "decimal-comma": "decimal",
    "limit": "form",
    "month-first": "dates",
    "unit": "unit",
}
_MARKS = ("decimal", "thousands", "unit", "scale", "percent", "dates", "missing", "not_missing")
