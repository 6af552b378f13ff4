"""What is stored together is, to the last bit, what is stored column by column."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.table import Column, Kind, Storage
from mulle.table.types import NUMBERS, TEXT, store
from mulle.table.types.notation import Notation
from mulle.table.types.store_many import store_many

CELLS = {
    "plain": ["1", "-3", "0.512", "1e5", "12345678901234567890", "-0.0", None],
    "blanks": ["1", "", "2.5", None],
    "words": ["1", "nan", "NaN", "NA", "-999", "0"],
    "marks": ["1,234", " 5", "50%", "<0.5", "inf", "-inf", "1_000", "true", "9:30", "٣"],
    "text": ["서울", " a ", "e\u0301", "NA", "none", "", "b", None, "Ab"],
}
TYPES = [pl.Int64(), pl.Float64(), pl.Float32(), pl.UInt8(), pl.Boolean(), pl.Null(), pl.Date()]
KINDS = {Storage.number: Kind.continuous, Storage.string: Kind.nominal, Storage.date: Kind.datetime}
NUMBERS_OF = st.one_of(st.none(), st.integers(0, 200), st.just(float("nan")), st.just(-999))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[pl.Series], list[Column]]:
    """Columns of one height, of any type and notation."""
    height, values, columns = draw(st.integers(0, 5)), [], []
    for number in range(draw(st.integers(1, 8))):
        storage = draw(st.sampled_from([*Storage]))
        notation = Notation(
            repairs=draw(st.sampled_from([(), TEXT, (*TEXT, *NUMBERS), (*TEXT, "case")])),
            form=draw(st.sampled_from(["", "", "truth", "limit", "clock", "number"])),
            decimal=draw(st.sampled_from([".", ".", ","])),
            scale=draw(st.sampled_from([1.0, 1.0, 1000.0])),
            missing=draw(st.sampled_from([(), (), ("-999",)])),
            not_missing=draw(st.sampled_from([(), (), ("NA", "")])),
        )
        columns.append(Column(f"^{number}*$", KINDS[storage], storage, notation=notation))
        dtype = draw(st.sampled_from([pl.String(), pl.String(), pl.String(), *TYPES]))
        cells = st.sampled_from(CELLS[draw(st.sampled_from([*CELLS]))])
        drawn = draw(
            st.lists(cells if dtype == pl.String else NUMBERS_OF, min_size=height, max_size=height)
        )
        name = columns[-1].name
        if dtype == pl.String:
            values.append(pl.Series(name, drawn, dtype))
        else:
            values.append(pl.Series(name, drawn, pl.Float64).cast(dtype, strict=False))
    return values, columns


@settings(max_examples=200, deadline=None)
@given(tables())
def test_together_or_one_by_one(table):
    values, columns = table
    for at, found in store_many(values, columns).items():
        expected, unread, repairs = store(values[at], columns[at])
        assert not unread.any() and not repairs
        assert found.dtype == expected.dtype and found.name == expected.name
        assert [repr(v) for v in found.to_list()] == [repr(v) for v in expected.to_list()]


@pytest.mark.parametrize("dtype", [pl.Float64(), pl.String()])
def test_ordinary_columns_are_stored_together(dtype):
    column = Column("x", Kind.continuous, Storage.number, notation=Notation((*TEXT, *NUMBERS)))
    text = Column("s", Kind.nominal, Storage.string, notation=Notation(TEXT))
    numbers = [pl.Series([1.5, None, -3.0]).cast(dtype) for _ in range(450)]
    found = store_many([*numbers, pl.Series([" a", "NA", "서울"])], [*[column] * 450, text])
    assert [*found] == [*range(451)]
    assert found[449].to_list() == [1.5, None, -3.0]
    assert found[450].to_list() == ["a", None, "서울"]


@pytest.mark.parametrize("odd", [[], [" a"], ["NA"], [""], [None], ["e\u0301"]], ids=str)
def test_many_cells_of_few_texts_are_judged_by_those(odd):
    column = Column("s", Kind.nominal, Storage.string, notation=Notation(TEXT))
    cells = pl.Series("s", ["a", "서울", "b c"] * 700 + odd)
    found = store_many([cells], [column])[0]
    expected, _, _ = store(cells, column)
    assert found.equals(expected, null_equal=True)
