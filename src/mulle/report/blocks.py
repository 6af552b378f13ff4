"""The blocks a page is built of: plain data that rooms above fill in and `render` lays out.

Text is plain text, never HTML: all of it is escaped. A value is said by its `format`, one of
`numbers.FORMATS`; without one it stands as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mulle.report.charts.canvas import Drawing

Severity = Literal["good", "note", "warning", "error"]


@dataclass(frozen=True)
class Rationale:
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
class Html:
    """Markup that a room makes itself, of nothing that came from elsewhere."""

    markup: str


@dataclass(frozen=True)
class Callout:
    """One thing the reader should know, with its evidence folded away."""

    text: str
    severity: Severity = "note"
    why: Rationale | str = ""


@dataclass(frozen=True)
class Callouts:
    """Findings, most important first."""

    items: Sequence[Callout]


@dataclass(frozen=True)
class Fact:
    """A named value; `note` is a few quiet words below it, such as an interval."""

    label: str
    value: Any
    format: str = ""
    note: str = ""
    why: Rationale | None = None


@dataclass(frozen=True)
class Facts:
    """A handful of named values side by side."""

    items: Sequence[Fact]


@dataclass(frozen=True)
class KeyValues:
    """Many named values below each other, the values flush right."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Column:
    """A column of a table; a format of numbers sets it flush right."""

    title: str
    format: str = ""


@dataclass(frozen=True)
class Cell:
    """A value in a table that can be asked why; a plain value needs no `Cell`."""

    value: Any
    why: Rationale | None = None


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

    drawing: Drawing
    caption: str = ""
    why: Rationale | None = None


@dataclass(frozen=True)
class Figures:
    """Small charts side by side where there is room."""

    items: Sequence[Figure]


@dataclass(frozen=True)
class ColumnNote:
    """A sentence about some columns; their names stand before it and lead to their cards."""

    text: str
    columns: Sequence[str] = ()


@dataclass(frozen=True)
class FindingGroup:
    """All that was found under one code, and what such a finding is about.

    Attributes:
        title: what it is, in a few words.
        severity: how much it matters.
        code: to look it up with.
        items: a sentence for each thing found.
        about: headed paragraphs behind a fold: what it does, why it matters, ...
    """

    title: str
    severity: Severity
    code: str
    items: Sequence[ColumnNote]
    about: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class FindingGroups:
    """What was found, the most important first."""

    items: Sequence[FindingGroup]


@dataclass(frozen=True)
class ColumnPanel:
    """One column among many: a line with a small picture and a few figures, more behind a fold.

    Attributes:
        name: of the column.
        kind: what it is: a code to filter by; `kind_name` is how it is called.
        codes: of the findings about it; `marks` are their severities and titles.
        picture: its smallest picture.
        figures: a few facts; the same ones stand below each other from card to card.
        blocks: what unfolds.
    """

    name: str
    kind: str
    kind_name: str
    codes: Sequence[str] = ()
    marks: Sequence[tuple[Severity, str]] = ()
    picture: Drawing | None = None
    figures: Sequence[Fact] = ()
    blocks: Sequence[PageBlock] = ()


@dataclass(frozen=True)
class ColumnPanels:
    """Columns to search and to filter by kind and finding.

    Attributes:
        kinds: code -> (name, how many).
        findings: code -> (title, how many columns).
    """

    items: Sequence[ColumnPanel]
    kinds: Mapping[str, tuple[str, int]]
    findings: Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class Heat:
    """A square matrix of values in [-1, 1]; each cell names its measure by a sign.

    Attributes:
        names: of the columns.
        values: None where there is none.
        signs: one letter a cell; empty where all cells have one measure.
        legend: sign -> the measure's name.
        caption: what it shows.
    """

    names: Sequence[str]
    values: Sequence[Sequence[float | None]]
    signs: Sequence[Sequence[str]] = ()
    legend: Mapping[str, str] = field(default_factory=dict)
    caption: str = ""


@dataclass(frozen=True)
class Code:
    """Lines to type or to keep as they are."""

    text: str
    caption: str = ""


@dataclass(frozen=True)
class Details:
    """Blocks that unfold on demand; no sections inside."""

    summary: str
    blocks: Sequence[PageBlock]


PageBlock = (
    Heading | Prose | Callouts | Facts | DataTable | Figure | Figures | Code | Details
    | FindingGroups | ColumnPanels | Heat | KeyValues | Html
)  # fmt: skip
