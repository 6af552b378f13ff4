"""Seven shapes of table on which one slow stage once broke the promise of time, with seeds.

Each is made by a function of a scale: 1 for the full size, less for fewer rows (of the wide one,
fewer columns). All targets depend on some of the columns, with noise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

_SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sta", "ven", "tor", "bel", "ish", "an", "do")


def mixed(scale: float = 1.0) -> pl.DataFrame:
    """500,000 x 20: numbers, categories and two classes that follow from both."""
    return _mixed(int(500_000 * scale), numbers=14, seed=1)


def large(scale: float = 1.0) -> pl.DataFrame:
    """1,000,000 x 50: the same, with more of both."""
    return _mixed(int(1_000_000 * scale), numbers=40, seed=2)


def _mixed(rows: int, numbers: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, numbers)).astype(np.float32)
    x[:, 1] = np.exp(x[:, 1])
    levels = [3, 8, 20, 60, 200, 5, 12, 30, 100][: 5 if numbers < 20 else 9]
    codes = [rng.integers(0, count, rows) for count in levels]
    effects = [rng.normal(size=count) for count in levels]
    signal = x[:, 0] * x[:, 2] + np.sin(2 * x[:, 3]) + 0.6 * x[:, 4] + np.abs(x[:, 5])
    signal += sum(effect[code] for effect, code in zip(effects, codes, strict=True)) * 0.5
    y = signal + rng.logistic(0, 1, rows) > np.median(signal)
    frame = {f"n{i}": np.round(x[:, i], 4) for i in range(numbers)}
    frame |= {f"c{i}": np.char.add("level ", code.astype(str)) for i, code in enumerate(codes)}
    return pl.DataFrame(frame | {"y": y.astype(int)})


def categories(scale: float = 1.0) -> pl.DataFrame:
    """100,000 x 7 with a column of 50,000 categories."""
    rng, rows = np.random.default_rng(3), int(100_000 * scale)
    many = max(10, rows // 2)
    code, city = rng.integers(0, many, rows), rng.integers(0, 300, rows)
    effect, by_city = rng.normal(size=many), rng.normal(size=300)
    x = rng.normal(size=(rows, 4))
    signal = 1.5 * effect[code] + by_city[city] + x[:, 0] * x[:, 1]
    y = signal + rng.logistic(0, 1, rows) > 0
    frame = {
        "item": np.char.add("item ", code.astype(str)),
        "city": np.char.add("c", city.astype(str)),
    }
    return pl.DataFrame(frame | {f"n{i}": x[:, i] for i in range(4)} | {"y": y.astype(int)})


def names(scale: float = 1.0) -> pl.DataFrame:
    """18,000 x 11 with a column of names, nearly all different."""
    rng, rows = np.random.default_rng(4), int(18_000 * scale)
    said = rng.integers(0, len(_SYLLABLES), (rows, 6))
    name = [
        "".join(_SYLLABLES[i] for i in row[:3]).title()
        + " "
        + "".join(_SYLLABLES[i] for i in row[3:])
        for row in said
    ]
    x = rng.normal(size=(rows, 8))
    signal = (said[:, 0] == 3) * 2.0 - (said[:, 4] == 7) * 2.0 + x[:, 0] * x[:, 1] + x[:, 2]
    y = signal + rng.logistic(0, 0.5, rows) > 0.3
    district = np.array(["north", "east", "south", "west"])[rng.integers(0, 4, rows)]
    frame = {"name": name, "district": district}
    return pl.DataFrame(frame | {f"n{i}": x[:, i] for i in range(8)} | {"y": y.astype(int)})


def classes(scale: float = 1.0) -> pl.DataFrame:
    """60,000 x 12 with 100 classes."""
    rng, rows = np.random.default_rng(5), int(60_000 * scale)
    y = rng.integers(0, 100, rows)
    centre = rng.normal(size=(100, 10)) * 1.2
    x = centre[y] + rng.normal(size=(rows, 10))
    district = np.where(rng.random(rows) < 0.7, y % 7, rng.integers(0, 7, rows))
    frame = {f"n{i}": np.round(x[:, i], 4) for i in range(10)}
    frame |= {"district": np.char.add("d", district.astype(str)), "noise": rng.normal(size=rows)}
    return pl.DataFrame(frame | {"y": np.char.add("class ", y.astype(str))})


def texts(scale: float = 1.0) -> pl.DataFrame:
    """50,000 texts of about 480 characters (24 MB), of two classes."""
    rng, rows = np.random.default_rng(6), int(50_000 * scale)
    words = np.array(["".join(rng.choice(_SYLLABLES, rng.integers(1, 4))) for _ in range(3_000)])
    frequency = 1 / np.arange(1, 3_001)
    y = rng.integers(0, 2, rows)
    tilt = np.exp(0.35 * rng.normal(size=(2, 3_000))) * frequency
    tilt /= tilt.sum(axis=1, keepdims=True)
    texts = [" ".join(words[rng.choice(3_000, 75, p=tilt[label])]) for label in y]
    return pl.DataFrame({"text": texts, "y": np.where(rng.random(rows) < 0.1, 1 - y, y)})


def wide(scale: float = 1.0) -> pl.DataFrame:
    """200 x 5,000 numbers, of which twenty say something."""
    rng, columns = np.random.default_rng(7), int(5_000 * scale)
    x = rng.normal(size=(200, columns))
    y = x[:, :20].sum(axis=1) + rng.normal(0, 2, 200) > 0
    return pl.DataFrame({f"n{i}": x[:, i] for i in range(columns)} | {"y": y.astype(int)})


SHAPES: dict[str, Callable[[float], pl.DataFrame]] = {
    make.__name__: make for make in (mixed, categories, names, classes, texts, large, wide)
}
