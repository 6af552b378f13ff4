"""Rows counted over a frame that is settled beforehand, so that two sets of rows can be compared.

A frame (the edges of bins, the known categories) is made once, from the profile of the training
rows. Any number of further rows is then counted in the memory of the frame: adding rows is a few
microseconds a row, adding up the counts of two sets is exact, whatever the order of the rows.

The edges are the union of the profile's equally wide bins, to be drawn, and of quantiles, so that
no tenth of the rows hides in one bin however skewed they are. The first and last edges are the
least value and just above the largest, so that the outer bins hold what was never seen before.

catalogue  stat-quartile stat-cdf
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.errors import DataError
from mulle.profile import scripts
from mulle.profile.columns import AnyProfile, DateProfile, NumberProfile, StringProfile
from mulle.profile.moments import Moments
from mulle.table import Kind

Count = Annotated[int, msgspec.Meta(ge=0)]
FEW = 40  # different values up to which each has a bin of its own
UNSEEN = 50  # values that are kept of those that are not known
_TAILS = [0.001, 0.005, 0.01, 0.025]
_SHARES = [*_TAILS, *(k / 20 for k in range(1, 20)), *(1 - t for t in reversed(_TAILS))]
_NO_DATE = np.iinfo(np.int64).min  # as in NumPy's NaT and in what enters a graph
_LENGTHS = [float(k) for k in (1, 2, 3, 5, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512,
                               768, 1024, 2048, 4096)]  # fmt: skip


class NumberCounts(msgspec.Struct, tag="numbers", dict=True):
    """counts[k] finite values lie in [edges[k-1], edges[k]); the first and last bins are open.

    Attributes:
        rows: all of them, those without a value included.
        missing, infinite: rows without a value, and with inf or -inf.
        moments: of the finite values.
        error: what a share may be off by; 0 where the values themselves were counted.

    >>> seen = NumberCounts(edges=[0.0, 1.0])
    >>> seen.add(np.array([-1.0, 0.5, np.nan, 7.0]))
    >>> seen.counts, seen.rows, seen.missing, seen.moments.max
    ([1, 1, 1], 4, 1, 7.0)
    """

    edges: list[float]
    counts: list[Count] = []
    rows: Count = 0
    missing: Count = 0
    infinite: Count = 0
    moments: Moments = Moments()
    error: float = 0.0

    def __post_init__(self) -> None:
        self.counts = self.counts or [0] * (len(self.edges) + 1)
        rising = all(a < b for a, b in itertools.pairwise(self.edges))
        if len(self.counts) != len(self.edges) + 1 or not rising:
            raise DataError("counts-invalid", counts=len(self.counts), edges=len(self.edges))

    @cached_property
    def _edges(self) -> Array:
        return np.array(self.edges, np.float64)

    @property
    def present(self) -> int:
        """Finite values."""
        return self.rows - self.missing - self.infinite

    def add(self, x: Array) -> None:
        """Count further rows (n,): float64 with NaN, or int64 with its least value, for missing."""
        if x.dtype.kind == "i":
            x = np.where(x == _NO_DATE, np.nan, x.astype(np.float64))
        finite = x[np.isfinite(x)]
        missing = int(np.isnan(x).sum()) if len(finite) < len(x) else 0
        self.rows += len(x)
        self.missing += missing
        self.infinite += len(x) - len(finite) - missing
        if len(finite):
            place = np.searchsorted(self._edges, finite, side="right")
            more = np.bincount(place, minlength=len(self.counts)).tolist()
            self.counts = [a + b for a, b in zip(self.counts, more, strict=True)]
            self.moments = self.moments.merge(Moments.of(finite))

    def merge(self, other: NumberCounts) -> None:
        """Add the rows of another one of the same edges.

        Raises:
            DataError: the edges differ.
        """
        if self.edges != other.edges:
            raise frames_differ()
        self.counts = [a + b for a, b in zip(self.counts, other.counts, strict=True)]
        self.rows += other.rows
        self.missing += other.missing
        self.infinite += other.infinite
        self.moments = self.moments.merge(other.moments)
        self.error = max(self.error, other.error)

    def empty(self) -> NumberCounts:
        """The frame without rows."""
        return NumberCounts(self.edges)


class CategoryCounts(msgspec.Struct, tag="categories"):
    """How often each known category occurs, and what is not known.

    Attributes:
        complete: whether all categories of the reference are known; else a value that is not known
            is only `other`.
        unseen: rows of values that no row of the reference has; `examples` holds some of them.
        single: values that occur once, where that is known: what they tell of values yet unseen.
    """

    counts: dict[str, Count] = {}
    rows: Count = 0
    missing: Count = 0
    other: Count = 0
    unseen: Count = 0
    examples: dict[str, Count] = {}
    single: Count = 0
    complete: bool = True

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    def add(self, counted: Mapping[str, int], missing: int, known: Collection[str]) -> None:
        """Count further rows, given how often each value occurs in them."""
        self.rows += sum(counted.values()) + missing
        self.missing += missing
        for value, times in counted.items():
            if value in known:
                self.counts[value] = self.counts.get(value, 0) + times
            elif self.complete:
                self.unseen += times
                self._keep(value, times)
            else:
                self.other += times

    def merge(self, other: CategoryCounts) -> None:
        """Add the rows of another one of the same known categories."""
        if self.complete != other.complete:
            raise frames_differ()
        for value, times in other.counts.items():
            self.counts[value] = self.counts.get(value, 0) + times
        for value, times in other.examples.items():
            self._keep(value, times)
        self.rows += other.rows
        self.missing += other.missing
        self.other += other.other
        self.unseen += other.unseen

    def empty(self) -> CategoryCounts:
        """The frame without rows."""
        return CategoryCounts(complete=self.complete)

    def _keep(self, value: str, times: int) -> None:
        if value in self.examples or len(self.examples) < UNSEEN:
            self.examples[value] = self.examples.get(value, 0) + times


class TextCounts(msgspec.Struct, tag="texts"):
    """Of texts: lengths in characters and words, and the script that most of each is in."""

    characters: NumberCounts
    words: NumberCounts
    scripts: dict[str, Count] = {}
    rows: Count = 0
    missing: Count = 0

    @property
    def present(self) -> int:
        """Rows with a text."""
        return self.rows - self.missing

    def add(self, texts: list[str], missing: int) -> None:
        """Count further texts, and rows without one."""
        self.rows += len(texts) + missing
        self.missing += missing
        if texts:
            self.characters.add(np.array([len(t) for t in texts], np.float64))
            self.words.add(np.array([len(t.split()) for t in texts], np.float64))
            # the beginning tells the script, and bounds what one text may cost
            found = scripts.languages(scripts.count_scripts([t[:_LOOKED_AT] for t in texts]))
            for name, share in found.items():
                self.scripts[name] = self.scripts.get(name, 0) + round(share * len(texts))

    def merge(self, other: TextCounts) -> None:
        """Add the rows of another one of the same edges."""
        self.characters.merge(other.characters)
        self.words.merge(other.words)
        self.rows += other.rows
        self.missing += other.missing
        for name, times in other.scripts.items():
            self.scripts[name] = self.scripts.get(name, 0) + times

    def empty(self) -> TextCounts:
        """The frame without rows."""
        return TextCounts(self.characters.empty(), self.words.empty())


AnyCounts = NumberCounts | CategoryCounts | TextCounts
_LOOKED_AT = 500  # characters


def frame_of(profile: AnyProfile) -> AnyCounts:
    """The frame to count rows of a column in, without rows."""
    if isinstance(profile, NumberProfile | DateProfile):
        return NumberCounts(_edges(profile))
    if profile.kind is Kind.text:
        return TextCounts(NumberCounts(_LENGTHS), NumberCounts(_LENGTHS))
    return CategoryCounts(complete=_complete(profile))


def counts_of(profile: AnyProfile) -> AnyCounts | None:
    """What a profile knows of the counts of its own rows; None for texts.

    Categories are exact; the bins of numbers are read off the sketch of quantiles.
    """
    if isinstance(profile, StringProfile):
        if profile.kind is Kind.text:
            return None
        values = dict(zip(map(str, profile.tally.values), profile.tally.counts, strict=True))
        present = profile.count - profile.missing
        return CategoryCounts(
            values, profile.count, profile.missing, present - sum(values.values()),
            single=sum(times == 1 for times in values.values()), complete=_complete(profile),
        )  # fmt: skip
    frame = NumberCounts(_edges(profile))
    finite = profile.moments.n
    with np.errstate(over="ignore"):
        just_below = np.nextafter(np.array(frame.edges, np.float64), -np.inf)
    below = profile.quantiles.cdf(just_below)
    at = np.rint(np.nan_to_num(below) * finite).astype(np.int64)
    infinite = profile.count - profile.missing - finite
    return NumberCounts(
        frame.edges, np.diff(at, prepend=0, append=finite).tolist(), profile.count,
        profile.missing, infinite, profile.moments, profile.quantiles.rank_error,
    )  # fmt: skip


def tallied(values: Iterable[Any], missing: str) -> tuple[dict[str, int], int]:
    """How often each string occurs, and how often the one that stands for missing does."""
    counted: dict[str, int] = Counter(values)
    gone = counted.pop(missing, 0)
    return counted, gone


def _complete(profile: StringProfile) -> bool:
    return profile.tally.exact and profile.tally.slack == 0


def _edges(profile: NumberProfile | DateProfile) -> list[float]:
    tally = profile.tally
    with np.errstate(over="ignore"):
        ends = [profile.moments.min, float(np.nextafter(profile.moments.max, np.inf))]
    if tally.slack == 0 and 0 < tally.distinct <= FEW:
        cuts = np.array([*(float(v) for v in tally.values), ends[1]])
    else:
        inner = profile.quantiles.quantile(_SHARES)
        cuts = np.concatenate([inner, profile.histogram.edges, ends])
    found: list[float] = np.unique(cuts[np.isfinite(cuts)]).tolist()
    return found


def frames_differ() -> DataError:
    """The error for counts that cannot be laid over each other."""
    return DataError("frames-differ")
