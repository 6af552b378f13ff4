"""Files in the dialects and notations of many countries and tools, each with what it means."""

from tests.table.written.case import Case
from tests.table.written.dates import DATES
from tests.table.written.dialects import DIALECTS
from tests.table.written.listed import LISTED
from tests.table.written.numbers import NUMBERS
from tests.table.written.sniffing import SNIFFING
from tests.table.written.trades import TRADES

WRITTEN: tuple[Case, ...] = (*DIALECTS, *SNIFFING, *NUMBERS, *TRADES, *DATES, *LISTED)

__all__ = ["DATES", "DIALECTS", "LISTED", "NUMBERS", "SNIFFING", "TRADES", "WRITTEN", "Case"]
