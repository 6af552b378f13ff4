"""How columns go together, as plain data: pairs, matrices, missingness, duplicates, components."""

from __future__ import annotations

import msgspec

from mulle.verbs.explore.summaries import Number


class Pair(msgspec.Struct, frozen=True):
    """How strongly two columns go together, by the measure that fits their kinds.

    Attributes:
        a, b: columns.
        measure: `spearman` (two numbers or dates), `cramers_v` (two categories) or
            `correlation_ratio` (one of each).
        value: in [-1, 1] for spearman, else in [0, 1].
        others: further measures of the same pair: `pearson`, `kendall`, `theils_u` (what b tells
            of a), `theils_u_back`, `mutual_information` (in bits) and `information_share` of the
            smaller entropy.
        rows: that have both.
    """

    a: str
    b: str
    measure: str
    value: Number
    others: dict[str, Number] = {}
    rows: int = 0


class Matrix(msgspec.Struct, frozen=True):
    """One measure for all pairs of `rows` and `columns`; None where it does not exist.

    `theils_u`[row][column] is what the column tells of the row. `mixed` holds for each pair the
    measure that fits its kinds, named in `names` at the same place.
    """

    measure: str
    rows: list[str]
    columns: list[str]
    values: list[list[Number]]
    names: list[list[str]] = []


class PairPlot(msgspec.Struct, frozen=True):
    """Two columns of the strongest pairs, drawn.

    Attributes:
        sort: `scatter`: points `x`, `y`; `boxes`: for each of `groups` the five figures of a box
            in `boxes`; `counts`: rows for each of `groups` (of a) and `others` (of b) in `counts`.
        dates: which of x and y are microseconds since 1970.
    """

    a: str
    b: str
    sort: str
    measure: str
    value: Number
    x: list[float] = []
    y: list[float] = []
    groups: list[str] = []
    others: list[str] = []
    boxes: list[list[float]] = []
    counts: list[list[int]] = []
    dates: list[str] = []


class Pattern(msgspec.Struct, frozen=True):
    """Columns that are missing in the same rows, all others being there."""

    columns: list[str]
    rows: int


class Missing(msgspec.Struct, frozen=True):
    """How values are missing together.

    Attributes:
        complete_rows: rows that lack nothing.
        patterns: the most frequent ones, the complete rows left out; `others` further ones.
        by_count: by_count[k] rows lack k values; the last place is for so many or more.
        together: correlation of being missing, of columns that lack some values but not all.
    """

    complete_rows: int = 0
    patterns: list[Pattern] = []
    others: int = 0
    by_count: list[int] = []
    together: Matrix | None = None


class Twins(msgspec.Struct, frozen=True):
    """Two columns that say the same.

    Attributes:
        how: `equal` (value by value, in all rows), `renamed` (each value of one stands for one of
            the other), `linear` (|Pearson| >= 0.999) or `monotone` (|Spearman| >= 0.9999), the
            latter three in the sampled rows.
        share: of the rows in which they are equal, or the size of that correlation.
    """

    a: str
    b: str
    how: str
    share: float


class DuplicateRows(msgspec.Struct, frozen=True):
    """Rows that are the copy of an earlier one.

    Attributes:
        rows: how many, the first of each group not counted.
        groups: how many different rows have a copy.
        without_ids: the same when identifiers are left out; None where there is none.
        ids: the columns left out for that.
        shown: positions (from 1) of some of them.
    """

    rows: int = 0
    groups: int = 0
    without_ids: int | None = None
    ids: list[str] = []
    shown: list[int] = []


class Component(msgspec.Struct, frozen=True):
    """A principal component of the numbers: its share of the variance, and the largest weights."""

    share: float
    weights: dict[str, float]


class Relations(msgspec.Struct, frozen=True):
    """How columns go together; none of it says that one causes the other.

    Attributes:
        columns: those that were looked at, in the order of `mixed`.
        mixed: one measure a pair, by its kinds.
        matrices: `pearson`, `spearman`, `kendall` (all numbers and dates), `cramers_v`,
            `theils_u` (all categories), `correlation_ratio` (rows: categories, columns: numbers),
            `mutual_information` (all, as the share of the smaller entropy).
        strongest: pairs from the strongest down.
        plots: of the strongest few.
        twins: columns that say the same.
        missing: how values are missing together.
        duplicates: None where not computed.
        components: of the numbers, standardised, from the largest down.
    """

    columns: list[str] = []
    mixed: Matrix | None = None
    matrices: list[Matrix] = []
    strongest: list[Pair] = []
    plots: list[PairPlot] = []
    twins: list[Twins] = []
    missing: Missing = Missing()
    duplicates: DuplicateRows | None = None
    components: list[Component] = []


class Series(msgspec.Struct, frozen=True):
    """A number over time: means of the sampled rows in stretches of equal length.

    Attributes:
        date, column: what is drawn over what.
        at: middles of the stretches, in microseconds since 1970, ascending; those without rows
            are left out.
        rows: in each.
        mean: of each.
        smooth: moving average of the means over `window` of them; None where it has not begun.
        faded: exponentially weighted average of the means, with weight `beta` on what was.
    """

    date: str
    column: str
    at: list[float]
    rows: list[int]
    mean: list[Number]
    smooth: list[Number]
    faded: list[Number]
    window: int
    beta: float
