"""One look for every page: stylesheet, templates, chart specifications, words in ko and en."""

from mulle.page.blocks import (
    Block,
    Cell,
    Code,
    Column,
    DataTable,
    Details,
    Fact,
    Facts,
    Figure,
    Figures,
    Finding,
    Findings,
    Heading,
    Prose,
    Why,
)
from mulle.page.render import render
from mulle.page.words import LANGUAGES, Words

__all__ = [
    "LANGUAGES",
    "Block",
    "Cell",
    "Code",
    "Column",
    "DataTable",
    "Details",
    "Fact",
    "Facts",
    "Figure",
    "Figures",
    "Finding",
    "Findings",
    "Heading",
    "Prose",
    "Why",
    "Words",
    "render",
]
