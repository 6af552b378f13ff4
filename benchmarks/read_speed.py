"""How long reading a CSV takes, and how much memory, against Polars' own reader with types given.

Every figure is a whole process, imports included: CPU seconds (user and system, all threads) and
peak memory. Polars is given the type of each column, and so decides nothing; where cells need
repair it is given text, for it has no type for them, and hands over columns of text.

    pip install .
    python benchmarks/read_speed.py [--rows 1000000] [--columns 20] [--times 3] [TABLE ...]

Caveats: made tables (plain: decimals and whole numbers; mixed: numbers, dates, categories and
texts; repair: thousands marks, 원, days before months, percentages; wide: as mixed, 1,000
columns of 100 rows whatever is asked for); the fastest of a few runs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from common import header

OURS = "import sys, mulle; mulle.read(sys.argv[1])"
FLOOR = (
    "import sys, json, polars as pl;"
    "types = json.loads(sys.argv[2]);"
    "pl.read_csv(sys.argv[1], schema={n: getattr(pl, t) for n, t in types.items()})"
)
Made = tuple[pl.Series, str]


def plain(rng: np.random.Generator, rows: int, i: int) -> Made:
    """Return a column of numbers, with the type that Polars is given."""
    if i % 4 == 3:
        return pl.Series(rng.integers(0, 100_000, rows)).cast(pl.String), "Int64"
    return pl.Series(np.round(rng.normal(50, 20, rows), 3)).cast(pl.String), "Float64"


def mixed(rng: np.random.Generator, rows: int, i: int) -> Made:
    """Return a column of numbers with missing ones, of dates, of categories or of texts."""
    if i % 5 == 1:
        days = pl.Series(rng.integers(15_000, 20_000, rows)).cast(pl.Int32).cast(pl.Date)
        return days.cast(pl.String), "Date"
    if i % 5 == 2:
        words = np.array(["서울", "부산", "대구", "광주", "인천", "대전", "울산"])
        return pl.Series(words[rng.integers(0, len(words), rows)]), "String"
    if i % 5 == 3:
        return pl.Series(rng.integers(0, 50_000, rows)).cast(pl.String) + " 번지", "String"
    numbers, dtype = plain(rng, rows, i)
    gaps = pl.Series(rng.random(rows) < 0.05)
    return numbers.zip_with(~gaps, pl.Series([None], dtype=pl.String)), dtype


def repair(rng: np.random.Generator, rows: int, i: int) -> Made:
    """Return a column that plain types do not read."""
    sort = i % 4
    if sort == 1:
        days = pl.Series(rng.integers(15_000, 20_000, rows)).cast(pl.Int32).cast(pl.Date)
        return days.dt.strftime("%d/%m/%Y"), "String"
    numbers = pl.Series(rng.integers(1_000, 1_000_000, rows)).cast(pl.String)
    marked = numbers.str.replace(r"(\d)(\d{3})$", "${1},${2}")
    if sort == 2:
        return marked + "원", "String"
    if sort == 3:
        return pl.Series(np.round(rng.random(rows) * 100, 1)).cast(pl.String) + "%", "String"
    return marked, "String"


TABLES: dict[str, tuple[Callable[..., Made], float]] = {
    "plain": (plain, 3),
    "mixed": (mixed, 3),
    "repair": (repair, 6),
    "wide": (mixed, 20),
}
WIDE = (100, 1_000)  # rows and columns


def cost(*command: str) -> tuple[float, float]:
    """Run a command, and return its CPU seconds and peak memory in mb."""
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, used = os.wait4(process, 0)
    if status:
        sys.exit(f"failed: {' '.join(command[:3])}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def best(times: int, *command: str) -> tuple[float, float]:
    """Return the least CPU seconds and the least peak memory of a few runs."""
    runs = [cost(*command) for _ in range(times)]
    return min(run[0] for run in runs), min(run[1] for run in runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tables", nargs="*", default=list(TABLES), metavar="TABLE")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--times", type=int, default=3)
    args = parser.parse_args()
    header("mulle.read against polars.read_csv with types given", "mulle", "polars")
    print(f"{'table':8}{'MB':>7}{'CPU s':>9}{'Polars':>9}{'ratio':>8}{'aim':>6}"
          f"{'MB':>9}{'Polars':>9}{'ratio':>8}")  # fmt: skip
    for name in args.tables:
        make, aim = TABLES[name]
        with tempfile.TemporaryDirectory() as folder:
            size = WIDE if name == "wide" else (args.rows, args.columns)
            path, types = write(Path(folder), make, *size)
            mb = path.stat().st_size / 1e6
            floor = best(args.times, sys.executable, "-c", FLOOR, str(path), types)
            ours = best(args.times, sys.executable, "-c", OURS, str(path))
        print(f"{name:8}{mb:7.0f}{ours[0]:9.2f}{floor[0]:9.2f}{ours[0] / floor[0]:8.1f}{aim:6.0f}"
              f"{ours[1]:9.0f}{floor[1]:9.0f}{ours[1] / floor[1]:8.1f}", flush=True)  # fmt: skip


def write(folder: Path, make: Callable[..., Made], rows: int, columns: int) -> tuple[Path, str]:
    """Write a table, and return its path and the types of its columns as JSON."""
    rng = np.random.default_rng(0)
    made = {f"x{i}": make(rng, rows, i) for i in range(columns)}
    path = folder / "table.csv"
    pl.DataFrame({name: values for name, (values, _) in made.items()}).write_csv(path)
    return path, str({name: dtype for name, (_, dtype) in made.items()}).replace("'", '"')


if __name__ == "__main__":
    main()
