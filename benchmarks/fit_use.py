"""What a fit does with its time: share of the promise that the search had, cores used, share kept.

Each table is fitted in a process of its own. `search` is the share of the promise from the first
plan to the end of the search; `cores` the processor seconds of the process and its workers over the
seconds of the run; `kept` the share of the plans' seconds that went to members of the blend; `a CPU
second` the plans finished in one, which other work on the machine disturbs least.

    MULLE_DATA=... python benchmarks/fit_use.py [--tables titanic mpg] [--seconds 60] [--jobs 2]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from common import header, tables
from fit_tables import CSV_TABLES

FIT = """
import resource, sys
sys.argv = ["mulle", *sys.argv[1:]]
from mulle.cli import main
try:
    main()
finally:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print("cpu", sum(u.ru_utime + u.ru_stime for u in used), file=sys.stderr)
"""


def fit(name: str, seconds: float, jobs: int, folder: Path) -> dict[str, float]:
    """Fit a table, and return what was done with the time."""
    target, dropped = CSV_TABLES[name].target, CSV_TABLES[name].drop
    frame = pl.read_csv(tables() / f"{name}.csv", infer_schema_length=None, null_values="NA")
    unused = [c for c in ("rownames", *dropped) if c in frame.columns]
    frame.drop(unused).drop_nulls(target).write_csv(folder / f"{name}.csv")
    command = [sys.executable, "-c", FIT, "fit", f"{name}.csv", "--target", target]
    command += ["--time", f"{seconds:g}", "--jobs", str(jobs), "--format", "json", "-o", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True)
    cpu = float(done.stderr.rpartition("cpu ")[2].split()[0])
    summary = json.loads(done.stdout)
    run = folder / ".mulle" / "runs" / summary["run"]
    log = (run / "decisions.jsonl").read_text(encoding="utf-8")
    return use_of([json.loads(line) for line in log.splitlines()], summary, seconds, cpu)


def use_of(
    decisions: list[dict[str, Any]], summary: dict[str, Any], seconds: float, cpu: float
) -> dict[str, float]:
    """Return the shares, from the decisions and the summary of a run."""
    begun = min(d["at"] for d in decisions if d["code"] == "validation-chosen")
    ended = max(d["at"] for d in decisions if d["code"] == "search-stopped")
    tried = [d["values"] for d in decisions if d["code"] == "plan-tried"]
    kept = {row["name"] for row in summary["leaderboard"] if row["weight"] > 0}
    spent = sum(plan["seconds"] for plan in tried)
    taken = summary["budget"]["actual_s"]
    return {
        "search": (ended - begun) / seconds,
        "cores": cpu / taken,
        "kept": sum(p["seconds"] for p in tried if p["plan"] in kept) / max(spent, 1e-9),
        "plans": float(len(tried)),
        "a CPU second": len(tried) / cpu,
        "test": summary["score"]["test"],
        "taken": taken,
    }


def main() -> None:
    """Fit the tables, and print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", nargs="*", default=list(CSV_TABLES))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    header("What a fit does with its time", "mulle", "lightgbm", "joblib")
    names = ("search", "cores", "kept", "plans", "a CPU second", "test", "taken")
    print(f"{'table':14}" + "".join(f"{name:>14}" for name in names))
    with tempfile.TemporaryDirectory() as folder:
        for table in options.tables:
            found = fit(table, options.seconds, options.jobs, Path(folder))
            cells = "".join(f"{found[name]:14.4g}" for name in names)
            print(f"{table:14}{cells}", flush=True)


if __name__ == "__main__":
    main()
