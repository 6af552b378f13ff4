"""The peak memory of `mulle fit` beside that of other tools, on the same CSV files.

    python benchmarks/fit_memory.py --quick                    (200,000 rows, 20,000 texts)
    python benchmarks/fit_memory.py --rows 1000000
    python benchmarks/fit_memory.py --peers PYTHON            (one that has AutoGluon and FLAML)

Each side runs in a process of its own that reads the file and trains with one thread; the peak is
that of the process (`VmHWM`). "Libraries" is the peak on the first 300 rows of the same file: what
a tool takes whatever the table. Peaks are in MB, and in times the bytes of the file with and
without the libraries.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from common import header
from shapes import texts

COLUMNS = 50
LEVELS = 12
FULL_TEXTS = 50_000  # rows of `shapes.texts` at scale 1
FEW = 300  # rows that show what libraries take

PEAK = """
import sys, warnings
warnings.filterwarnings("ignore")
def peak():
    for line in open("/proc/self/status", encoding="ascii"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
path, seconds = sys.argv[1], float(sys.argv[2])
"""
TOOLS = {
    "mulle": """
import mulle
result = mulle.fit(path, "y", time=seconds, n_jobs=1)
print(peak(), result.summary()["score"]["test"])
""",
    "LightGBM": """
import pandas, lightgbm
frame = pandas.read_csv(path)
for name in frame.select_dtypes(exclude="number"):
    frame[name] = frame[name].astype("category")
lightgbm.LGBMClassifier(verbose=-1, n_jobs=1).fit(frame.drop(columns="y"), frame["y"])
print(peak())
""",
    "FLAML": """
import pandas
from flaml import AutoML
frame = pandas.read_csv(path)
model = AutoML()
model.fit(frame.drop(columns="y"), frame["y"], task="classification", metric="roc_auc",
          time_budget=seconds, n_jobs=1, verbose=0)
print(peak())
""",
    "AutoGluon": """
import pandas, tempfile
from autogluon.tabular import TabularPredictor
with tempfile.TemporaryDirectory() as folder:
    predictor = TabularPredictor("y", eval_metric="roc_auc", path=folder, verbosity=0)
    predictor.fit(pandas.read_csv(path), presets="medium_quality", time_limit=seconds, num_cpus=1)
print(peak())
""",
}
OF_PEERS = {"FLAML", "AutoGluon"}


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


def text(rows: int) -> pl.DataFrame:
    """Texts of about 480 characters, a tenth as many as there are rows of the other tables."""
    return texts(rows / 10 / FULL_TEXTS)


TABLES: dict[str, Callable[[int], pl.DataFrame]] = {
    make.__name__: make for make in (numbers, mixed, text)
}


def measure(python: str, tool: str, path: Path, seconds: float) -> int | None:
    """Return the peak of a tool in bytes; None where it fails."""
    command = [python, "-c", PEAK + TOOLS[tool], str(path), str(seconds)]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        print(f"{tool} failed: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return int(done.stdout.split("\n")[-2].split()[0])


def report(table: str, path: Path, few: Path, tools: dict[str, str], seconds: float) -> None:
    """Print one line for each tool."""
    size = path.stat().st_size
    for tool, python in tools.items():
        whole = measure(python, tool, path, seconds)
        libraries = measure(python, tool, few, min(seconds, 20.0))
        if whole is None or libraries is None:
            continue
        print(
            f"{table:<8} {size / 1e6:>7.0f} {tool:<10} {whole / 1e6:>7.0f} {libraries / 1e6:>9.0f}"
            f" {whole / size:>7.1f} {(whole - libraries) / size:>9.1f}",
            flush=True,
        )


def main() -> None:
    """Print one line a table and tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--quick", action="store_true", help="200,000 rows and 30 seconds")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--peers", help="an interpreter with AutoGluon and FLAML")
    given = parser.parse_args()
    rows, seconds = (200_000, 30.0) if given.quick else (given.rows, given.seconds)
    tools = {"mulle": sys.executable, "LightGBM": sys.executable}
    if given.peers:
        tools |= dict.fromkeys(sorted(OF_PEERS), given.peers)
    header(f"Peak memory of a fit, {rows:,} rows, {seconds:g} s", "mulle", "lightgbm")
    print("table    file MB tool       peak MB libraries  x file  without them")
    with tempfile.TemporaryDirectory() as folder:
        for table in given.tables:
            frame = TABLES[table](rows)
            path, few = Path(folder) / f"{table}.csv", Path(folder) / f"{table}_few.csv"
            frame.write_csv(path)
            frame.head(FEW).write_csv(few)
            del frame
            report(table, path, few, tools, seconds)


if __name__ == "__main__":
    main()
