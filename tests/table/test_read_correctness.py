"""The judge of readings is strict: it sees each way in which a table can come out wrong."""

from datetime import date, datetime, time
from random import Random

import polars as pl
import pytest
from tests.table.layouts import LAYOUTS, Layout, Published, compared, composed, of_published
from tests.table.layouts.compare import cell, plain_name
from tests.table.written import WRITTEN

from mulle.table.reading import Reading
from mulle.table.types.column import Doubt, LeftOut

WANT = pl.DataFrame({"city": ["a", "b", "c", "d"], "n": [1, 2, 3, 4]})
GOT = {"city": ["a", "b", "c", "d"], "n": [1.0, 2.0, 3.0, 4.0]}


@pytest.mark.parametrize(
    ("got", "want", "state"),
    [
        (1234.0, 1234, "right"),
        (1.234, 1234, "wrong"),
        ("1234", 1234, "right"),
        ("1,234", 1234, "text"),
        (None, 1234, "wrong"),
        (float("nan"), None, "right"),
        (0.0, None, "wrong"),
        ("-", None, "text"),
        (2023.0, "2023", "right"),
        (7.0, "007", "wrong"),
        (1.1, "1.10", "wrong"),
        (9007199254740992.0, "9007199254740993", "wrong"),
        ("９", "9", "wrong"),
        (" a  b ", "a b", "right"),
        (datetime(2023, 1, 1), 2023, "right"),
        (datetime(2023, 1, 2), 2023, "wrong"),
        (datetime(2024, 3, 1), date(2024, 3, 1), "right"),
        (datetime(2024, 1, 3), date(2024, 3, 1), "wrong"),
        (datetime(2024, 3, 1, 9), date(2024, 3, 1), "wrong"),
        ("2024-03-01", date(2024, 3, 1), "right"),
        ("1.3.2024", date(2024, 3, 1), "text"),
        (202403.0, date(2024, 3, 1), "text"),
        (2024.03, date(2024, 3, 1), "wrong"),
        (9.5, time(9, 30), "right"),
        (21.5, time(9, 30), "wrong"),
        ("오전 9:30", time(9, 30), "text"),
        (1.0, True, "right"),
        (0.0, True, "wrong"),
    ],
)
def test_a_cell(got: object, want: object, state: str) -> None:
    assert cell(got, want) == state


def test_names_may_vary_in_blanks_and_marks_alone() -> None:
    assert plain_name("2022 _ 남자(명)") == plain_name("2022 / 남자 (명)") == "2022남자명"
    assert len({plain_name(n) for n in ("2022 남자", "남자 2022", "2022 남자 남자", "남자")}) == 4


def test_a_right_table_is_right() -> None:
    assert compared(GOT, WANT) == {"right": 8}


def test_a_row_too_many_is_wrong_and_a_row_lost_too() -> None:
    more = {"city": [*GOT["city"], "합계"], "n": [*GOT["n"], 10.0]}
    assert compared(more, WANT) == {"right": 8, "wrong": 2}
    first = {"city": ["합계", *GOT["city"]], "n": [10.0, *GOT["n"]]}
    assert compared(first, WANT) == {"right": 8, "wrong": 2}
    fewer = {name: values[:1] + values[2:] for name, values in GOT.items()}
    assert compared(fewer, WANT) == {"right": 6, "wrong": 2}


def test_what_the_reading_names_is_told() -> None:
    out = Reading(left_out=(LeftOut("blank-rows", count=1),))
    fewer = {name: values[:3] for name, values in GOT.items()}
    assert compared(fewer, WANT, out) == {"right": 6, "told": 2}
    doubt = Reading(doubts=(Doubt("decimal-mark", "n", 4),))
    texts = {"city": GOT["city"], "n": ["1,0", "2,0", "3,0", "4,0"]}
    assert compared(texts, WANT, doubt) == {"right": 4, "told": 4, "unread": 4}
    assert compared(texts, WANT) == {"right": 4, "text": 4, "unread": 4}
    of_another = Reading(doubts=(Doubt("decimal-mark", "city", 4),))
    assert compared(texts, WANT, of_another)["text"] == 4


def test_cells_left_out_are_told_and_no_others() -> None:
    out = Reading(left_out=(LeftOut("cells-missing", "n", 1),))
    lost = {"city": GOT["city"], "n": [1.0, None, 3.0, 5.0]}
    assert compared(lost, WANT, out) == {"right": 6, "told": 1, "wrong": 1}


def test_a_lost_column_and_a_stray_one_are_wrong() -> None:
    assert compared({"city": GOT["city"]}, WANT) == {"right": 4, "wrong": 4}
    assert compared({**GOT, "note": [None, "", "x", None]}, WANT) == {"right": 8, "wrong": 1}
    assert compared({"x": GOT["city"], "y": GOT["n"]}, WANT, named=False) == {"right": 8}


def test_a_unit_of_the_title_is_applied_or_named() -> None:
    published = Published(b"", ".csv", WANT, unit=1000)
    thousand = {"city": GOT["city"], "n": [1000.0 * n for n in GOT["n"]]}
    assert of_published(thousand, None, published) == {"right": 8}
    assert of_published(GOT, None, published) == {"right": 4, "wrong": 4}
    named = Reading(left_out=(LeftOut("title-rows", values={"example": "(단위: 천원)"}),))
    assert of_published(GOT, named, published) == {"right": 4, "told": 4}


@pytest.mark.parametrize("layout", [*LAYOUTS.values(), composed], ids=lambda one: one.__name__)
def test_a_layout_is_drawn_by_its_seed(layout: Layout) -> None:
    one, again, other = (layout(Random(seed)) for seed in (1, 1, 2))
    assert one.data == again.data
    assert one.clean.equals(again.clean)
    assert one.data != other.data
    assert one.clean.height >= 5
    assert len({plain_name(column) for column in one.clean.columns}) == one.clean.width


def test_there_are_enough_layouts_and_dialects() -> None:
    assert len(LAYOUTS) >= 30
    assert len({case.name for case in WRITTEN}) == len(WRITTEN) >= 240
