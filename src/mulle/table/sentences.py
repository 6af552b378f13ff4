"""Write what is not used of a table, and what its cells leave open, as sentences.

The sentences stand in i18n under `left-out.CODE` and `doubt.CODE`: `what` happened, and the `fix`
with the option that decides it or brings it back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mulle.i18n import Messages
from mulle.table.types.column import Doubt, LeftOut


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
    return Notice(words(f"{key}.what", **values), words(f"{key}.fix", **values))
