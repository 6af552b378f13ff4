"""What each column is said to be, and why."""

import polars as pl
import pytest

from mulle.errors import DataError, UnknownName
from mulle.table import read

N = 40
REVIEWS = [f"이 영화는 {i}번째로 본 정말 재미있는 영화였다" for i in range(N)]
KINDS = {
    "rownames": (range(1, N + 1), "id", "number", "row-numbers"),
    "번호": (range(N), "id", "number", "row-numbers"),
    "PassengerId": (range(7, 7 * N + 7, 7), "id", "number", "all-unique"),
    "speed": (range(N), "continuous", "number", "many-integers"),
    "heat_index": (range(100, 100 + 3 * N, 3), "continuous", "number", "many-integers"),
    "sodium_no": (range(813, 813 - 7 * N, -7), "continuous", "number", "many-integers"),
    "FLUID": (range(100, 100 + 3 * N, 3), "continuous", "number", "many-integers"),
    "plasma_key": (range(5, 5 + N), "id", "number", "all-unique"),
    "invoice_no": (range(600_123, 600_123 + 11 * N, 11), "id", "number", "all-unique"),
    "balance_id": (range(-50, 3 * N - 50, 3), "continuous", "number", "many-integers"),
    "주문번호": (range(100, 100 + 3 * N, 3), "id", "number", "all-unique"),
    "uuid": ([f"k-{i:x}" for i in range(N)], "id", "string", "all-unique"),
    "zip": ([f"0{i % 9}123" for i in range(N)], "nominal", "string", "leading-zeros"),
    "account": ([10**17 + i for i in range(N)], "id", "string", "long-digits"),
    "length": ([i + 0.5 for i in range(N)], "continuous", "number", "decimals"),
    "alive": ([i % 2 for i in range(N)], "boolean", "number", "zero-one"),
    "adult": (["True", "False"] * (N // 2), "boolean", "number", "true-false"),
    "flag": ([True, False] * (N // 2), "boolean", "number", "dtype"),
    "answer": (["yes", "no"] * (N // 2), "nominal", "string", "strings"),
    "pclass": ([1, 2, 3, 3] * (N // 4), "discrete", "number", "few-integers"),
    "rooms": ([1.0, 2.0, None, 4.0] * (N // 4), "discrete", "number", "few-integers"),
    "day": ([f"2024-03-{i % 28 + 1:02}" for i in range(N)], "datetime", "date", "dates"),
    "yyyymmdd": ([20240301 + i % 28 for i in range(N)], "datetime", "date", "dates"),
    "review": (REVIEWS, "text", "string", "long"),
    "title": ([f"The long road number {i}" for i in range(N)], "text", "string", "long"),
    "zone": (["Upper West Side South", "Lenox Hill"] * (N // 2), "nominal", "string", "strings"),
    "same": (["x"] * N, "constant", "string", "one-value"),
    "one": ([3] * N, "constant", "number", "one-value"),
    "none": ([None] * N, "constant", "string", "all-missing"),
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds_have_their_reasons(name):
    values, *expected = KINDS[name]
    column = read({name: list(values)}).schema[name]
    assert [column.kind, column.storage, column.reason] == expected


def test_a_polars_enum_is_ordinal():
    sizes = pl.Series(["M", "S", "M"], dtype=pl.Enum(["S", "M", "L"]))
    column = read(pl.DataFrame({"size": sizes})).schema["size"]
    assert (column.kind, column.categories) == ("ordinal", ("S", "M", "L"))


@pytest.mark.parametrize(
    ("values", "kind", "stored"),
    [
        ([1, 2, 10], "nominal", ["1", "2", "10"]),
        ([1.0, 2.5, None], "nominal", ["1", "2.5", None]),
        (["1", "2.0", "1,000"], "nominal", ["1", "2", "1000"]),
        (["yes", "no", None], "boolean", [1.0, 0.0, None]),
        (["예", "아니오", "예"], "boolean", [1.0, 0.0, 1.0]),
        (["01", "02", "03"], "discrete", [1.0, 2.0, 3.0]),
        ([1, 0, 2], "id", [1.0, 0.0, 2.0]),
        ([1, 0, 1], "continuous", [1.0, 0.0, 1.0]),
        (["b", "a", "b"], "text", ["b", "a", "b"]),
    ],
)
def test_given_kinds_win(values, kind, stored):
    table = read({"x": values}, kinds={"x": kind})
    assert table.frame["x"].to_list() == stored
    assert (table.schema["x"].kind, table.schema["x"].reason) == (kind, "given")


def test_ordinal_categories_are_in_the_order_of_numbers():
    assert read({"x": [10, 9, 1]}, kinds={"x": "ordinal"}).schema["x"].categories == (
        "1",
        "9",
        "10",
    )


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["High", "low", "Medium"], ("low", "Medium", "High")),
        (["XL", "S", "M", "XS"], ("XS", "S", "M", "XL")),
        (["B+", "A", "A-", "C"], ("C", "B+", "A-", "A")),
        (["3학년", "10학년", "1학년"], ("1학년", "3학년", "10학년")),
        (["상", "하", "중"], ("하", "중", "상")),
        (["보통이다", "매우 그렇다", "그렇지 않다"], ("그렇지 않다", "보통이다", "매우 그렇다")),
        (["Tue", "Mon", "Sun"], ("Mon", "Tue", "Sun")),
    ],
)
def test_orders_that_people_know(cells, order):
    assert read({"x": cells}, kinds={"x": "ordinal"}).schema["x"].categories == order


def test_an_order_that_is_not_known_is_asked_for():
    with pytest.raises(DataError) as caught:
        read({"x": ["pear", "apple"]}, kinds={"x": "ordinal"})
    assert (caught.value.code, caught.value.values["categories"]) == (
        "order-unknown", ["apple", "pear"],
    )  # fmt: skip
    table = read({"x": ["pear", "apple"]}, order={"x": ["pear", "apple"]})
    assert table.schema["x"].categories == ("pear", "apple")
    with pytest.raises(DataError) as caught:
        read({"x": ["pear", "fig"]}, order={"x": ["pear", "apple"]})
    assert (caught.value.code, caught.value.values["categories"]) == ("order-incomplete", ["fig"])


def test_impossible_kinds_are_refused():
    with pytest.raises(UnknownName) as caught:
        read({"price": [1, 2]}, kinds={"prise": "nominal"})
    assert "'price'" in caught.value.fix
    with pytest.raises(UnknownName) as caught:
        read({"price": [1, 2]}, kinds={"price": "nominale"})
    assert "'nominal'" in caught.value.fix
    with pytest.raises(DataError) as refused:
        read({"price": ["a", "b"]}, kinds={"price": "continuous"})
    assert refused.value.code == "kind-impossible"


def test_a_column_that_a_person_keeps_is_a_feature():
    cells = {
        "user_id": range(1, N + 1),
        "code": [f"k-{i}" for i in range(N)],
        "same": ["x"] * N,
        "none": [None] * N,
        "zip": [f"0{i % 9}" for i in range(N)],
    }
    found = read({name: list(values) for name, values in cells.items()}, keep=[*cells])
    kinds = {c.name: (c.kind.value, c.reason) for c in found.schema.columns}
    assert kinds == {
        "user_id": ("continuous", "kept"),
        "code": ("nominal", "kept"),
        "same": ("nominal", "kept"),
        "none": ("constant", "all-missing"),
        "zip": ("nominal", "leading-zeros"),
    }
