"""How good a model is after the same promised time: mulle against AutoGluon, FLAML and others.

Tables are split several times; every system learns from the same 80 % of a split, in a process of
its own, and is scored on the same 20 %. What is measured of a (table, split, system, seconds) is
appended to a file, and never measured again: a run that was stopped goes on, and peers run once.

The decision is the paired logarithm of the errors, mulle's over the peer's: its mean over splits,
then over tables, with the 95 % interval of Student's t over tables (splits of one table are not
independent; source: Nadeau and Bengio, "Inference for the generalization error", 2003).

    python fit_quality.py --make-environments FOLDER
    MULLE_DATA=... python fit_quality.py --environments FOLDER [--seconds 60] [--splits 3]
        [--systems mulle flaml ...] [--tables titanic ...] [--results FILE] [--report]
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from common import header
from fit_tables import LONG, TABLES
from scipy.stats import t

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "fit_quality.jsonl"
OURS = "mulle"
REQUIREMENTS = {  # an environment of each; systems that share one are named by its first word
    "autogluon": ["autogluon.tabular[lightgbm,catboost,xgboost,fastai]==1.6.3", "torch==2.13.0"],
    "flaml": ["flaml[automl]", "lightgbm", "scikit-learn"],
    "mljar": ["mljar-supervised"],
}
SYSTEMS = ("mulle", "autogluon-medium", "autogluon-best", "flaml", "lightgbm", "histgb")
LONG_SECONDS = 300
TIE = 0.01  # of the error: a smaller difference is called a tie
GRACE = 900.0  # seconds beyond the promise before a system is given up

Row = dict[str, Any]
Key = tuple[str, int, str, float]


def key_of(row: Row) -> Key:
    """Return what a measurement is of."""
    return row["table"], row["split"], row["system"], row["seconds"]


def read_results(path: Path) -> dict[Key, Row]:
    """Return what was measured; the later of two measurements of the same counts."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
    return {key_of(row): row for row in rows}


def python_of(system: str, environments: Path | None) -> str:
    """Return the interpreter of a system: of its own environment where there is one."""
    if environments is not None:
        own = environments / system.split("-")[0] / "bin" / "python"
        if own.exists():
            return str(own)
    return sys.executable


def make_environments(folder: Path) -> None:
    """Make an environment for each peer."""
    for name, packages in REQUIREMENTS.items():
        subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
        pip = [folder / name / "bin" / "python", "-m", "pip", "install", "-q"]
        subprocess.run([*pip, *packages, "pyarrow", "pandas", "scikit-learn"], check=True)


