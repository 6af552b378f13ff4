import numpy as np
import polars as pl
import pytest
from mulle.verbs.fit.task import find_task

from mulle.errors import DataError, UnknownName, UsageError
from mulle.table import read


def task_of(values, **options):
    return find_task(read(pl.DataFrame({"x": range(len(values)), "y": values})), "y", **options)


@pytest.mark.parametrize(
    ("values", "kind", "labels"),
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
def test_the_task_is_found_from_the_target(values, kind, labels):
    task, y, rows = task_of(values)
    assert (task.kind, task.labels) == (kind, labels)
    assert len(y) == len(rows) == len(values)
    if labels:
        assert [task.labels[code] for code in y] == values


def test_rows_without_a_target_are_left_out():
    _, y, rows = task_of(["a", None, "b", "a"] * 10)
    assert rows[:3].tolist() == [0, 2, 3]
    assert y[:3].tolist() == [0, 1, 0]


def test_the_positive_label_is_the_last():
    task, y, _ = task_of(["yes", "no"] * 20, positive="no")
    assert task.labels == ("yes", "no")
    assert y[:2].tolist() == [0, 1]


def test_integers_can_be_values_or_classes():
    assert task_of([1, 2, 3] * 20, kind="regression")[0].kind == "regression"
    assert len(task_of(list(range(30)) * 2, kind="multiclass")[0].labels) == 30


def test_what_cannot_be_learned_is_refused_in_full():
    with pytest.raises(DataError) as caught:
        task_of(["a"] * 20)
    assert (
        str(caught.value)
        == (
            "The target 'y' is always 'a': there is nothing to learn.\n"
            "  where: frame\n"
            "  fix: Name another column with --target."
        )
        or caught.value.what == "The target 'y' is always 'a': there is nothing to learn."
    )
    with pytest.raises(DataError, match="holds no value at all"):
        task_of([None, None, None])
    with pytest.raises(DataError, match="1,200 classes"):
        task_of([f"c{i}" for i in range(1200)] * 2)
    with pytest.raises(UsageError, match="which is not a value"):
        task_of(["a", "b"] * 20, kind="regression")
    with pytest.raises(UnknownName, match="no label named 'maybe'"):
        task_of(["yes", "no"] * 20, positive="maybe")
    with pytest.raises(UnknownName, match="Did you mean 'binary'"):
        task_of(["yes", "no"] * 20, kind="binari")


def test_codes_are_positions_of_labels():
    _, y, _ = task_of([2.5, 1.5] * 20)
    assert np.array_equal(np.unique(y), [0, 1])
