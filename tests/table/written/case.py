"""A file that a person wrote, and what it means to that person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from tests.table.layouts.files import delimited


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        name: what is odd about it.
        data: the file.
        want: the table; None where nobody can know and the file must be refused.
        asks: columns whose cells allow two meanings: they stay text, and the person is asked.
        named: whether the file has names for its columns.
        delimiter, encoding: for readers that have to be told.
    """

    name: str
    data: bytes
    want: pl.DataFrame | None
    asks: frozenset[str] = field(default_factory=frozenset)
    suffix: str = ".csv"
    named: bool = True
    delimiter: str = ","
    encoding: str = "utf-8"


WORDS = (
    "ash",
    "birch",
    "cedar",
    "elm",
    "fir",
    "hazel",
    "larch",
    "maple",
    "oak",
    "pine",
    "rowan",
    "spruce",
    "willow",
    "yew",
    "alder",
    "beech",
)


def text(name: str, lines: str, want: dict[str, Sequence[Any]] | None, **known: Any) -> Case:
    """A case from its text."""
    frame = None if want is None else pl.DataFrame(want, strict=False)
    return Case(name, lines.encode(known.get("encoding", "utf-8")), frame, **known)


def column(
    name: str,
    values: Sequence[Any],
    written: Callable[[Any], str],
    *,
    asks: bool = False,
    want: Sequence[Any] | None = None,
    delimiter: str = ",",
) -> Case:
    """A case of one column in a notation, beside a column of words.

    Args:
        values: what the cells mean.
        written: the notation.
        asks: whether the cells allow two meanings.
        want: what the cells mean, where that is not what was given to the notation.
        delimiter: of the file.
    """
    cells = [written(value) for value in values]
    words = [WORDS[i % len(WORDS)] for i in range(len(cells))]
    rows = [["tree", "x"], *([w, c] for w, c in zip(words, cells, strict=True))]
    meant = cells if asks else values if want is None else want
    frame = pl.DataFrame({"tree": words, "x": list(meant)}, strict=False)
    asked = frozenset({"x"} if asks else ())
    return Case(name, delimited(rows, delimiter=delimiter), frame, asked, delimiter=delimiter)


def words(name: str, cells: Sequence[str]) -> Case:
    """A case of cells that look like something else and are words."""
    return column(name, cells, str)
