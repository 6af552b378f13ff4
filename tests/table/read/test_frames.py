"""Frames of other libraries keep what they know: indexes, orders, periods, names of levels."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mulle.table.read.frames import frame_of

FRAME = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})


def test_an_index_of_dates_is_a_column():
    dates = pd.date_range("2024-01-01", periods=3)
    frame, (made,) = frame_of(FRAME.set_axis(dates))
    assert frame.columns == ["index", "a", "b"]
    assert frame["index"].dt.day().to_list() == [1, 2, 3]
    assert (made.code, made.values["names"]) == ("index-kept", ["index"])
    assert frame_of(FRAME.set_axis(dates.rename("b")))[0].columns == ["b", "a", "b_2"]


def test_an_index_of_several_levels():
    frame, _ = frame_of(FRAME.assign(c=5).set_index(["b", "a"]))
    assert frame.columns == ["b", "a", "c"]
    assert frame.rows()[0] == ("x", 1, 5)


@pytest.mark.parametrize("index", [None, [5, 0, 2], range(3, 0, -1)])
def test_an_index_of_positions_says_nothing(index):
    frame, made = frame_of(FRAME if index is None else FRAME.set_axis(index))
    assert frame.columns == ["a", "b"]
    assert made == []


def test_numbers_with_a_name_are_data():
    assert frame_of(FRAME.set_axis(pd.Index([7, 8, 9], name="id")))[0].columns == ["id", "a", "b"]


def test_the_order_of_categories():
    ordered = pd.Categorical(["낮음", None, "높음"], ["낮음", "중간", "높음"], ordered=True)
    column = frame_of(pd.DataFrame({"등급": ordered}))[0]["등급"]
    assert column.dtype == pl.Enum(["낮음", "중간", "높음"])
    assert column.to_list() == ["낮음", None, "높음"]
    ages = frame_of(pd.DataFrame({"age": pd.cut([5, float("nan"), 95], [0, 18, 65, 99])}))[0]["age"]
    assert ages.dtype == pl.Enum(["(0, 18]", "(18, 65]", "(65, 99]"])
    assert ages.to_list() == ["(0, 18]", None, "(65, 99]"]
    numbers = pd.Categorical([3, 1, None], ordered=True)
    assert frame_of(pd.DataFrame({"n": numbers}))[0]["n"].to_list() == [3, 1, None]


def test_periods_are_dates_of_their_beginning():
    frame, _ = frame_of(pd.DataFrame({"p": pd.period_range("2024Q1", periods=3, freq="Q")}))
    assert frame["p"].dt.month().to_list() == [1, 4, 7]
    index = frame_of(FRAME.set_axis(pd.period_range("2024-01", periods=3, freq="M")))[0]
    assert index["index"].dt.month().to_list() == [1, 2, 3]


def test_names_of_several_levels_are_joined():
    columns = pd.MultiIndex.from_tuples([("2022", "남"), ("2022", "여"), ("구", "")])
    frame, _ = frame_of(pd.DataFrame([[1, 2, "x"]], columns=columns))
    assert frame.columns == ["2022 남", "2022 여", "구"]


@pytest.mark.parametrize(
    "source",
    [
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]),
    ],
)
def test_a_name_that_stands_twice_is_told(source):
    frame, (made,) = frame_of(source)
    assert frame.rows(named=True) == [{"a": 1, "a_2": 2}]
    assert made.code == "header-duplicate"
