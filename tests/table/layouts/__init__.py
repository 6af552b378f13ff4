"""Thirty layouts in which Korean offices publish tables, each with the table that it had."""

from tests.table.layouts.cells import Draw, Layout, Published
from tests.table.layouts.compare import columns_of, compared, of_published
from tests.table.layouts.composed import composed
from tests.table.layouts.portal import PORTAL
from tests.table.layouts.series import SERIES
from tests.table.layouts.yearbook import YEARBOOK

LAYOUTS: dict[str, Layout] = {
    layout.__name__: layout
    for layout in sorted((*PORTAL, *SERIES, *YEARBOOK), key=lambda layout: layout.__name__)
}

__all__ = [
    "LAYOUTS",
    "Draw",
    "Layout",
    "Published",
    "columns_of",
    "compared",
    "composed",
    "of_published",
]
