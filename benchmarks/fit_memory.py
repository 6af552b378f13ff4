"""The peak memory of `mulle fit` beside that of LightGBM with its defaults, on the same tables.

    python benchmarks/fit_memory.py --quick      (200,000 rows, a minute or two)
    python benchmarks/fit_memory.py --rows 1000000

Each side runs in a process of its own that reads the same CSV; the peak is that of the process
(`VmHWM`, or `ru_maxrss` where the system has none). Times the bytes of the file, and the ratio of
the two.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

COLUMNS = 50
LEVELS = 12

MULLE = """
import sys, mulle
from mulle.doctor.memory import peak_bytes
if __name__ == "__main__":
    result = mulle.fit(sys.argv[1], "y", time=float(sys.argv[2]))
    print(peak_bytes(), result.summary()["score"]["test"])
"""
LIGHTGBM = """
import sys, pandas, lightgbm
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from mulle.doctor.memory import peak_bytes
if __name__ == "__main__":
    frame = pandas.read_csv(sys.argv[1])
    for name in frame.select_dtypes(exclude="number"):
        frame[name] = frame[name].astype("category")
    train, test = train_test_split(frame, test_size=0.02, random_state=0)
    model = lightgbm.LGBMClassifier(verbose=-1).fit(train.drop(columns="y"), train["y"])
    p = model.predict_proba(test.drop(columns="y"))[:, 1]
    print(peak_bytes(), roc_auc_score(test["y"], p))
"""


def numbers(rows: int) -> pl.DataFrame:
    """Fifty numbers, of which five tell."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, COLUMNS)).round(4)
    told = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.8 * x[:, 3] + np.abs(x[:, 4])
    y = (told + rng.normal(size=rows) > np.median(told)).astype(int)
    return pl.DataFrame({f"x{i:02}": x[:, i] for i in range(COLUMNS)} | {"y": y})


def mixed(rows: int) -> pl.DataFrame:
    """Ten numbers and ten categories."""
    rng = np.random.default_rng(0)
    data = {f"n{i}": rng.normal(size=rows).round(3) for i in range(10)}
    levels = np.array([f"level {i}" for i in range(LEVELS)])
    data |= {f"c{i}": levels[rng.integers(0, LEVELS, rows)] for i in range(10)}
    told = data["n0"] + (data["c0"] == "level 1") + data["n1"] * data["n2"]
    return pl.DataFrame(data | {"y": (told + rng.normal(size=rows) > 0.2).astype(int)})


def measure(code: str, *arguments: object) -> tuple[int, float]:
    """Return the peak in bytes and the score that a program prints."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak, score = done.stdout.split()[-2:]
    return int(peak), float(score)


def main() -> None:
    """Print one line a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--quick", action="store_true", help="200,000 rows and 30 seconds")
    given = parser.parse_args()
    rows, seconds = (200_000, 30.0) if given.quick else (given.rows, given.seconds)
    print(
        "table      rows      file MB  mulle MB  x file  LightGBM MB  x file  ratio   AUC of both"
    )
    with tempfile.TemporaryDirectory() as folder:
        for make in (numbers, mixed):
            path = Path(folder) / f"{make.__name__}.csv"
            make(rows).write_csv(path)
            size = path.stat().st_size
            ours, our_score = measure(MULLE, path, seconds)
            theirs, their_score = measure(LIGHTGBM, path)
            print(
                f"{make.__name__:<8} {rows:>9,} {size / 1e6:>9.0f} {ours / 1e6:>9.0f}"
                f" {ours / size:>7.1f} {theirs / 1e6:>12.0f} {theirs / size:>7.1f}"
                f" {ours / theirs:>6.2f}   {our_score:.4f} {their_score:.4f}"
            )


if __name__ == "__main__":
    main()