def measure(key: Key, python: str) -> Row:
    """Fit a system in a process of its own."""
    table, split, system, seconds = key
    command = [python, str(HERE / "fit_systems.py"), system, table, str(split), str(seconds)]
    row = {"table": table, "split": split, "system": system, "seconds": seconds}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds + GRACE, check=False
        )
    except subprocess.TimeoutExpired:
        return row | {"failed": f"no answer after {seconds + GRACE:.0f} s"}
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        return row | {"failed": lines[-1][:300]}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def run(keys: list[Key], path: Path, environments: Path | None) -> None:
    """Measure what has not been measured yet, and append it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = read_results(path)
    for key in keys:
        if key in known:
            continue
        row = measure(key, python_of(key[2], environments))
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        said = row.get("failed") or f"{row['error']:.5f} in {row['taken']:.1f} s"
        print(f"{key[0]:16} {key[1]} {key[2]:18} {said}", flush=True)


def log_ratios(rows: dict[Key, Row], peer: str, seconds: float) -> dict[str, list[float]]:
    """Return, a table, the logarithms of mulle's error over the peer's, a split each."""
    found: dict[str, list[float]] = defaultdict(list)
    for (table, split, system, promised), row in rows.items():
        other = rows.get((table, split, peer, promised))
        if system != OURS or promised != seconds or other is None:
            continue
        if "failed" not in row and "failed" not in other:
            least = 1e-6  # an AUC of 1 has no logarithm
            ours, theirs = max(row["error"], least), max(other["error"], least)
            found[table].append(math.log(ours / theirs))
    return found


def interval(means: np.ndarray) -> tuple[float, float, float]:
    """Return the mean ratio over tables, and the ends of its 95 % interval."""
    mean = means.mean()
    if len(means) < 2:
        return math.exp(mean), math.nan, math.nan
    half = t.ppf(0.975, len(means) - 1) * means.std(ddof=1) / math.sqrt(len(means))
    return math.exp(mean), math.exp(mean - half), math.exp(mean + half)


def report(rows: dict[Key, Row], seconds: float) -> None:
    """Print errors, the comparison with each peer, and what else was measured."""
    systems = sorted({key[2] for key in rows if key[3] == seconds}, key=lambda s: (s != OURS, s))
    _print_errors(rows, systems, seconds)
    print(
        f"\n{'against':18}{'tables':>7}{'error ratio':>13}{'95 % interval':>18}{'won':>5}", end=""
    )
    print(f"{'tied':>6}{'lost':>6}")
    for peer in systems:
        ratios = log_ratios(rows, peer, seconds)
        if peer == OURS or not ratios:
            continue
        means = np.array([np.mean(values) for values in ratios.values()])
        ratio, low, high = interval(means)
        tied = np.abs(np.expm1(means)) < TIE
        counts = [(~tied & (means < 0)).sum(), tied.sum(), (~tied & (means > 0)).sum()]
        print(f"{peer:18}{len(means):7}{ratio:13.3f}{low:9.3f} to {high:.3f}", end="")
        print("".join(f"{count:6}" for count in counts))
    _print_costs(rows, systems, seconds)


def _print_errors(rows: dict[Key, Row], systems: list[str], seconds: float) -> None:
    print(f"error after {seconds:.0f} promised seconds (1 - AUC, log loss or RMSE; mean of splits)")
    print(f"{'table':16}" + "".join(f"{s:>18}" for s in systems))
    for table in TABLES:
        cells = []
        for system in systems:
            of_it = [r for k, r in rows.items() if (k[0], k[2], k[3]) == (table, system, seconds)]
            errors = [r["error"] for r in of_it if "failed" not in r]
            failed = " failed" if len(errors) < len(of_it) else ""
            cells.append(f"{np.mean(errors):.5f}{failed}" if errors else failed.strip() or "-")
        if any(cell != "-" for cell in cells):
            print(f"{table:16}" + "".join(f"{cell:>18}" for cell in cells))


def _print_costs(rows: dict[Key, Row], systems: list[str], seconds: float) -> None:
    names = ("taken", "memory_mb", "size_mb", "frame_ms", "dict_ms", "rows_a_second")
    print(f"\n{'median of':18}" + "".join(f"{name:>15}" for name in names) + f"{'longest s':>12}")
    for system in systems:
        of_it = [r for k, r in rows.items() if (k[2], k[3]) == (system, seconds)]
        of_it = [r for r in of_it if "failed" not in r]
        cells = []
        for name in names:
            values = [r[name] for r in of_it if r.get(name) is not None]
            cells.append(f"{np.median(values):15.2f}" if values else f"{'-':>15}")
        longest = max((r["taken"] for r in of_it), default=math.nan)
        print(f"{system:18}" + "".join(cells) + f"{longest:12.1f}")


def main() -> None:
    """Measure what is missing, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--make-environments", type=Path, metavar="FOLDER")
    parser.add_argument("--environments", type=Path, metavar="FOLDER")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--systems", nargs="*", default=list(SYSTEMS))
    parser.add_argument("--tables", nargs="*")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--report", action="store_true", help="measure nothing")
    options = parser.parse_args()
    if options.make_environments:
        make_environments(options.make_environments)
        return
    header("Test error after the same promised time", "mulle")
    tables = options.tables or (LONG if options.seconds >= LONG_SECONDS else list(TABLES))
    keys = [
        (table, split, system, options.seconds)
        for split in range(options.splits)
        for table in tables
        for system in options.systems
    ]
    if not options.report:
        run(keys, options.results, options.environments)
    report(read_results(options.results), options.seconds)


if __name__ == "__main__":
    main()
