"""A fit on a cluster of Ray against one on processes: plans tried in the same time, none lost.

Each is a process of its own with two workers, on the same table and the same promise. In the third
run a worker is killed in the middle of the search: its task is tried once more, so that no plan
fails. The cluster is started for the run, which is part of its time.

    python benchmarks/fit_ray.py [--seconds 60] [--rows 2000]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psutil
from common import header

TARGET = "y"
COLUMNS = 20


def make_table(path: Path, rows: int) -> None:
    """Write a table of numbers and towns, of which two thirds of the labels can be known."""
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(rows, COLUMNS))
    towns = rng.integers(0, 12, rows)
    bent = np.sin(numbers[:, 0] * 2) + numbers[:, 1] * numbers[:, 2] + (towns % 3) * 0.7
    label = bent + rng.normal(size=rows) > np.median(bent)
    columns = {f"x{i}": numbers[:, i] for i in range(COLUMNS)}
    columns |= {"town": [f"town {t}" for t in towns], TARGET: label.astype(int)}
    pl.DataFrame(columns).write_csv(path)


def fit(folder: Path, name: str, options: list[str], *, kill: bool = False) -> dict[str, Any]:
    """Fit the table, and return what its run says; kill a worker after the second plan if asked."""
    command = [sys.executable, "-m", "mulle", "fit", "t.csv", "--target", TARGET, "-o", name]
    run = subprocess.Popen(
        [*command, "--jobs", "2", "--format", "json", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert run.stderr is not None and run.stdout is not None
    done, line = 0, ""
    for line in run.stderr:
        done += "best so far" in line
        if kill and done >= 2:
            kill = not kill_worker(run.pid)
    if run.wait():
        sys.exit(f"the run {name} failed: {line}")
    assert not kill, "the search ended before a worker was killed"
    summary = json.loads(run.stdout.read())
    log = (folder / ".mulle" / "runs" / summary["run"] / "decisions.jsonl").read_text("utf-8")
    codes = [json.loads(line)["code"] for line in log.splitlines()]
    return {
        "plans": codes.count("plan-tried"),
        "failed": codes.count("plan-failed"),
        "test": summary["score"]["test"],
        "taken": summary["budget"]["actual_s"],
    }


def kill_worker(parent: int) -> bool:
    """Kill one of the actors of a run; return whether any has started by now."""
    actors = [
        child
        for child in psutil.Process(parent).children(recursive=True)
        if "ray::_Host" in " ".join(child.cmdline())
    ]
    for actor in actors[:1]:
        actor.kill()
    return bool(actors)


def main() -> None:
    """Fit three times, and print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rows", type=int, default=2_000)
    options = parser.parse_args()
    header("Two workers of Ray against two processes", "mulle", "ray", "joblib", "lightgbm")
    promise = ["--time", f"{options.seconds:g}"]
    print(f"{'workers':22}" + "".join(f"{n:>10}" for n in ("plans", "failed", "test", "taken")))
    with tempfile.TemporaryDirectory() as folder:
        make_table(Path(folder) / "t.csv", options.rows)
        runs = {
            "processes": fit(Path(folder), "a", promise),
            "ray": fit(Path(folder), "b", [*promise, "--on", "ray"]),
            "ray, one killed": fit(Path(folder), "c", [*promise, "--on", "ray"], kill=True),
        }
    for name, found in runs.items():
        cells = "".join(f"{found[key]:10.4g}" for key in ("plans", "failed", "test", "taken"))
        print(f"{name:22}{cells}")
    ratio = runs["ray"]["plans"] / runs["processes"]["plans"]
    print(f"\nplans of Ray over plans of processes: {ratio:.2f}")


if __name__ == "__main__":
    main()
