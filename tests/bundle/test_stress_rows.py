"""Generated rows hold what they promise, whatever the real ones are."""

from __future__ import annotations

import numpy as np
import pytest

from mulle.bundle import stress_rows
from mulle.graph import MISSING_DATE, MISSING_STRING
from mulle.table import Column, Kind, Storage

COLUMNS = (
    Column("n", Kind.continuous, Storage.number),
    Column("s", Kind.nominal, Storage.string),
    Column("d", Kind.datetime, Storage.date),
)
REAL = {
    "n": np.array([[3.0], [4.0]]),
    "s": np.array([["a"], ["b"]], dtype=object),
    "d": np.array([[5], [6]]),
}


def made(real=REAL, points=None, seed=0, rows=1_000):
    rng = np.random.default_rng(seed)
    return stress_rows(COLUMNS, real, points or {}, rng, rows)


def test_shapes_and_types_are_those_of_the_graph():
    result = made()
    assert list(result) == ["n", "s", "d"]
    for name, values in result.items():
        assert values.shape == (1_000, 1)
        assert values.dtype == REAL[name].dtype


def test_missing_unseen_and_extreme():
    result = made()
    numbers, strings, dates = (result[name][:, 0] for name in "nsd")
    assert 50 < np.isnan(numbers).sum() < 200
    assert {1e300, -1e300, 1e39, 0.0, 2.0**53} <= set(numbers.tolist())
    assert {MISSING_STRING, "", "None", "nan", "😀"} <= set(strings)
    assert 100 < (strings == MISSING_STRING).sum() < 250
    assert {MISSING_DATE, 0, -1} <= set(dates.tolist())


def test_one_float_either_side_of_a_threshold():
    point = 0.1
    values = set(made(points={"n": np.array([point])}, rows=5_000)["n"][:, 0].tolist())
    single = np.float32(point)
    assert {np.nextafter(point, -np.inf), point, np.nextafter(point, np.inf)} <= values
    sides = [np.nextafter(single, np.float32(side)) for side in (-np.inf, np.inf)]
    assert {float(v) for v in (single, *sides)} <= values


def test_thresholds_are_not_drowned_by_real_values():
    real = {name: np.repeat(values, 250, axis=0) for name, values in REAL.items()}
    real |= {"n": np.random.default_rng(0).normal(100.0, 1.0, (500, 1))}
    numbers = made(real, {"n": np.array([7.0])})["n"][:, 0]
    assert 30 < (np.abs(numbers - 7.0) < 1e-3).sum() < 150


def test_most_cells_are_real():
    assert 600 < np.isin(made()["s"][:, 0], ["a", "b"]).sum() < 800


def test_columns_without_a_real_value():
    real = {
        "n": np.full((1, 1), np.nan),
        "s": np.array([[MISSING_STRING]], dtype=object),
        "d": np.full((1, 1), MISSING_DATE),
    }
    assert np.isnan(made(real)["n"]).sum() > 600


def test_the_seed_decides():
    first, again, other = made(seed=1), made(seed=1), made(seed=2)
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
    assert any((first[name] != other[name]).any() for name in "sd")


@pytest.mark.parametrize("rows", [0, 1])
def test_few(rows):
    assert all(len(values) == rows for values in made(rows=rows).values())
