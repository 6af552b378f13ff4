"""A target of classes answers in the words of its table; a measurement is read as numbers."""

import msgspec
import polars as pl
import pytest

from mulle.errors import DataError, UnknownName
from mulle.table import find_target, read_for, read_options
from mulle.table.types.options import ReadOptions

N = 20


@pytest.fixture
def learned(tmp_path):
    """Write a CSV of a target and a number, and find the target in it."""

    def learn(cells, header="y", task=None, **choices):
        path = tmp_path / "table.csv"
        lines = [f"{i},{cell}" for i, cell in enumerate(cells)]
        path.write_text("\n".join([f"x,{header}", *lines]) + "\n", encoding="utf-8")
        table = read_for(path, header, read_options(None, **choices), task)
        return table, *find_target(table, header, task=task)

    return learn


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["10%", "20%", "30%"], ("10%", "20%", "30%")),
        (["10%", "20%", "none"], ("10%", "20%", "none")),
        (["12.5%", "15%", "20%"], ("12.5%", "15%", "20%")),
        (["+", "-"], ("+", "-")),
        (["AP", "EU", "NA"], ("AP", "EU", "NA")),
        (["01", "02"], ("01", "02")),
        (["1천원", "2천원", "3천원"], ("1천원", "2천원", "3천원")),
        (["Y", "N"], ("N", "Y")),
        (["예", "아니오"], ("아니오", "예")),
        (["없음", "있음"], ("없음", "있음")),
        (["0", "1"], (0, 1)),
        (["1", "2", "3"], (1, 2, 3)),
        (["True", "False"], (False, True)),
        (["0.0", "1.0"], (0.0, 1.0)),
        (["0.5", "1.5"], (0.5, 1.5)),
        (["0", "1", "unknown"], ("0", "1", "unknown")),
    ],
)
def test_labels_keep_their_words_and_their_type(learned, cells, labels):
    _, target, y, rows = learned(cells * N)
    assert sorted(map(str, target.labels)) == sorted(map(str, labels))
    assert {type(label) for label in target.labels} == {type(label) for label in labels}
    assert len(rows) == len(cells) * N
    assert [str(label) for label in target.decode(y).to_list()] == cells * N
    again = msgspec.json.decode(msgspec.json.encode(target), type=type(target))
    assert again.encode(pl.Series(cells)).y.tolist() == [y[i] for i in range(len(cells))]


def test_a_mark_for_missing_among_percentages_is_missing_and_told(learned):
    table, target, _, rows = learned(["10%", "20%", "-"] * N)
    assert target.labels == ("10%", "20%")
    assert len(rows) == 2 * N
    [out] = table.reading.left_out
    assert (out.code, out.column, out.count, out.values) == (
        "missing-word", "y", N, {"words": ["-"]},
    )  # fmt: skip


def test_a_dot_among_numbers_is_no_class(learned):
    _, target, _, rows = learned(["0", "1", "."] * N)
    assert target.labels == (0, 1)
    assert len(rows) == 2 * N


def test_strings_of_a_typed_table_stay_strings():
    frame = pl.DataFrame({"x": range(40), "y": ["1", "2"] * 20, "z": [1, 2] * 20})
    texts, numbers = (
        find_target(read_for(frame, name, ReadOptions()), name)[0].labels for name in "yz"
    )
    assert (texts, numbers) == (("1", "2"), (1, 2))
    assert type(texts[0]) is str
    assert type(numbers[0]) is int


def test_ordered_categories_are_labels_in_their_order():
    sizes = pl.Series("y", ["M", "S", "L"] * N, dtype=pl.Enum(["S", "M", "L"]))
    table = read_for(pl.DataFrame([pl.Series("x", range(60)), sizes]), "y", ReadOptions())
    assert find_target(table, "y")[0].labels == ("S", "M", "L")


def test_a_measurement_is_read_by_its_notation_in_its_own_unit(learned):
    prices = [f"{1000 + 37 * i:,}" for i in range(50)]
    quoted = [f'"{price}"' for price in prices]
    table, target, y, _ = learned(quoted, header="price (만원)")
    assert target.task == "regression"
    assert y.tolist() == [1000.0 + 37 * i for i in range(50)]
    assert table.schema["price (만원)"].notation.scale == 1.0
    assert target.encode(pl.Series(["1,037"])).y.tolist() == [1037.0]


def test_words_among_prices_are_left_out_by_name(learned):
    cells = [f"{100 + i}.5" for i in range(97)] + ["문의"] * 3
    table, target, y, rows = learned(cells)
    assert (target.task, len(y), rows[-1]) == ("regression", 97, 96)
    [out] = table.reading.left_out
    assert (out.code, out.count, out.values) == ("cells-missing", 3, {"words": ["문의"]})


def test_counts_are_values_unless_a_person_says_so(learned):
    cells = [str(n) for n, times in enumerate((90, 70, 40, 20, 8, 3, 1)) for _ in range(times)]
    assert learned(cells)[1].task == "regression"
    assert len(learned(cells, task="multiclass")[1].labels) == 7
    grades = [str(n) for n in range(7) for _ in range(30)]
    assert learned(grades)[1].task == "multiclass"
    assert learned(["1", "2", "3"] * 30 + ["4"])[1].task == "multiclass"


def test_a_task_that_is_wanted_decides_what_cells_are(learned):
    cells = ["10%", "20%", "30%"] * N
    _, target, y, _ = learned(cells, task="regression")
    assert (target.task, y[:3].tolist()) == ("regression", [10.0, 20.0, 30.0])
    _, given, y, _ = learned(cells, kinds={"y": "continuous"})
    assert (given.task, y[:3].tolist()) == ("regression", [10.0, 20.0, 30.0])


@pytest.mark.parametrize("names", ["y,x,y", "a,a,y,x,y"])
def test_a_target_whose_name_stands_twice_is_refused(tmp_path, names):
    path = tmp_path / "twice.csv"
    row = ",".join("1" * len(names.split(",")))
    path.write_text(f"{names}\n" + f"{row}\n" * 30)
    with pytest.raises(DataError) as refused:
        read_for(path, "y", ReadOptions())
    assert refused.value.code == "target-twice"


def test_a_target_that_is_not_there_is_refused(learned):
    with pytest.raises(UnknownName):
        read_for(pl.DataFrame({"x": [1, 2]}), "y", ReadOptions())


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ([f"note number {i}" for i in range(40)], "target-unique"),
        ([f"note {i}" for i in range(30)] + ["note 1"] * 20, "target-unique"),
        (["Y", ""] * 20, "target-mark"),
        (["yes"] * 20, "target-constant"),
    ],
)
def test_what_is_no_target_is_refused_in_words(learned, cells, code):
    with pytest.raises(DataError) as refused:
        learned(cells)
    assert refused.value.code == code


def test_labels_written_with_and_without_point_zero_are_one():
    frame = pl.DataFrame({"x": range(40), "y": ["1", "2"] * 20})
    target, _, _ = find_target(read_for(frame, "y", ReadOptions()), "y")
    found = target.encode(pl.Series(["1.0", "2", None]))
    assert found.y.tolist() == [0, 1, -1]
    assert found.respelled == {"1.0": "1"}
    assert found.unlabelled == 1
    with pytest.raises(DataError):
        target.encode(pl.Series(["01"]))  # a zero in front may mean something
