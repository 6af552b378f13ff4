"""Files in the dialects and notations of many countries and tools, each with what it means."""

from tests.table.written.case import Case
from tests.table.written.dates import DATES
from tests.table.written.dialects import DIALECTS
from tests.table.written.numbers import NUMBERS

WRITTEN: tuple[Case, ...] = (*DIALECTS, *NUMBERS, *DATES)

__all__ = ["DATES", "DIALECTS", "NUMBERS", "WRITTEN", "Case"]
