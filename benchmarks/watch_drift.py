"""Which of ten drifted columns are found, how many of twenty steady ones are blamed, in what time.

100,000 x 30 rows against 100,000 x 30 (and against 500 and 50): ten columns move in ten known ways,
see watch_tables.py. mulle compares the new file with what its model file carries; the peers are
given both files. Every time is that of a whole process, imports and reading included, and that of
the calculation alone; memory is the peak of the process.

    pip install .
    python benchmarks/watch_drift.py [--rows 100000] [--seeds 3] [--peers PYTHON]

Peers are run with the Python given as --peers or in the environment variable WATCH_PEERS, as far as
it has them. Caveats: one drift a column and no time in it; mulle also answers 20,000 of the new
rows with the model and judges its answers, which no peer does here; a column counts as found by
NannyML if half of its ten chunks raise an alert; alibi-detect is read at p < 0.05 / 30, its own
correction, and is not told of missing values; "cannot tell" is an answer that only mulle has.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from common import header
from watch_tables import DRIFTED, made

_BEGIN = "import sys, json, time, warnings\nwarnings.simplefilter('ignore')\n"
_PANDAS = _BEGIN + (
    "import pandas as pd, numpy as np\n"
    "here, there = (pd.read_parquet(p) for p in sys.argv[2:4])\n"
    "words = [c for c in here if here[c].dtype == object]\n"
)
MULLE = (
    _BEGIN
    + """
import mulle
begin = time.perf_counter()
found = mulle.watch(sys.argv[1], sys.argv[3])
taken = time.perf_counter() - begin
names = {s: [n for n, c in found.columns.items() if c.status.value == s]
         for s in ("drifted", "cannot_tell")}
print(json.dumps([taken, names["drifted"], names["cannot_tell"]]))
"""
)
_EVIDENTLY = (
    _PANDAS
    + """
from evidently import Report
from evidently.presets import DataDriftPreset
begin = time.perf_counter()
made = Report([DataDriftPreset(HOW)]).run(there, here).dict()
taken = time.perf_counter() - begin
drifted = []
for m in made["metrics"]:
    if "column" in m["config"]:
        how = m["config"]["method"]
        small = how in ("ks", "chisquare") or "p_value" in how
        value, limit = float(m["value"]), m["config"]["threshold"]
        if (value < limit) if small else (value >= limit):
            drifted.append(m["config"]["column"])
print(json.dumps([taken, drifted, []]))
"""
)
_NANNYML = (
    _PANDAS
    + """
import nannyml
begin = time.perf_counter()
calculator = nannyml.UnivariateDriftCalculator(column_names=list(here), chunk_number=10)
calculator.fit(here)
made = calculator.calculate(there).filter(period="analysis").to_df()
taken = time.perf_counter() - begin
drifted = [c[0] for c in made.columns if c[2] == "alert" and made[c].sum() >= 5]
print(json.dumps([taken, drifted, []]))
"""
)
_ALIBI = (
    _PANDAS
    + """
from alibi_detect.cd import TabularDrift
begin = time.perf_counter()
both = pd.concat([here, there])
for c in words:
    both[c] = both[c].astype("category").cat.codes
