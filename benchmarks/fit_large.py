"""`mulle fit` on large tables beside LightGBM alone, both reading the same Parquet file.

    python benchmarks/fit_large.py --quick                                (500,000 x 20, 30 s)
    python benchmarks/fit_large.py --rows 1000000 --columns 50 --seconds 60
    python benchmarks/fit_large.py --rows 50000000 --columns 20 --seconds 600 --memory 4GB

Both sides learn from the file in a process of their own, for the same seconds at most, and are
scored on 100,000 rows that neither has seen. LightGBM has its defaults, no limit of trees, and all
rows in memory as float32; its score after each tree tells when it reached the score that mulle
ends with. Memory is the peak of anonymous memory (`RssAnon`: mapped files apart) of the process and
all it starts. The file is written by row groups and never in memory as a whole.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from common import header

GROUP = 250_000  # rows
TEST_ROWS = 100_000
LOOK_SECONDS = 0.1
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")

MULLE = """
import json, sys, time
import polars as pl
from sklearn.metrics import roc_auc_score
begin = START
import mulle
path, test, seconds, memory = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4] or None
jobs = int(sys.argv[5])
if __name__ == "__main__":
    result = mulle.fit(path, "y", time=seconds, memory=memory, n_jobs=jobs,
                       output="model.mulle")
    took = time.perf_counter() - begin
    rows = pl.read_parquet(test)
    p = result.model.predict_proba(rows.drop("y"))[:, 1]
    said = [d.values for d in result.decisions if d.code in ("large-learned", "large-skipped")]
    learned = [s.get("rows") for s in said] or [result.model.manifest.lineage["rows"]]
    plans = result.model.manifest.lineage["plans"]
    print(json.dumps({"seconds": took, "score": roc_auc_score(rows["y"] == "yes", p),
                      "rows": learned[0], "plans": plans}))
"""
LIGHTGBM = """
import json, sys, time
begin = START
import lightgbm, numpy, polars as pl
from sklearn.metrics import roc_auc_score
path, test, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
def read(path):
    frame = pl.read_parquet(path)
    y = (frame["y"] == "yes").to_numpy().astype("float32")
    return frame.drop("y").to_numpy().astype("float32", copy=False), y
x, y = read(path)
data = lightgbm.Dataset(x, y, params={"verbosity": -1}).construct()
xt, yt = read(test)
curve = []
def look(env):
    if env.iteration < 20 or env.iteration % 10 == 0:
        seconds_so_far = time.perf_counter() - begin
        curve.append((seconds_so_far, roc_auc_score(yt, env.model.predict(xt))))
    if time.perf_counter() - begin > seconds:
        raise lightgbm.callback.EarlyStopException(env.iteration, [])
lightgbm.train({"objective": "binary", "verbosity": -1}, data, 100_000, callbacks=[look])
print(json.dumps({"seconds": time.perf_counter() - begin, "score": curve[-1][1], "rows": len(y),
                  "curve": curve}))
