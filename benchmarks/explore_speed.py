"""How long exploring a table takes, and how much memory, against the floor and the peers.

Every figure is a whole process, imports and reading included: wall seconds and peak memory. The
floor is Polars alone computing null counts, moments, quantiles, distinct counts, histograms and top
values of the same file. Peers are run with the Python given as --peers, as far as it has them.

    pip install .
    python benchmarks/explore_speed.py [--rows 1000000] [--csv] [--peers PYTHON] [FILE ...]

Caveats: a made table (30 numbers, skewed, with missing values; 15 categories of 2 to 10,000 levels;
3 datetimes; 2 texts), and the files given; no target, because not all peers know one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import header

FLOOR = """
import sys, polars as pl
path = sys.argv[1]
parquet = path.endswith("parquet")
f = pl.read_parquet(path) if parquet else pl.read_csv(path, try_parse_dates=True)
numbers = [c for c, d in f.schema.items() if d.is_numeric()]
f.null_count()
for what in ("mean", "std", "skew", "kurtosis", "min", "max"):
    f.select(getattr(pl.col(numbers), what)())
for q in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99):
    f.select(pl.col(numbers).quantile(q))
f.select(pl.all().n_unique())
for c in numbers:
    f[c].hist(bin_count=30)
for c, d in f.schema.items():
    if d == pl.String:
        f[c].value_counts(sort=True).head(10)
"""
OURS = """
import sys, mulle
mulle.explore(sys.argv[1]).to_html()
"""
_READ = """
import sys, pandas as pd
path = sys.argv[1]
f = pd.read_parquet(path) if path.endswith("parquet") else pd.read_csv(path)
"""
_YDATA = (
    "from ydata_profiling import ProfileReport\nProfileReport(f, progress_bar=False{}).to_html()"
)
PEERS = {
    "skrub, everything forced": (
        "skrub",
        _READ + "from skrub import TableReport\nTableReport(f, verbose=0, plot_distributions=True,"
        " compute_associations=True).html()",
    ),
    "ydata-profiling minimal": ("ydata_profiling", _READ + _YDATA.format(", minimal=True")),
    "ydata-profiling default": ("ydata_profiling", _READ + _YDATA.format("")),
    "sweetviz": (
        "sweetviz",
        _READ + "import sweetviz, os, tempfile\nr = sweetviz.analyze(f, pairwise_analysis='on')\n"
        "r.show_html(os.path.join(tempfile.mkdtemp(), 'x.html'), open_browser=False)",
    ),
}
_MEASURE = """
import resource, subprocess, sys, time
begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
taken = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(done.returncode, taken, peak)
sys.stdout.write(done.stderr.decode(errors="replace")[-300:])
"""


def made(rows: int, seed: int = 0):
    """The made table."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(seed)
    columns = []
    for i in range(30):
        x = pl.Series(f"n{i}", rng.lognormal(0, 1, rows) * (i + 1))
        lacking = pl.Series(rng.random(rows) < 0.006 * i)
        columns.append(pl.select(pl.when(~lacking).then(x).alias(x.name)).to_series())
    for i, k in enumerate([2, 3, 5, 8, 12, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000, 10000]):
        weight = np.arange(1, k + 1) ** -0.8
        code = np.searchsorted(np.cumsum(weight / weight.sum())[:-1], rng.random(rows))
        columns.append(pl.Series(f"c{i}", np.array([f"c{i}_{j}" for j in range(k)])[code]))
    for i in range(3):
        seconds = (rng.random(rows) * 3e8).astype(np.int64) * np.timedelta64(1, "s")
        columns.append(pl.Series(f"d{i}", np.datetime64("2015-01-01", "us") + seconds))
    words = np.array(["wheel", "spin", "table", "물레", "정말", "좋다", "number", "of", "the", "a"])
    for i in range(2):
        drawn = [pl.Series(str(k), words[rng.integers(0, len(words), rows)]) for k in range(8)]
        text = pl.DataFrame(drawn).select(pl.concat_str(pl.all(), separator=" ").alias(f"t{i}"))
        columns.append(text.to_series())
    return pl.DataFrame(columns)


def measured(python: str, code: str, path: str) -> tuple[float, float] | str:
    """Wall seconds and peak MB of a process, or what it ended with."""
    command = [sys.executable, "-c", _MEASURE, python, "-c", code, path]
    done = subprocess.run(command, capture_output=True, text=True)
    first, _, rest = done.stdout.partition("\n")
    status, taken, peak = first.split()
    if status != "0":
        return rest.strip().splitlines()[-1][:60] if rest.strip() else f"ended with {status}"
    return float(taken), float(peak)


def table(path: str, peers: str | None) -> None:
    """One file, everything in turn: the floor before and after, the better of each twice run."""
    rows: dict[str, tuple[float, float] | str] = {}
    for name, code in (("Polars alone (the floor)", FLOOR), ("mulle.explore", OURS)) * 2:
        found = measured(sys.executable, code, path)
        known = rows.get(name)
        better = isinstance(known, str) or known is None or isinstance(found, str) or found < known
        rows[name] = found if better else known
    for name, (module, code) in PEERS.items() if peers else ():
        if subprocess.run([str(peers), "-c", f"import {module}"], capture_output=True).returncode:
            rows[name] = "does not import"
        else:
            rows[name] = measured(str(peers), code, path)
    floor, ours = rows["Polars alone (the floor)"], rows["mulle.explore"]
    print(f"\n{Path(path).name}")
    print(f"{'':28}{'seconds':>9}{'MB':>8}{'to floor':>10}{'memory':>8}{'to mulle':>10}")
    for name, found in rows.items():
        if isinstance(found, str):
            print(f"{name:28}  {found}")
            continue
        seconds, peak = found
        print(f"{name:28}{seconds:9.2f}{peak:8.0f}{seconds / floor[0]:10.2f}{peak / floor[1]:8.2f}"
              f"{seconds / ours[0]:10.2f}", flush=True)  # fmt: skip


def main() -> None:
    """The made table, then the files given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--csv", action="store_true", help="the made table as CSV as well")
    parser.add_argument("--peers", help="a Python that has skrub, ydata-profiling, sweetviz")
    chosen = parser.parse_args()
    header("Exploring a table", "mulle", "polars")
    print(time.strftime("%Y-%m-%d"))
    with tempfile.TemporaryDirectory() as folder:
        if chosen.rows:
            frame = made(chosen.rows)
            path = Path(folder) / f"made-{chosen.rows}x50.parquet"
            frame.write_parquet(path)
            if chosen.csv:
                frame.write_csv(path.with_suffix(".csv"))
            del frame
            table(str(path), chosen.peers)
            if chosen.csv:
                table(str(path.with_suffix(".csv")), None)
    for path in chosen.files:
        table(path, chosen.peers)


if __name__ == "__main__":
    main()
