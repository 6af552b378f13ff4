"""A shop whose world turns: what decided yesterday decides the other way round tomorrow."""

from __future__ import annotations

import numpy as np
import polars as pl

QUICK = {"trials": 2, "preset": "quick", "n_jobs": 1}


def rows_of_the_shop(rows: int, seed: int, *, turned: bool = False, day: int = 0) -> pl.DataFrame:
    """Rows over sixty days from `day` on."""
    rng = np.random.default_rng(seed)
    price, stock = rng.normal(size=rows), rng.normal(size=rows)
    noise = rng.normal(scale=0.5, size=rows)
    sold = (-price if turned else price) + 0.3 * stock + noise > 0
    days = np.datetime64("2024-01-01") + np.sort(rng.integers(day, day + 60, rows))
    return pl.DataFrame(
        {
            "price": price,
            "stock": stock,
            "city": rng.choice(["서울", "부산"], rows),
            "open": rng.random(rows) > 0.5,
            "day": days,
            "sold": np.where(sold, "yes", "no"),
        }
    )
