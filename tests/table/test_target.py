"""The target is one thing: its task, its labels, and the way from a cell to a code and back."""

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulle.errors import DataError, UnknownName, UsageError
from mulle.table import Column, Kind, Storage, Target, find_target, read, task_of


def target_of(values, repair=True, **options):
    table = read(pl.DataFrame({"x": range(len(values)), "y": values}), repair=repair)
    return find_target(table, "y", **options)


@pytest.mark.parametrize(
    ("values", "task", "labels"),
    [
        ([0, 1] * 20, "binary", (0, 1)),
        (["b", "a"] * 20, "binary", ("a", "b")),
        ([True, False] * 20, "binary", (False, True)),
        ([1, 2, 3] * 20, "multiclass", (1, 2, 3)),
        (["가", "나", "다"] * 20, "multiclass", ("가", "나", "다")),
        ([i * 0.5 for i in range(60)], "regression", ()),
        (list(range(60)), "regression", ()),
    ],
)
def test_the_task_is_found_from_the_target(values, task, labels):
    target, y, rows = target_of(values)
    assert (target.task, target.labels) == (task, labels)
    assert len(y) == len(rows) == len(values)
    if labels:
        assert target.decode(y).to_list() == values


def test_rows_without_a_target_are_left_out():
    _, y, rows = target_of(["a", None, "b", "a"] * 10)
    assert rows[:3].tolist() == [0, 2, 3]
    assert y[:3].tolist() == [0, 1, 0]  # b is rarer, so it is the positive one


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["yes", "no", "no"] * 10, "yes"),
        (["yes", "no", "yes"] * 10, "no"),
        ([True, True, False] * 10, False),
        ([1, 1, 0] * 10, 0),
        (["a", "b"] * 10, "b"),
    ],
)
def test_the_rarer_of_two_labels_is_positive(values, positive):
    target, y, _ = target_of(values)
    assert target.positive == positive
    assert target.labels[1] == positive
    assert y.mean() == values.count(positive) / len(values)


def test_the_positive_label_can_be_named():
    for name in ("no", "NO"):
        target, y, _ = target_of(["yes", "no"] * 20, positive=name)
        assert target.labels == ("yes", "no")
        assert y[:2].tolist() == [0, 1]


def test_integers_can_be_values_or_classes():
    assert target_of([1, 2, 3] * 20, task="regression")[0].task == "regression"
    assert len(target_of(list(range(30)) * 2, task="multiclass")[0].labels) == 30


@pytest.mark.parametrize(
    ("values", "options", "error", "code", "says"),
    [
        (["a"] * 20, {}, DataError, "target-constant", "'y' is always 'a': there is nothing to"),
        ([None] * 3, {}, DataError, "target-empty", "'y' holds no value at all"),
        ([f"c{i}" for i in range(1200)] * 2, {}, DataError, "target-classes", "1,200 classes"),
        (["a", "b"] * 9, {"task": "regression"}, UsageError, "target-not-numeric", "such as 'a'"),
        (["a", "b"] * 9, {"positive": "maybe"}, UnknownName, "label-unknown", "label named 'maybe"),
        (["a", "b"] * 9, {"task": "binari"}, UnknownName, "task-unknown", "task named 'binari'"),
        (list("abc") * 9, {"task": "binary"}, UsageError, "task-not-binary", "3 classes, not two"),
        (list("abc") * 9, {"positive": "a"}, UsageError, "positive-of-many", "has 3 classes"),
        ([0.5, 2.5, 3.25] * 9, {"positive": "1"}, UsageError, "positive-without-classes", "number"),
    ],
)
def test_what_cannot_be_learned_is_refused(values, options, error, code, says):
    with pytest.raises(error, match=says) as caught:
        target_of(values, **options)
    assert caught.value.code == code


@pytest.mark.parametrize("task", [None, "multiclass", "regression"])
def test_a_date_is_no_target_whatever_the_task(task):
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 2, 9), eager=True)
    for values in (days, days.cast(pl.String)):
        with pytest.raises(DataError, match="holds dates") as caught:
            target_of(values, task=task)
        assert caught.value.code == "target-date"
        assert "days since" in caught.value.fix
    column = Column("day", Kind.datetime, Storage.date)
    with pytest.raises(DataError):
        task_of(column, 40, task)


