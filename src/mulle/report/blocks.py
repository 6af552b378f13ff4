"""The blocks of a page: plain data that rooms above fill in and `render` lays out.

Text is plain text, never HTML: all of it is escaped. A value is written in its `format`, one of
`i18n.format.FORMATS`; without a format it is written unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mulle.report.charts.canvas import Drawing

Severity = Literal["good", "note", "warning", "error"]


@dataclass(frozen=True)
class Rationale:
    """Answer to "why?" about a number: its formula, its source, the decision behind it."""

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
    """Running text; a blank line separates paragraphs."""

    text: str


@dataclass(frozen=True)
class Html:
    """Markup written by a room itself; never built from data or user input."""

    markup: str


@dataclass(frozen=True)
class Callout:
    """One statement the reader should see, with its evidence behind a fold."""

    text: str
    severity: Severity = "note"
    why: Rationale | str = ""


@dataclass(frozen=True)
class Callouts:
    """A list of callouts, the most important first."""

    items: Sequence[Callout]


@dataclass(frozen=True)
class Fact:
    """A named value; `note` is a short remark below it, such as an interval."""

    label: str
    value: Any
    format: str = ""
    note: str = ""
    why: Rationale | None = None


@dataclass(frozen=True)
class Facts:
    """A few named values side by side."""

    items: Sequence[Fact]


@dataclass(frozen=True)
class KeyValues:
    """Many named values in a list, the values aligned to the right."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Column:
    """A column of a table; a number format aligns it to the right."""

    title: str
    format: str = ""


@dataclass(frozen=True)
class Cell:
    """A table value with an answer to "why?"; other values need no `Cell`."""

    value: Any
    why: Rationale | None = None


@dataclass(frozen=True)
class DataTable:
    """Rows of values; the first column names the row, and `marked` rows (from 0) stand out."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    caption: str = ""
    marked: Collection[int] = ()


@dataclass(frozen=True)
class Figure:
    """A chart with a caption."""

    drawing: Drawing
    caption: str = ""
    why: Rationale | None = None


@dataclass(frozen=True)
class Figures:
    """Small charts side by side where there is room."""

    items: Sequence[Figure]


@dataclass(frozen=True)
class ColumnNote:
    """A sentence about some columns; their names precede it and link to their panels."""

    text: str
    columns: Sequence[str] = ()


@dataclass(frozen=True)
class FindingGroup:
    """All findings of one code, with an explanation behind a fold.

    Attributes:
        title: of the finding, in a few words.
        severity: of the worst of the findings.
        code: that `mulle explain` looks up.
        items: a sentence for each finding.
        about: (heading, paragraph) pairs: what it is, why it matters, ...
    """

    title: str
    severity: Severity
    code: str
    items: Sequence[ColumnNote]
    about: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class FindingGroups:
    """A list of findings, the most severe first."""

    items: Sequence[FindingGroup]


@dataclass(frozen=True)
class ColumnPanel:
    """One column of a table: a line with a small picture and a few figures, more behind a fold.

    Attributes:
        name: of the column.
        kind: code of the column's kind, to filter by; `kind_name` is its name.
        codes: codes of the findings about the column; `marks` are their severities and titles.
        picture: the smallest picture of the column.
        figures: a few facts, aligned from panel to panel.
        blocks: the blocks behind the fold.
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
    """Panels of columns, to search and to filter by kind and finding.

    Attributes:
        items: a panel for each column.
        kinds: code -> (name, number of columns).
        findings: code -> (title, number of columns).
    """

    items: Sequence[ColumnPanel]
    kinds: Mapping[str, tuple[str, int]]
    findings: Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class Heat:
    """A square matrix of values in [-1, 1]; a sign in each cell names its measure.

    Attributes:
        names: names of the n columns.
        values: n rows of n values, None where a value does not exist.
        signs: a letter for each cell; empty where all cells have the same measure.
        legend: sign -> name of the measure.
        caption: text below the matrix.
    """

    names: Sequence[str]
    values: Sequence[Sequence[float | None]]
    signs: Sequence[Sequence[str]] = ()
    legend: Mapping[str, str] = field(default_factory=dict)
    caption: str = ""


@dataclass(frozen=True)
class Code:
    """Code or commands, shown unchanged."""

    text: str
    caption: str = ""


@dataclass(frozen=True)
class Details:
    """Blocks behind a fold; they hold no sections."""

    summary: str
    blocks: Sequence[PageBlock]


PageBlock = (
    Heading | Prose | Callouts | Facts | DataTable | Figure | Figures | Code | Details
    | FindingGroups | ColumnPanels | Heat | KeyValues | Html
)  # fmt: skip
