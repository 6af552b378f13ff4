"""The facts of many columns are found together, and are those that each column has by itself."""

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.errors import MulleError
from mulle.table import read, read_for
from mulle.table.types.exact import Exact, look_closer
from mulle.table.types.options import ReadOptions
from mulle.table.types.text import CLEAN
from mulle.table.types.text_stats import text_stats

DIGITS = st.from_regex(r"\A[-+]?(0{0,2}[0-9]{0,3}\.[0-9]{1,4}|[0-9]{1,17})(e[-+]?[0-9])?\Z")
CELLS = st.lists(st.none() | DIGITS, min_size=1, max_size=12)


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_a_closer_look_is_left_out_only_where_it_would_find_nothing(columns):
    rows = max(map(len, columns))
    frame = pl.DataFrame({
        str(i): pl.Series((cells * rows)[:rows], dtype=pl.String) for i, cells in enumerate(columns)
    })  # fmt: skip
    for name, found in text_stats(frame, frame.columns, CLEAN).items():
        text = frame[name]
        assert found.plain == found.filled == (text.null_count() < rows)
        by_itself = look_closer(text.alias(name), text.cast(pl.Float64))
        assert found.exact == (by_itself if found.filled else Exact())
        filled = text.drop_nulls().to_list()
        assert found.dotted == (
            any("." in cell for cell in filled) or any(float(cell) % 1 for cell in filled)
        )


@pytest.mark.parametrize("rows", [5, 12_000])  # as many columns are looked at by their first cells
def test_columns_side_by_side_are_what_they_are_alone(rows):
    draw = random.Random(0)
    made = {
        "texts": lambda: draw.choice([" red", "green", "é", "n/a", ""]),
        "numbers": lambda: f"{draw.random():.3f}",
        "grouped": lambda: f"{draw.randrange(1, 99)}.{draw.randrange(100, 999)}",
        "codes": lambda: f"{draw.randrange(999):03d}",
        "truths": lambda: draw.choice(["true", "False"]),
        "gaps": lambda: draw.choice(["1", "2", " ", "NaN"]),
        "dates": lambda: f"2024-01-{draw.randrange(1, 29):02d}",
        "nothing": lambda: None,
    }
    cells = {name: [make() for _ in range(rows)] for name, make in made.items()}
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
    for name, found in text_stats(frame, frame.columns, CLEAN).items():
        alone = text_stats(frame.select(name), [name], CLEAN)[name]
        assert found.clean.equals(alone.clean) and found.numbers.equals(alone.numbers)
        for fact in ("touched", "filled", "plain", "finite", "exact", "dotted", "grouped", "truth",
                     "digits"):  # fmt: skip
            assert getattr(found, fact) == getattr(alone, fact), (name, fact)


@pytest.mark.parametrize("cell", ["{}.5", "{}", "red {}", "{}.50"])
def test_many_columns_are_asked_together(cell, monkeypatch):
    """What takes time with many columns of few cells is how often Polars is called."""
    calls = []
    collect = pl.LazyFrame.collect
    monkeypatch.setattr(
        pl.LazyFrame, "collect", lambda *a, **k: calls.append(1) or collect(*a, **k)
    )
    names = [f"x{i}" for i in range(1000)]
    frame = pl.DataFrame({name: [cell.format(i + 1) for i in range(5)] for name in names})
    text_stats(frame, names, CLEAN)
    assert len(calls) < len(names) / 2


SORTS = {
    "plain": ["1", "2", "3", "4"], "decimals": ["1.5", "2.5", "3.25", "4"],
    "units": ["1,200원", "2,400원", "3,600원", "4원"], "truths": ["true", "false"] * 2,
    "dates": ["2024-01-01", "2024-02-03", "", "2024-05-06"], "words": ["a", "b", "none", ""],
    "missing": ["1", "2", "n/a", "3"], "codes": ["007", "008", "010", "100"],
    "digits": ["20240301", "20240302"] * 2, "months": ["2024.1", "2024.10", "2024.3", "2024.11"],
    "limits": ["<0.5", "3", "4", "5"], "clocks": ["10:20", "11:30", "9:05", "8:00"],
    "exponents": ["1E5", "1E6", "2", "3"], "dashes": ["-", "+"] * 2, "typed": [1, 2, 3, 4],
    "classes": ["1등급", "2등급", "3등급", "없음"], "bool": [True, False] * 2,
}  # fmt: skip


@pytest.mark.parametrize("name", ["^a$", "*", "^.*$"])
@pytest.mark.parametrize("sort", SORTS)
def test_a_name_that_polars_would_expand_is_a_name(sort, name):
    """Such a column is read as one of any other name, also as a target and beside what it names."""
    for beside in ({}, {"a": SORTS[sort] * 6}):
        others = {"n": list(range(24)), **beside}
        frames = [pl.DataFrame({key: SORTS[sort] * 6, **others}) for key in (name, "plain")]
        for how in (
            read,
            lambda frame: read(frame, repair=False),
            lambda frame: read_for(frame, frame.columns[0], ReadOptions()),
            lambda frame: read_for(frame, frame.columns[0], ReadOptions(), "multiclass"),
        ):
            got, expected = (outcome(how, frame) for frame in frames)
            assert got == expected


def outcome(how, frame):
    try:
        table = how(frame)
    except MulleError as error:
        return error.code
    first = table.schema.columns[0]
    return table.frame.rows(), first.kind, first.reason, [made.code for made in table.repairs]
