"""What a column is, and how it is stored.

catalogue  var-structured var-numeric var-continuous var-discrete var-categorical var-nominal
           var-ordinal var-str-cat var-str-text
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl


class Storage(StrEnum):
    """The way a column is stored in a table and enters a graph."""

    number = "number"  # float64, NaN for missing
    date = "date"  # int64 microseconds, one reserved value for missing
    string = "string"  # text in NFC, one reserved token for missing

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of such a column."""
        return {"number": pl.Float64(), "date": pl.Datetime("us"), "string": pl.String()}[self]


class Kind(StrEnum):
    """The kind of a column: what its values are."""

    continuous = "continuous"
    discrete = "discrete"
    boolean = "boolean"
    nominal = "nominal"
    ordinal = "ordinal"
    datetime = "datetime"
    text = "text"
    image = "image"
    id = "id"
    constant = "constant"

    @property
    def storage(self) -> Storage:
        """How a column of this kind is stored, unless the column itself says otherwise."""
        if self in {Kind.continuous, Kind.discrete, Kind.boolean}:
            return Storage.number
        return Storage.date if self is Kind.datetime else Storage.string
