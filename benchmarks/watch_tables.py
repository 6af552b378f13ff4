"""The two tables that drift is measured on: thirty columns, ten of which move in ten known ways."""

from __future__ import annotations

import numpy as np
import polars as pl

LETTERS = np.array(list("abcdefgh"))
DRIFTED = (
    "mean +0.3 sd", "mean +0.1 sd", "scale x1.3", "exponential x1.15", "3% tail", "Poisson +0.5",
    "10% null", "reweighted", "top class +9", "5% unseen",
)  # fmt: skip


def steady(rng: np.random.Generator, rows: int) -> dict[str, object]:
    """Twenty columns that never move: numbers of several shapes, counts, categories, missing."""
    columns: dict[str, object] = {f"normal {i}": rng.normal(size=rows) for i in range(5)}
    columns |= {f"skewed {i}": rng.lognormal(0, 1 + i / 2, rows) for i in range(3)}
    columns |= {f"heavy {i}": rng.standard_t(2, rows) for i in range(2)}
    columns |= {f"count {i}": rng.poisson(3 + i, rows) for i in range(3)}
    lacking = np.where(rng.random(rows) < 0.2, np.nan, rng.random(rows))
    columns["a fifth null"] = pl.Series(lacking, nan_to_null=True)
    columns["mostly zero"] = np.where(rng.random(rows) < 0.9, 0.0, rng.exponential(size=rows))
    columns |= {f"letter {i}": LETTERS[rng.integers(0, 8, rows)] for i in range(3)}
    columns["two"] = np.array(["no", "yes"])[(rng.random(rows) < 0.03).astype(int)]
    weight = np.arange(1, 301) ** -1.0
    place = np.searchsorted(np.cumsum(weight / weight.sum())[:-1], rng.random(rows))
    columns["long tail"] = np.array([f"v{k}" for k in range(300)])[place]
    return columns


def moving(rng: np.random.Generator, rows: int, *, moved: bool) -> dict[str, object]:
    """Ten columns, as they were or as they have become."""
    by = float(moved)
    tail = rng.random(rows) < 0.03 * by
    value = np.where(rng.random(rows) < 0.1 * by, np.nan, rng.normal(size=rows))
    eight = np.full(8, 1 / 8) + by * np.array([4, 3, 2, 1, -1, -2, -3, -4]) / 100
    top = np.array([0.3, 0.25, 0.25, 0.2]) + by * np.array([0.09, -0.03, -0.03, -0.03])
    unseen = rng.random(rows) < 0.05 * by
    return {
        "mean +0.3 sd": rng.normal(size=rows) + 0.3 * by,
        "mean +0.1 sd": rng.normal(size=rows) + 0.1 * by,
        "scale x1.3": rng.normal(size=rows) * (1 + 0.3 * by),
        "exponential x1.15": rng.exponential(1 + 0.15 * by, rows),
        "3% tail": np.where(tail, rng.normal(0, 5, rows), rng.normal(size=rows)),
        "Poisson +0.5": rng.poisson(3 + 0.5 * by, rows),
        "10% null": pl.Series(value, nan_to_null=True),
        "reweighted": rng.choice(LETTERS, rows, p=eight),
        "top class +9": rng.choice(LETTERS[:4], rows, p=top),
        "5% unseen": np.where(unseen, "new", rng.choice(LETTERS[:5], rows)),
    }


def made(rows: int, seed: int, *, moved: bool, target: bool = False) -> pl.DataFrame:
    """A table of 30 columns; with `target` a label that depends on some of them."""
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame(steady(rng, rows) | moving(rng, rows, moved=moved))
    if not target:
        return frame
    score = frame["normal 0"].to_numpy() + frame["mean +0.3 sd"].to_numpy()
    score = score + (frame["letter 0"] == "a").to_numpy() + rng.normal(size=rows)
    return frame.with_columns(pl.Series("bought", np.where(score > 0.2, "yes", "no")))
