"""A small mixed table, and a folder to work in."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest


def mixed_table(rows: int = 240, seed: int = 0) -> pl.DataFrame:
    """Numbers, categories, dates and missing values, with a target of each sort."""
    rng = np.random.default_rng(seed)
    size, age = rng.normal(60, 20, rows), rng.integers(0, 40, rows)
    district = np.array(["강남", "마포", "성동", "노원"])[rng.integers(0, 4, rows)]
    price = 3 * size - 2 * age + (district == "강남") * 80 + rng.normal(0, 10, rows)
    days = np.datetime64("2022-01-01") + rng.integers(0, 900, rows)
    return pl.DataFrame(
        {
            "size": [None if rng.random() < 0.1 else float(s) for s in size],
            "age": age,
            "district": [None if rng.random() < 0.05 else str(d) for d in district],
            "sold": days,
            "price": price,
            "dear": np.where(price > np.median(price), "yes", "no"),
            "band": np.digitize(price, np.quantile(price, [0.3, 0.6])),
        }
    )


@pytest.fixture
def table() -> pl.DataFrame:
    return mixed_table()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path
