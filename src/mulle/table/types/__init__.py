"""The meaning of cells: kinds of columns, the notation each is written in, and its repairs.

`text` cleans every column, `numbers` and `dates` read what people write, `store` puts a column of
any type into its storage: each idea one function over a whole column, the same when a table is read
and when a model is served.
"""

from mulle.table.types.dates import DATES, parse_dates
from mulle.table.types.numbers import NUMBERS, parse_numbers
from mulle.table.types.store import store
from mulle.table.types.tally import changed
from mulle.table.types.text import (
    AS_WRITTEN,
    CLEAN,
    MISSING,
    NONE_WORDS,
    TEXT,
    WHITESPACE,
    cleaned,
    is_settled,
    repair_text,
    without_nfc,
)

__all__ = [
    "AS_WRITTEN",
    "CLEAN",
    "DATES",
    "MISSING",
    "NONE_WORDS",
    "NUMBERS",
    "TEXT",
    "WHITESPACE",
    "changed",
    "cleaned",
    "is_settled",
    "parse_dates",
    "parse_numbers",
    "repair_text",
    "store",
    "without_nfc",
]