"""


def write_table(path: Path, rows: int, columns: int, seed: int) -> None:
    """Write numbers of which five tell, and a target of two classes, group by group."""
    rng, writer = np.random.default_rng(seed), None
    for begin in range(0, rows, GROUP):
        count = min(GROUP, rows - begin)
        x = rng.standard_normal((count, columns), dtype=np.float32).round(4)
        told = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.8 * x[:, 3] + np.abs(x[:, 4])
        y = told + rng.standard_normal(count, dtype=np.float32) > 1.0
        table = pa.table(
            {f"x{i:02}": x[:, i] for i in range(columns)} | {"y": np.where(y, "yes", "no")}
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def anonymous_of(root: int) -> int:
    """Return the anonymous bytes of a process and all that it has started."""
    parents, sizes = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text(encoding="ascii", errors="replace")
        except OSError:
            continue  # it has ended
        facts = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        pid = int(status.parent.name)
        parents[pid] = int(facts["PPid"])
        sizes[pid] = int(facts.get("RssAnon", "0 kB").split()[0]) * 1024
    mine, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in mine} - mine
        mine, grown = mine | more, bool(more)
    return sum(sizes.get(pid, 0) for pid in mine)


def measure(script: str, *given: str, cpu_clock: bool) -> dict[str, Any]:
    """Return what a side prints, with the peak of its anonymous memory."""
    start = "time.perf_counter()"
    if cpu_clock:
        start = "0.0; time.perf_counter = time.process_time"
    script = script.replace("START", start)
    env = os.environ | (dict.fromkeys(ONE_THREAD, "1") if cpu_clock else {})
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as printed:
        program = Path(folder) / "side.py"
        program.write_text(script, encoding="utf-8")
        command = [sys.executable, str(program), *given]
        side = subprocess.Popen(command, stdout=printed, cwd=folder, env=env)
        peak = 0
        while side.poll() is None:
            peak = max(peak, anonymous_of(side.pid))
            time.sleep(LOOK_SECONDS)
        printed.seek(0)
        lines = printed.read().splitlines()
    if side.returncode or not lines:
        return {"failed": side.returncode, "peak": peak}
    return json.loads(lines[-1]) | {"peak": peak}


def show(name: str, found: dict[str, Any]) -> None:
    """Print one line of a side."""
    if "failed" in found:
        print(f"{name:<10} failed ({found['failed']}), {found['peak'] / 1e6:,.0f} MB", flush=True)
        return
    print(
        f"{name:<10} {found['seconds']:>8.1f} s   AUC {found['score']:.4f}   "
        f"{found['rows']:>11,} rows   {found['peak'] / 1e6:>7,.0f} MB",
        flush=True,
    )


def compare(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Print when LightGBM reached the score that mulle ended with."""
    if "failed" in ours or "failed" in theirs:
        return
    reached = [at for at, score in theirs["curve"] if score >= ours["score"]]
    if reached:
        print(f"LightGBM alone reached {ours['score']:.4f} after {reached[0]:.1f} s: "
              f"{ours['seconds'] / reached[0]:.2f} times its time")  # fmt: skip
    else:
        print(f"LightGBM alone did not reach {ours['score']:.4f} in {theirs['seconds']:.1f} s")
    print(f"anonymous memory: {ours['peak'] / theirs['peak']:.2f} of LightGBM's")


def main() -> None:
    """Print a line for each side, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--memory", default="", help="of mulle, as 4GB")
    parser.add_argument("--quick", action="store_true", help="500,000 x 20, 30 s, 700 MB")
    parser.add_argument("--folder", help="where the table is written, or is already")
    parser.add_argument("--cpu-clock", action="store_true",
                        help="count CPU seconds of one thread, as on one idle core")  # fmt: skip
    given = parser.parse_args()
    rows, columns = (500_000, 20) if given.quick else (given.rows, given.columns)
    seconds, memory = (30.0, "700MB") if given.quick else (given.seconds, given.memory)
    header(f"{rows:,} x {columns}, {seconds:g} s", "mulle", "lightgbm", "polars")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(given.folder or temporary)
        path = folder / f"{rows}x{columns}.parquet"
        test = folder / f"test{columns}.parquet"
        if not path.exists():
            write_table(path, rows, columns, seed=0)
        if not test.exists():
            write_table(test, TEST_ROWS, columns, seed=1)
        print(f"the file has {path.stat().st_size / 1e6:,.0f} MB", flush=True)
        jobs, clock = "1" if given.cpu_clock else "0", given.cpu_clock
        ours = measure(MULLE, str(path), str(test), str(seconds), memory, jobs, cpu_clock=clock)
        show("mulle", ours)
        theirs = measure(LIGHTGBM, str(path), str(test), str(seconds), cpu_clock=clock)
        show("LightGBM", theirs)
        compare(ours, theirs)


if __name__ == "__main__":
    main()
