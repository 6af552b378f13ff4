"""Profiles of columns: of numbers, of strings and of dates.

All of them can be merged with the profile of further rows of the same column.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec
import numpy as np
import polars as pl

from mulle.arrays import Array
from mulle.profile.histogram import Histogram
from mulle.profile.moments import Moments
from mulle.profile.sketch import Quantiles
from mulle.profile.tally import CAP, Tally
from mulle.table import Column, Kind, Storage

NUMBERS_CAP = 200  # a number with more values than this is described by its distribution


class ColumnProfile(msgspec.Struct, frozen=True):
    """The base class of profiles of a column.

    Attributes:
        name: of the column.
        kind: what it is.
        count: rows, missing ones included.
        missing: rows without a value.
        tally: how often each value occurs.
    """

    name: str
    kind: Kind
    count: int
    missing: int
    tally: Tally

    @property
    def missing_share(self) -> float:
        """Share of the rows without a value."""
        return self.missing / self.count if self.count else 0.0

    @property
    def distinct(self) -> int:
        """Number of different values; a lower bound where `tally.exact` is False."""
        return self.tally.distinct

    def merge(self, other: Self) -> Self:
        """Return the profile of the rows of both."""
        return msgspec.structs.replace(
            self,
            count=self.count + other.count,
            missing=self.missing + other.missing,
            **self._merged(other),
        )

    def _merged(self, other: Self) -> dict[str, Any]:
        raise NotImplementedError


class _DistributionProfile(ColumnProfile, frozen=True):
    """The base class of profiles of numbers and dates: moments, histogram and quantiles."""

    moments: Moments
    histogram: Histogram
    quantiles: Quantiles

    @property
    def skew(self) -> float:
        """Skewness of the finite values; nan if they do not vary."""
        return self.moments.skew

    def _merged(self, other: Self) -> dict[str, Any]:
        return {
            "tally": self.tally.merge(other.tally, cap=NUMBERS_CAP),
            "moments": self.moments.merge(other.moments),
            "histogram": self.histogram.merge(other.histogram, other.quantiles),
            "quantiles": self.quantiles.merge(other.quantiles),
        }


class NumberProfile(_DistributionProfile, frozen=True, tag="number"):
    """The profile of a column of numbers; NaN counts as missing.

    Attributes:
        moments: of the finite values.
        histogram: of the finite values.
        quantiles: of the finite values.
        zeros: rows that are 0.
        infinite: rows that are inf or -inf.
    """

    zeros: int
    infinite: int

    @property
    def kurtosis(self) -> float:
        """Excess kurtosis of the finite values; nan if they do not vary."""
        return self.moments.kurtosis

    def _merged(self, other: Self) -> dict[str, Any]:
        more = {"zeros": self.zeros + other.zeros, "infinite": self.infinite + other.infinite}
        return super()._merged(other) | more


class DateProfile(_DistributionProfile, frozen=True, tag="date"):
    """The profile of a column of dates, in microseconds since 1970 (exact within 285 years)."""

    @property
    def first(self) -> np.datetime64:
        """The earliest date; NaT if there is none."""
        return self._date(self.moments.min)

    @property
    def last(self) -> np.datetime64:
        """The latest date; NaT if there is none."""
        return self._date(self.moments.max)

    def _date(self, microseconds: float) -> np.datetime64:
        return np.datetime64(int(microseconds) if self.moments.n else "NaT", "us")


class StringProfile(ColumnProfile, frozen=True, tag="string"):
    """The profile of a column of strings; the empty string is a value, not missing.

    Attributes:
        characters: of the lengths in characters.
        words: of the numbers of words, parted by white space.
        empty: rows that hold nothing but white space.
    """

    characters: Moments
    words: Moments
    empty: int

    def _merged(self, other: Self) -> dict[str, Any]:
        return {
            "tally": self.tally.merge(other.tally, cap=CAP),
            "characters": self.characters.merge(other.characters),
            "words": self.words.merge(other.words),
            "empty": self.empty + other.empty,
        }


AnyProfile = NumberProfile | StringProfile | DateProfile


def profile_column(
    column: Column, values: pl.Series, edges: list[float] | None = None
) -> AnyProfile:
    """Return the profile of a column of a table.

    Args:
        column: its entry in the schema.
        values: in the storage of the column.
        edges: of the histogram, where it is to be laid over another.

    >>> column = Column("x", Kind.continuous, Storage.number)
    >>> found = profile_column(column, pl.Series([1.0, None, 3.0, 3.0]))
    >>> found.missing, found.distinct, found.moments.max
    (1, 2, 3.0)
    """
    if column.storage is Storage.string:
        return _strings(column, values)
    if column.storage is Storage.date:
        x = np.sort(values.drop_nulls().cast(pl.Datetime("us")).to_physical().to_numpy())
        missing = len(values) - len(x)
        shared = _spread(x.astype(np.float64), x.astype(np.float64), edges)
        return DateProfile(column.name, column.kind, len(values), missing, *shared)
    x = np.sort(values.drop_nulls().to_numpy())  # puts NaN last
    x = x[: np.searchsorted(x, np.nan)]
    finite = x[np.searchsorted(x, -np.inf, "right") : np.searchsorted(x, np.inf)]
    zeros = np.searchsorted(x, 0.0, "right") - np.searchsorted(x, 0.0)
    return NumberProfile(
        column.name,
        column.kind,
        len(values),
        len(values) - len(x),
        *_spread(x, finite, edges),
        zeros=int(zeros),
        infinite=len(x) - len(finite),
    )


def _spread(
    x: Array, finite: Array, edges: list[float] | None
) -> tuple[Tally, Moments, Histogram, Quantiles]:
    """Return tally, moments, histogram and quantiles of values in ascending order."""
    starts = np.flatnonzero(np.concatenate(([len(x) > 0], x[1:] != x[:-1])))
    tally = Tally.of(x[starts], np.diff(starts, append=len(x)), cap=NUMBERS_CAP)
    histogram = Histogram.of(finite, edges)
    return tally, Moments.of(finite), histogram, Quantiles.of(finite)


def _strings(column: Column, values: pl.Series) -> StringProfile:
    """Return the profile of strings, from the different values and their counts."""
    present = values.drop_nulls().rename("value")
    if column.kind is Kind.image:  # counted alone: a model's file must hold no training image
        present = pl.Series("value", ["image"]).new_from_index(0, len(present))
    # sorted, so that equal counts keep one order everywhere
    counted = present.value_counts(name="count").sort("value")
    each = counted.select(
        "count",
        characters=pl.col("value").str.len_chars().cast(pl.Float64),
        words=pl.col("value").str.strip_chars().str.count_matches(r"\s+").cast(pl.Float64) + 1,
        blank=pl.col("value").str.strip_chars() == "",
    ).with_columns(words=pl.when("blank").then(0.0).otherwise("words"))
    times = each["count"].to_numpy().astype(np.int64)
    return StringProfile(
        column.name,
        column.kind,
        len(values),
        len(values) - len(present),
        Tally.of(counted["value"].to_numpy(), times),
        Moments.of(each["characters"].to_numpy(), times),
        Moments.of(each["words"].to_numpy(), times),
        int(times[each["blank"].to_numpy()].sum()),
    )
