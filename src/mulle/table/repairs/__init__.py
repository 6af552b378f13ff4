"""Repairs of values: each idea one function over a whole column, the same when reading and serving.

`text` cleans every column, `numbers` and `dates` read what people write into spreadsheets, `cells`
puts a column of any type into its storage.
"""

from mulle.table.repairs.cells import store
from mulle.table.repairs.dates import DATES, order_of, parse_dates
from mulle.table.repairs.numbers import NUMBERS, parse_numbers
from mulle.table.repairs.tally import changed
from mulle.table.repairs.text import (
    MISSING,
    NONE_WORDS,
    TEXT,
    WHITESPACE,
    cleaned,
    is_ascii,
    repair_text,
    without_nfc,
)

__all__ = [
    "DATES",
    "MISSING",
    "NONE_WORDS",
    "NUMBERS",
    "TEXT",
    "WHITESPACE",
    "changed",
    "cleaned",
    "is_ascii",
    "order_of",
    "parse_dates",
    "parse_numbers",
    "repair_text",
    "store",
    "without_nfc",
]