def test_cells_are_read_in_the_notation_of_the_training_table():
    as_written = ["1,000", "2,000", "1,000"] * 10
    repaired, _, _ = target_of(as_written)
    assert repaired.labels == (1000, 2000)
    assert repaired.encode(pl.Series(["2,000", "2000", "1000.0"])).y.tolist() == [1, 1, 0]
    kept, _, _ = target_of(as_written, repair=False)
    assert kept.labels == ("1,000", "2,000")
    assert kept.encode(pl.Series(["2,000", "1,000"])).y.tolist() == [1, 0]
    with pytest.raises(DataError, match="'2000' is no label of 'y'"):
        kept.encode(pl.Series(["2000"]))


def test_labels_in_another_case_are_recognised_and_told():
    target, _, _ = target_of(["yes", "no", "no"] * 10)
    found = target.encode(pl.Series(["Yes", "NO", "no", None]))
    assert found.y.tolist() == [1, 0, 0, -1]
    assert found.respelled == {"NO": "no", "Yes": "yes"}
    assert found.rows.tolist() == [0, 1, 2]


def test_a_case_that_tells_labels_apart_is_kept():
    target, _, _ = target_of(["a", "A", "b"] * 10)
    assert target.encode(pl.Series(["a", "A"])).y.tolist() == [
        target.labels.index("a"), target.labels.index("A"),
    ]  # fmt: skip
    only, _, _ = target_of(["a", "A", "b"] * 10)
    assert only.encode(pl.Series(["B"])).respelled == {"B": "b"}


def test_unknown_labels_are_refused_by_row_or_counted():
    target, _, _ = target_of(["yes", "no"] * 10)
    cells = pl.Series(["no", "maybe", "never", "maybe"])
    with pytest.raises(DataError) as caught:
        target.encode(cells, where="new.csv", first=100)
    assert caught.value.code == "label-unseen"
    assert caught.value.what == "Row 102: 'maybe' is no label of 'y' (3 such cells)."
    assert caught.value.where == "new.csv"
    assert "no, yes" in caught.value.fix
    found = target.encode(cells, unknown="missing")
    assert found.y.tolist() == [0, -1, -1, -1]
    assert found.unknown == {"maybe": 2, "never": 1}


def test_a_number_that_cannot_be_read_is_refused_or_counted():
    target, _, _ = target_of([i * 0.5 for i in range(60)])
    cells = pl.Series(["1.5", "soon", None])
    with pytest.raises(DataError, match="Row 2: 'y' must be a number, not 'soon'"):
        target.encode(cells)
    found = target.encode(cells, unknown="missing")
    assert found.y[0] == 1.5
    assert np.isnan(found.y[1:]).all()
    assert found.unknown == {"soon": 1}
    assert found.rows.tolist() == [0]


@pytest.mark.parametrize(
    ("values", "given", "code"),
    [
        ([True, False] * 9, True, 1),
        ([True, False] * 9, "true", 1),
        ([True, False] * 9, 0, 0),
        ([True, False] * 9, 0.0, 0),
        ([1, 2, 3] * 9, 3, 2),
        ([1, 2, 3] * 9, "3", 2),
        ([1, 2, 3] * 9, 3.0, 2),
        ([1, 2, 3] * 9, 4, None),
        (["a", "b"] * 9, "B", 1),
        (["a", "b"] * 9, ["b"], None),
        (["a", "b"] * 9, None, None),
        (["a", "b"] * 9, {"b": 1}, None),
        (["a", "b"] * 9, 10**400, None),
    ],
)
def test_one_label_as_it_was_sent(values, given, code):
    assert target_of(values)[0].code_of(given) == code


def test_the_column_is_found_by_a_name_of_another_form():
    target, _, _ = target_of(["a", "b"] * 9)
    frame = pl.DataFrame({" y ": ["b"]})
    assert target.column_in(frame).to_list() == ["b"]
    with pytest.raises(UnknownName):
        target.column_in(pl.DataFrame({"z": [1]}))


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=2, max_size=6, unique=True))
def test_every_label_comes_back_from_its_code(labels):
    column = Column("y", Kind.nominal, Storage.string)
    target = Target(column, "multiclass" if len(labels) > 2 else "binary", tuple(labels))
    codes = target.encode(pl.Series(labels)).y
    assert codes.tolist() == list(range(len(labels)))
    assert target.decode(codes).to_list() == labels
    again = msgspec.json.decode(msgspec.json.encode(target), type=Target)
    assert again.encode(pl.Series(labels)).y.tolist() == codes.tolist()
