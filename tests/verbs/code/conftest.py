"""Tables of every sort, and a folder to work in."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

ROWS = 300


def numbers(rng: np.random.Generator) -> pl.DataFrame:
    x = rng.normal(size=(ROWS, 4))
    y = x @ [1.0, 2.0, 0.0, 0.5] + np.sin(3 * x[:, 0]) + rng.normal(0, 0.3, ROWS)
    return pl.DataFrame({f"x{i}": x[:, i] for i in range(4)} | {"y": y})


def mixed(rng: np.random.Generator) -> pl.DataFrame:
    age, income = rng.integers(18, 80, ROWS), np.exp(rng.normal(10, 1, ROWS))
    city = rng.choice(["서울", "Busan", "Jeju"], ROWS)
    z = (age > 45) + 1.2 * (city == "서울") - 0.3 * np.log(income) + rng.normal(0, 0.8, ROWS)
    return pl.DataFrame(
        {
            "age": [None if rng.random() < 0.1 else int(a) for a in age],
            "income": income,
            "city": [None if rng.random() < 0.08 else str(c) for c in city],
            "member": rng.choice(["yes", "no"], ROWS),
            "shop": [f"s{i % 12}" for i in range(ROWS)],
            "visits": rng.integers(1, 5, ROWS),
            "bought": np.where(z > np.quantile(z, 0.6), "yes", "no"),
        }
    )


def dated(rng: np.random.Generator) -> pl.DataFrame:
    day = np.datetime64("2023-01-01") + rng.integers(0, 700, ROWS)
    later = day + rng.integers(1, 60, ROWS)
    season = day.astype("datetime64[M]").astype(int) % 12 // 4 + (rng.random(ROWS) < 0.15)
    return pl.DataFrame(
        {
            "day": day,
            "later": later,
            "kind": rng.choice([f"k{i}" for i in range(70)], ROWS),
            "grade": rng.choice(["low", "mid", "high"], ROWS),
            "size": rng.normal(size=ROWS),
            "label": np.array(["a", "b", "c"])[season % 3],
        }
    )


def texts(rng: np.random.Generator) -> pl.DataFrame:
    words = ["good", "bad", "great", "awful", "fine", "not", "so", "film", "배우", "story"]
    written = [" ".join(rng.choice(words, 8)) for _ in range(ROWS)]
    liked = [t.count("good") + t.count("great") - t.count("bad") for t in written]
    like = np.array(liked) + rng.normal(0, 0.5, ROWS) > 0.5
    columns = {"text": written, "stars": rng.integers(0, 5, ROWS)}
    return pl.DataFrame(columns | {"like": np.where(like, "pos", "neg")})


TABLES = {"numbers": numbers, "mixed": mixed, "dated": dated, "texts": texts}
TARGETS = {"numbers": "y", "mixed": "bought", "dated": "label", "texts": "like"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def table(folder):
    """Write a table of a sort; return its file and its target."""

    def write(sort: str) -> tuple[str, str]:
        TABLES[sort](np.random.default_rng(0)).write_csv(f"{sort}.csv")
        return f"{sort}.csv", TARGETS[sort]

    return write
