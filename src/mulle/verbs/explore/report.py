"""Everything that exploring a table finds, as typed, versioned data; the page is a view of it.

    ReportData
    ├── header        what was looked at, how long it took, what was not computed and why
    ├── repairs       what was changed while reading
    ├── findings      what you should know: codes with values; the words stand in `page`
    ├── checks        what each finding's check came to, "not applicable" being a result
    ├── target        what each column tells about it, its classes, suspected leaks
    ├── summaries     one a column, by what it is
    ├── relations     one measure a pair of columns, missingness, duplicates
    ├── comparison    with another table: drift of each column
    ├── sample        some rows for showing
    ├── series        numbers over time, where there is a date
    ├── left_out      what is not used of the table
    └── doubts        what the cells leave open, with the option that decides

The summaries stand in `summaries`, the relations in `relation_data`; `methods.Report` adds pages
and files. Numbers that do not exist are None. `VERSION` grows when a field changes its meaning or
goes; new fields with a default leave it as it is.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mulle.errors import UnknownName
from mulle.profile.drift import ColumnDrift
from mulle.table import Doubt, LeftOut, Repair
from mulle.verbs.explore.relation_data import Relations, Series
from mulle.verbs.explore.summaries import AnySummary, Level, Number

VERSION = 1


class NotComputed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was left out, and why.

    Attributes:
        what: `pairs`, `text`, `column`, `relations`, `target`, `comparison`, `duplicate-rows`, ...
        reason: a code: `too-many-columns`, `kind`, `too-few-rows`, `streamed`, `failed`, ...
        values: the evidence, such as the columns left out and the limit.
    """

    what: str
    reason: str
    values: dict[str, Any] = {}


class Header(msgspec.Struct, frozen=True):
    """What was looked at.

    Attributes:
        version: of this format.
        mulle: the version of mulle that made it.
        source: file or `frame`.
        rows, columns: of the whole table.
        kinds: how many columns of each kind.
        missing_cells: in all.
        sampled: rows that pairwise work, text and plots looked at; counts are of all rows.
        seed: of the sample.
        streamed: whether the table was read in parts, so that quantiles are estimates.
        seconds: by stage, in the order of the work; `total` is the last.
        not_computed: what was left out, and why.
    """

    version: int
    mulle: str
    source: str
    rows: int
    columns: int
    kinds: dict[str, int]
    missing_cells: int
    sampled: int
    seed: int
    streamed: bool
    seconds: dict[str, float]
    not_computed: list[NotComputed]


class Finding(msgspec.Struct, frozen=True):
    """Something you should know, with its evidence; `explain(code)` tells what it is about.

    Attributes:
        code: `M012`: stable, and what `mulle explain` looks up.
        key: its name in kebab case, under which `page` has its words: `skewed`.
        topic: of the check: `columns`, `values`, `rows`, `target`, `relations`, `privacy`.
        severity: `error` (a result would be wrong), `warning` (look at it) or `note`.
        columns: what it is about; empty for the whole table.
        values: the blanks of its sentence.
        evidence: what shows it: examples, row numbers (from 1), counts.
    """

    code: str
    key: str
    topic: str
    severity: str
    columns: list[str] = []
    values: dict[str, Any] = {}
    evidence: dict[str, Any] = {}


class Check(msgspec.Struct, frozen=True):
    """Outcome of a check: `found`, `clean`, `not-applicable` or `failed` (with the error)."""

    code: str
    key: str
    outcome: str
    count: int = 0
    what: str = ""


class Slice(msgspec.Struct, frozen=True):
    """Rows in which a column has one value, or lies in one range, and their target.

    Attributes:
        label: the category, or `low` and `high` ends of the range; `missing` for no value and
            `others` for all further categories.
        sort: `value`, `range`, `missing` or `others`.
        mean: of the target, or of its rank in a class of two: share of the positive one.
        shares: of each class, in the order of `Target.classes`.
    """

    sort: str
    rows: int
    label: str = ""
    low: Number = None
    high: Number = None
    mean: Number = None
    shares: list[float] = []


