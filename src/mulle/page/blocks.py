"""The blocks a page is built of: plain data that rooms above fill in and `render` lays out.

Text is plain text, never HTML: all of it is escaped. A value is said by its `format`, one of
`numbers.FORMATS`; without one it stands as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mulle.page.charts.theme import Spec

Severity = Literal["good", "note", "warning"]


@dataclass(frozen=True)
class Why:
    """The answer to "why?" about a number: its formula, its source, the decision behind it."""

    text: str = ""
    formula: str = ""
    source: str = ""
    decision: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading; level 2 opens a section and stands in the table of contents."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Prose:
    """Running text; a blank line parts paragraphs."""

    text: str


@dataclass(frozen=True)
class Finding:
    """One thing the reader should know, with its evidence folded away."""

    text: str
    severity: Severity = "note"
    why: Why | str = ""


@dataclass(frozen=True)
class Findings:
    """Findings, most important first."""

    items: Sequence[Finding]


@dataclass(frozen=True)
class Fact:
    """A named value; `note` is a few quiet words below it, such as an interval."""

    label: str
    value: Any
    format: str = ""
    note: str = ""
    why: Why | None = None


@dataclass(frozen=True)
class Facts:
    """A handful of named values side by side."""

    items: Sequence[Fact]


@dataclass(frozen=True)
class Column:
    """A column of a table; a format of numbers sets it flush right."""

    title: str
    format: str = ""


@dataclass(frozen=True)
class Cell:
    """A value in a table that can be asked why; a plain value needs no `Cell`."""

    value: Any
    why: Why | None = None


@dataclass(frozen=True)
class DataTable:
    """Rows of values; the first column names its row. `marked` rows stand out (0 is the first)."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    caption: str = ""
    marked: Collection[int] = ()


@dataclass(frozen=True)
class Figure:
    """A chart with what it shows in words."""

    spec: Spec
    caption: str = ""
    why: Why | None = None


@dataclass(frozen=True)
class Figures:
    """Small charts side by side where there is room."""

    items: Sequence[Figure]


@dataclass(frozen=True)
class Code:
    """Lines to type or to keep as they are."""

    text: str
    caption: str = ""


@dataclass(frozen=True)
class Details:
    """Blocks that unfold on demand; no headings inside."""

    summary: str
    blocks: Sequence[Block]


Block = Heading | Prose | Findings | Facts | DataTable | Figure | Figures | Code | Details
