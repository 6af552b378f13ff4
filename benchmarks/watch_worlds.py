"""The worlds that false alarms are measured in: rows without end, drawn anew for every window."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl

WORDS = "a good wheel spins fast and breaks, 좋은 물레 빠르다 느리다".split()  # noqa: SIM905
PAIRS = pl.Series([f"{first} {second}" for first in WORDS for second in WORDS])
LETTERS = pl.Series(list("abcdefgh"))
PLACES = pl.Series([f"v{k}" for k in range(40)])
Frame = pl.DataFrame
Rng = np.random.Generator


class World(NamedTuple):
    """A table to draw from: its name, how many rows a model learns from, and how rows are drawn."""

    name: str
    rows: int
    target: str
    draw: Callable[[Rng, int], Frame]


def _features(rng: Rng, rows: int) -> dict[str, object]:
    """Ten columns of every sort: numbers of four shapes, categories, a date, a text."""
    tail = np.arange(1, 41) ** -1.2
    place = np.searchsorted(np.cumsum(tail / tail.sum())[:-1], rng.random(rows))
    halves = [_any_of(PAIRS, rng, rows) for _ in range(2)]
    missing = pl.Series(np.where(rng.random(rows) < 0.2, np.nan, rng.random(rows)))
    return {
        "normal": rng.normal(size=rows),
        "skewed": rng.lognormal(0, 1.5, rows),
        "heavy": rng.standard_t(2, rows),
        "count": rng.poisson(3, rows),
        "lacking": missing.fill_nan(None),
        "letter": _any_of(LETTERS, rng, rows),
        "long": PLACES.gather(place),
        "rare": _named(rng.random(rows) < 0.03, "no", "yes"),
        "day": np.datetime64("2024-01-01", "us") + rng.integers(0, 366, rows) * 86_400_000_000,
        "text": pl.select(pl.concat_str(halves, separator=" ")).to_series(),
    }


def _any_of(values: pl.Series, rng: Rng, rows: int) -> pl.Series:
    return values.gather(rng.integers(0, len(values), rows))


def _named(codes: np.ndarray, *names: str) -> pl.Series:
    return pl.Series(names).gather(codes.astype(np.int64))


def _score(columns: dict[str, object], rng: Rng, rows: int) -> np.ndarray:
    first = (pl.Series(columns["letter"]) == "a").to_numpy()
    found: np.ndarray = np.asarray(columns["normal"]) + first + rng.normal(size=rows)
    return found


def _binary(rng: Rng, rows: int) -> Frame:
    columns = _features(rng, rows)
    sold = _named(_score(columns, rng, rows) > 0.4, "no", "yes")
    return pl.DataFrame({**columns, "target": sold})


def _multiclass(rng: Rng, rows: int) -> Frame:
    columns = _features(rng, rows)
    third = np.digitize(_score(columns, rng, rows), [-0.6, 0.9])
    return pl.DataFrame({**columns, "target": _named(third, "low", "middle", "high")})


def _values(rng: Rng, rows: int) -> Frame:
    columns = _features(rng, rows)
    return pl.DataFrame({**columns, "target": 3 * _score(columns, rng, rows) + 20})


def _wide(rng: Rng, rows: int) -> Frame:
    """A hundred columns, of which the label follows from one."""
    columns = _features(rng, rows)
    label = _named(_score(columns, rng, rows) > 0.4, "no", "yes")
    for k in range(90):
        shape = k % 3
        columns[f"c{k}"] = (
            rng.normal(size=rows) if shape == 0
            else rng.poisson(1 + k / 10, rows) if shape == 1
            else _any_of(LETTERS.head(2 + k % 7), rng, rows)
        )  # fmt: skip
    return pl.DataFrame({**columns, "target": label})


WORLDS = (
    World("binary", 20_000, "target", _binary),
    World("multiclass", 20_000, "target", _multiclass),
    World("regression", 20_000, "target", _values),
    World("small", 1_500, "target", _binary),
    World("wide", 20_000, "target", _wide),
)

MOVES = ("number", "spread", "category", "missing", "unseen")


def moved(frame: Frame, how: str, share: float, rng: Rng) -> Frame:
    """Move a share of the rows: of one column, of the labels, or of what the model knows."""
    some = pl.Series(rng.random(frame.height) < share)
    here = pl.when(some)
    if how == "number":
        new = here.then(pl.col("normal") + 3).otherwise("normal")
    elif how == "spread":
        new = here.then(pl.col("normal").sign() * 3).otherwise("normal")
    elif how == "category":
        new = here.then(pl.lit("b")).otherwise("letter").alias("letter")
    elif how == "missing":
        new = here.then(None).otherwise("skewed").alias("skewed")
    elif how == "unseen":
        new = here.then(pl.lit("new")).otherwise("letter").alias("letter")
    elif how == "labels":
        other = pl.when(pl.col("target") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes"))
        new = here.then(other).otherwise("target").alias("target")
    else:  # doubt: rows of which the model cannot be sure
        new = here.then(pl.lit(0.4)).otherwise("normal").alias("normal")
    return frame.with_columns(new)
