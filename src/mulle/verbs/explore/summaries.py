"""Summaries of columns by what each column is, as plain data.

Numbers that do not exist (the skew of a constant) are None. Shares are of the rows that have a
value, but for `missing`, which is of all rows. Dates are ISO 8601 text where one is named, and
microseconds since 1970 where they are an axis.
"""

from __future__ import annotations

import msgspec

Number = float | None


class Level(msgspec.Struct, frozen=True):
    """A value and how often it occurs."""

    value: str | float
    count: int
    share: float


class Bins(msgspec.Struct, frozen=True):
    """Counts of numbers in adjoining bins: counts[k] lie in [edges[k], edges[k+1]).

    Attributes:
        edges: len(counts) + 1 of them, ascending; the last bin holds its right end as well.
        counts: how many lie in each bin.
        below: how many lie below the first edge: set apart, so that they cannot flatten the rest.
        above: how many lie above the last edge.
    """

    edges: list[float] = []
    counts: list[int] = []
    below: int = 0
    above: int = 0


class Quantile(msgspec.Struct, frozen=True):
    """A share q of all values does not exceed the value (linear between neighbours)."""

    q: float
    value: float


class Box(msgspec.Struct, frozen=True):
    """A box plot by Tukey: the whiskers reach to the last value inside the fences.

    Attributes:
        low_whisker, first, median, third, high_whisker: ascending.
        low_fence: first - 1.5 * (third - first).
        high_fence: third + 1.5 * (third - first).
        below, above: values beyond the fences: outliers by this rule.
        shown: some of them, the farthest first.
    """

    low_whisker: float
    first: float
    median: float
    third: float
    high_whisker: float
    low_fence: float
    high_fence: float
    below: int = 0
    above: int = 0
    shown: list[float] = []


class Spread(msgspec.Struct, frozen=True):
    """How a number lies; `std` divides by n, `kurtosis` is 0 for a normal distribution."""

    mean: Number = None
    std: Number = None
    skew: Number = None
    kurtosis: Number = None
    min: Number = None
    max: Number = None
    quantiles: list[Quantile] = []
    rank_error: float = 0.0  # of the quantiles, as a share of the rows; 0 where they are exact


class ColumnSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that all summaries have.

    Attributes:
        name: of the column.
        kind: what it is: one of `mulle.table.Kind`.
        storage: number, date or string.
        reason: why it has that kind, a code of `mulle.table`.
        count: rows.
        missing: rows without a value.
        distinct: different values.
        distinct_exact: False: at least so many.
        findings: codes of the findings that name this column.
    """

    name: str
    kind: str
    storage: str
    reason: str = ""
    count: int = 0
    missing: int = 0
    distinct: int = 0
    distinct_exact: bool = True
    findings: list[str] = []

    @property
    def present(self) -> int:
        """Rows that have a value."""
        return self.count - self.missing

    @property
    def missing_share(self) -> float:
        """Share of all rows that have none."""
        return self.missing / self.count if self.count else 0.0


class NumberSummary(ColumnSummary, frozen=True, kw_only=True, tag="number"):
    """A number, continuous or discrete, or an identifier or constant stored as one.

    Attributes:
        spread: of the finite values, as are histogram and box.
        box: None without a finite value.
        zeros, negative, infinite: rows.
        above_zero: the smallest value above 0.
        whole: whether all finite values are whole numbers.
        rising, falling: whether no value is below (above) the one in the row before.
        top: the most frequent values, where any comes twice.
    """

    spread: Spread = Spread()
    histogram: Bins = Bins()
    box: Box | None = None
    zeros: int = 0
    negative: int = 0
    infinite: int = 0
    above_zero: Number = None
    whole: bool = False
    rising: bool = False
    falling: bool = False
    top: list[Level] = []


class BooleanSummary(ColumnSummary, frozen=True, kw_only=True, tag="boolean"):
    """A yes or no, stored as 1 and 0."""

    true: int = 0
    false: int = 0


class Lengths(msgspec.Struct, frozen=True):
    """Of texts, in characters, words or tokens.

    Attributes:
        unit: `characters`, `words` or `tokens`.
        tokenizer: what makes the tokens: `words-and-marks` is the expression of
            `explore.columns.text.TOKENS`, else the name of the tokenizer that was given.
        covers: share of the texts -> the length that is enough for them (0.5, 0.95, 0.99, 1).
    """

    unit: str
    tokenizer: str = ""
    mean: Number = None
    min: Number = None
    max: Number = None
    covers: list[Quantile] = []
    histogram: Bins = Bins()


class CategorySummary(ColumnSummary, frozen=True, kw_only=True, tag="category"):
    """Categories, or an identifier or constant stored as text.

    Attributes:
        top: the most frequent ones.
        rare: the least frequent ones, the rarest first; empty where they are too many to know.
        others: how many categories are neither, and the rows they have.
        rare_levels, rare_rows: categories with less than 1 % of the rows each, and all their rows.
        singles: categories that occur once.
        entropy: in bits; `evenness` is its share of the largest possible, log2(distinct).
        lengths: in characters.
        blank: rows that hold nothing but white space.
        order: of an ordinal column.
    """

    top: list[Level] = []
    rare: list[Level] = []
    others: int = 0
    other_rows: int = 0
    rare_levels: int = 0
    rare_rows: int = 0
    singles: int = 0
    entropy: Number = None
    evenness: Number = None
    lengths: Lengths = Lengths("characters")
    blank: int = 0
    order: list[str] = []


class Gap(msgspec.Struct, frozen=True):
    """A stretch without rows, between two rows that follow each other in time."""

    after: str
    before: str
    seconds: float


class Season(msgspec.Struct, frozen=True):
    """How rows lie over one cycle.

    Attributes:
        cycle: `hour` (of the day), `weekday` (Monday is 1), `month` (January is 1) or `year`.
        labels: the parts in order.
        counts: rows of each part.
    """

    cycle: str
    labels: list[str]
    counts: list[int]


class DateSummary(ColumnSummary, frozen=True, kw_only=True, tag="date"):
    """Dates and times.

    Attributes:
        first, last: ISO 8601; empty without a value.
        span_seconds: from the first to the last.
        frequency: the step between neighbours in time, where most have the same: `second`,
            `minute`, `hour`, `day`, `week`, `month`, `quarter`, `year`, or ""; `minute` with
            `every` = 30 is half an hour.
        every: how many of that.
        regular: share of the steps that are that one.
        gaps: the longest stretches without rows that are far longer than usual.
        gap_count: how many there are.
        seasons: how rows lie over the day, the week and the year.
        histogram: over time, in microseconds since 1970.
        rising: whether no row is earlier than the one before it; `falling`: none is later.
        dates_only: whether no value has a time of day.
        future: rows later than the day of the exploration.
    """

    first: str = ""
    last: str = ""
    span_seconds: float = 0.0
    frequency: str = ""
    every: int = 1
    regular: float = 0.0
    gaps: list[Gap] = []
    gap_count: int = 0
    seasons: list[Season] = []
    histogram: Bins = Bins()
    top: list[Level] = []
    rising: bool = False
    falling: bool = False
    dates_only: bool = False
    future: int = 0


class Ngrams(msgspec.Struct, frozen=True):
    """The most frequent runs of n words; shares are of all runs."""

    n: int
    top: list[Level]


class TextSummary(ColumnSummary, frozen=True, kw_only=True, tag="text"):
    """Free text.

    Attributes:
        characters: lengths in characters, of all rows.
        words: in words parted by white space, of all rows.
        tokens: in tokens, of the sampled rows.
        scripts: share of the letters and digits by script: `hangul`, `latin`, `han`, `kana`,
            `cyrillic`, `arabic`, `digit`, `other`, of the sampled rows.
        languages: share of the texts by the script that has most of their letters: `hangul`,
            `latin`, ..., `none` where they have no letter, `mixed` where none has 80 %.
        ngrams: of one, two and three words, of the sampled rows.
        vocabulary: different words in the sample; `words_once`: those that occur once.
        duplicates: rows whose text stood in an earlier row.
        blank: rows that hold nothing but white space.
        top: the texts that come most often, where any comes twice.
        urls, emails, html, emoji: sampled rows that hold one.
        sampled: rows looked at for what is of the sample.
    """

    characters: Lengths = Lengths("characters")
    words: Lengths = Lengths("words")
    tokens: Lengths = Lengths("tokens")
    scripts: dict[str, float] = {}
    languages: dict[str, float] = {}
    ngrams: list[Ngrams] = []
    vocabulary: int = 0
    words_once: int = 0
    duplicates: int = 0
    blank: int = 0
    top: list[Level] = []
    urls: int = 0
    emails: int = 0
    html: int = 0
    emoji: int = 0
    sampled: int = 0


class ImageSummary(ColumnSummary, frozen=True, kw_only=True, tag="image"):
    """Images, named by path.

    Attributes:
        opened: files that were looked at; `unreadable` and `absent` could not be.
        width, height, aspect, brightness: of those; brightness from 0 (black) to 1 (white).
        modes: how often each: `RGB`, `L`, ...
        formats: how often each: `PNG`, `JPEG`, ...
        sizes: the most frequent, as `640x480`.
        bytes: of the files in all.
        duplicates: files whose pixels are those of an earlier one; `near_duplicates`: whose
            difference hash (64 bits) is.
        samples: paths to show.
    """

    opened: int = 0
    unreadable: int = 0
    absent: int = 0
    width: Spread = Spread()
    height: Spread = Spread()
    aspect: Spread = Spread()
    brightness: Spread = Spread()
    modes: list[Level] = []
    formats: list[Level] = []
    sizes: list[Level] = []
    bytes: int = 0
    duplicates: int = 0
    near_duplicates: int = 0
    samples: list[str] = []


class FailedSummary(ColumnSummary, frozen=True, kw_only=True, tag="failed"):
    """A column that could not be looked at, and why.

    Attributes:
        code: `extra-missing` or another code of `mulle.errors`, else `failed`.
        what: what went wrong, the text of the error.
        fix: what to do, where that is known.
    """

    code: str
    what: str
    fix: str = ""


AnySummary = (
    NumberSummary
    | BooleanSummary
    | CategorySummary
    | DateSummary
    | TextSummary
    | ImageSummary
    | FailedSummary
)