x = both.to_numpy(float)
kinds = {list(here).index(c): None for c in words}
detector = TabularDrift(x[: len(here)], p_val=0.05, categories_per_feature=kinds)
made = detector.predict(x[len(here) :], drift_type="feature")["data"]["p_val"]
taken = time.perf_counter() - begin
print(json.dumps([taken, [c for c, p in zip(here, made) if p < 0.05 / len(made)], []]))
"""
)
_TESTS = "num_method='ks', cat_method='chisquare'"
PEERS = {
    "Evidently, its preset": ("evidently", _EVIDENTLY.replace("HOW", "")),
    "Evidently, KS + chi-squared": ("evidently", _EVIDENTLY.replace("HOW", _TESTS)),
    "Evidently, PSI": ("evidently", _EVIDENTLY.replace("HOW", "method='psi'")),
    "NannyML, 10 chunks": ("nannyml", _NANNYML),
    "alibi-detect, TabularDrift": ("alibi_detect", _ALIBI),
}
_MEASURE = """
import resource, subprocess, sys, time
begin = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
taken = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(done.returncode, taken, peak)
sys.stdout.write((done.stderr if done.returncode else done.stdout).decode(errors="replace")[-9000:])
"""


def measured(python: str, code: str, *paths: str) -> dict | str:
    """Wall and calculation seconds, peak MB, found, false, unknown; or what it ended with."""
    quiet = os.environ | {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
    command = [sys.executable, "-c", _MEASURE, python, "-c", code, *paths]
    done = subprocess.run(command, capture_output=True, text=True, env=quiet)
    first, _, rest = done.stdout.partition("\n")
    status, wall, peak = first.split()
    lines = rest.strip().splitlines() or [f"ended with {status}"]
    if status != "0":
        return lines[-1][:70]
    taken, drifted, unknown = json.loads(lines[-1])
    found = [name for name in drifted if name in DRIFTED]
    return {
        "wall": float(wall), "calculation": taken, "peak": float(peak), "found": len(found),
        "false": len(drifted) - len(found),
        "unknown": [sum(n in DRIFTED for n in unknown), sum(n not in DRIFTED for n in unknown)],
        "missed": [n for n in DRIFTED if n not in drifted],
    }  # fmt: skip


def model(folder: Path, rows: int) -> str:
    """A model file of the reference rows: what a user would have."""
    import mulle

    table = made(rows, 0, moved=False, target=True)
    fitted = mulle.fit(table, "bought", preset="quick", trials=2, output=str(folder))
    return str(fitted.bundle)


def table(title: str, runs: dict[str, list[dict | str]]) -> None:
    """One line a tool: the least times of the seeds, and what was found in each."""
    print(f"\n{title}")
    print(f"{'':29}{'whole s':>8}{'calc s':>8}{'MB':>7}  {'found of 10':13}{'false of 20':13}"
          f"{'cannot tell':13}{'to mulle':>8}")  # fmt: skip
    ours = min(r["wall"] for r in runs["mulle"] if isinstance(r, dict))
    for name, results in runs.items():
        whole = [r for r in results if isinstance(r, dict)]
        if not whole:
            print(f"{name:29}  {results[0] if results else 'not there'}")
            continue
        wall, calc, peak = (min(r[k] for r in whole) for k in ("wall", "calculation", "peak"))
        found, false = (" ".join(str(r[k]) for r in whole) for k in ("found", "false"))
        unknown = " ".join(f"{r['unknown'][0]}+{r['unknown'][1]}" for r in whole)
        unknown = unknown if name == "mulle" else "–"
        print(f"{name:29}{wall:8.2f}{calc:8.2f}{peak:7.0f}  {found:13}{false:13}{unknown:13}"
              f"{wall / ours:8.1f}")  # fmt: skip
    missed = sorted({n for r in runs["mulle"] if isinstance(r, dict) for n in r["missed"]})
    print(f"not found by mulle in some: {', '.join(missed) or 'none'}", flush=True)


def main() -> None:
    """New rows: as many as before, 500, and 50."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--peers", default=os.environ.get("WATCH_PEERS"))
    chosen = parser.parse_args()
    header("Drift of ten columns among thirty", "mulle", "polars", "onnxruntime")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = model(folder, chosen.rows)
        here = str(folder / "here.parquet")
        made(chosen.rows, 0, moved=False).write_parquet(here)
        for rows in (chosen.rows, 500, 50):
            runs: dict[str, list[dict | str]] = {"mulle": []}
            for seed in range(1, chosen.seeds + 1):
                there = str(folder / f"there-{rows}-{seed}.parquet")
                made(rows, seed, moved=True).write_parquet(there)
                runs["mulle"].append(measured(sys.executable, MULLE, bundle, here, there))
                for peer, (_, code) in PEERS.items() if chosen.peers else ():
                    found = measured(str(chosen.peers), code, bundle, here, there)
                    runs.setdefault(peer, []).append(found)
            table(f"{chosen.rows:,} x 30 against {rows:,} x 30, {chosen.seeds} seeds", runs)


if __name__ == "__main__":
    main()