class Tells(msgspec.Struct, frozen=True):
    """What one column alone tells about the target.

    Attributes:
        measure, value: by the pair's kinds, as in `Pair`.
        information: mutual information in bits, `share` of the target's entropy.
        slices: the target over the column's values.
    """

    column: str
    measure: str
    value: Number
    information: Number = None
    share: Number = None
    slices: list[Slice] = []


class Leak(msgspec.Struct, frozen=True):
    """A column that alone predicts the target too well: see `mulle.metrics.suspects`."""

    column: str
    score: float
    baseline: float
    threshold: float
    reason: str


class Target(msgspec.Struct, frozen=True):
    """What the table says about the column to be predicted.

    Attributes:
        task: `binary`, `multiclass` or `regression`.
        positive: the class whose share `mean` is in two classes.
        classes: from the most frequent down; empty for a number.
        balance: entropy of the classes as a share of the largest possible; None for a number.
        columns: from the one that tells most down.
        leaks: suspected.
    """

    name: str
    task: str
    missing: int
    positive: str = ""
    classes: list[Level] = []
    balance: Number = None
    columns: list[Tells] = []
    leaks: list[Leak] = []


class DriftTest(msgspec.Struct, frozen=True):
    """A test that two sets of rows are drawn alike; `adjusted` is p after Bonferroni."""

    test: str
    statistic: Number
    p: Number
    adjusted: Number


class Drift(ColumnDrift, frozen=True, kw_only=True):
    """The drift of one column between the two tables, with figures that decide nothing.

    Attributes:
        column: name of the column.
        tests: `ks` (numbers, dates), `chi_squared` (two-sample, categories), `missing` (rate).
        distances: `psi`, `jensen_shannon` (base 2, a distance), and for numbers `wasserstein`
            (in the column's unit) and `wasserstein_std` (in standard deviations).
        missing: share of the rows without a value, in the reference and in the other table.
        unseen: categories of the other table that the reference lacks, with their rows.
    """

    column: str
    tests: list[DriftTest] = msgspec.field(default_factory=list)
    distances: dict[str, Number] = msgspec.field(default_factory=dict)
    missing: list[float] = msgspec.field(default_factory=list)
    unseen: list[Level] = msgspec.field(default_factory=list)


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The table, as the reference, beside another one, whose rows are the current ones.

    Attributes:
        source: name of the other table.
        rows, columns: size of the other table.
        only_in_reference, only_in_current: columns that one of the tables lacks.
        kinds_changed: kinds in the reference and in the other table, by column.
        tests: number of tests of all columns.
        drifts: one a column that both have, drifted ones first.
        summaries: summaries of the other table, its numbers binned as in the reference.
        shared_rows: rows of the other table that the reference has too; None where not computed.
    """

    source: str
    rows: int
    columns: int
    only_in_reference: list[str]
    only_in_current: list[str]
    kinds_changed: dict[str, list[str]]
    tests: int
    drifts: list[Drift]
    summaries: list[AnySummary]
    shared_rows: int | None = None


class Sample(msgspec.Struct, frozen=True):
    """Rows for showing: the first ones, and some from all over; dates are ISO 8601."""

    columns: list[str] = []
    first: list[list[str | float | None]] = []
    some: list[list[str | float | None]] = []


class ReportData(msgspec.Struct, frozen=True):
    """Everything that was found out about a table."""

    header: Header
    repairs: list[Repair] = []
    findings: list[Finding] = []
    checks: list[Check] = []
    summaries: list[AnySummary] = []
    relations: Relations = Relations()
    target: Target | None = None
    comparison: Comparison | None = None
    sample: Sample = Sample()
    series: list[Series] = []
    left_out: list[LeftOut] = []
    doubts: list[Doubt] = []

    def __repr__(self) -> str:
        columns, findings = len(self.summaries), len(self.findings)
        return f"Report(rows={self.header.rows}, columns={columns}, findings={findings})"

    def column(self, name: str) -> AnySummary:
        """Return the summary of a column.

        Raises:
            UnknownName: there is no such column.
        """
        for summary in self.summaries:
            if summary.name == name:
                return summary
        raise UnknownName("column-unknown", "column", name, [c.name for c in self.summaries])
