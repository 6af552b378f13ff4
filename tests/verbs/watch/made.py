"""A table, a model of it, and rows that have moved."""

from __future__ import annotations

import numpy as np
import polars as pl

TEXTS = ["정말 좋은 물레입니다", "a good wheel, and a fast one", "그저 그렇다"]


def table(rows: int = 3000, seed: int = 0, shift: float = 0.0) -> pl.DataFrame:
    """Every sort of column, with a label that follows from some of them."""
    rng = np.random.default_rng(seed)
    size = rng.normal(size=rows)
    city = np.array(["서울", "부산", "대구", "광주"])[rng.integers(0, 4, rows)]
    sold = size + 0.6 * rng.normal(size=rows) + (city == "서울") > 0.2
    note = np.array(TEXTS)[rng.integers(0, 3, rows)]
    return pl.DataFrame(
        {
            "size": pl.Series(size + shift).set(pl.Series(rng.random(rows) < 0.05), None),
            "rooms": rng.poisson(3, rows),
            "city": city,
            "note": [f"{text} {k}" for k, text in enumerate(note)],
            "day": np.datetime64("2024-01-01", "us") + rng.integers(0, 300, rows) * 86_400_000_000,
            "sold": np.where(sold, "yes", "no"),
            "price": 3 * size + rng.normal(size=rows),
        }
    )
