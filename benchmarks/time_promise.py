"""Is the promise of time kept? Seconds from the start of a process to its exit, over the promise.

Fourteen real tables are fitted with 15 and 60 seconds, alone and beside two busy processes; or,
with --shapes, seven generated ones on which one slow stage once broke the promise. Each table is
split 80 to 20 with a fixed seed; the bundle and LightGBM with its defaults are scored on the same
rows.

With --cpu-clock the fit counts the seconds that its process computes, with one thread: as on one
idle core, whatever else the machine does.

    MULLE_DATA=... python benchmarks/time_promise.py [--tables titanic mpg] [--seconds 15 60]
    python benchmarks/time_promise.py --shapes [--names mixed texts] [--scale 0.1] --cpu-clock
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from common import header, tables
from shapes import SHAPES

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
FIT = """
import atexit, sys, time
clock, computed, *arguments = sys.argv[1:]
if clock == "cpu":
    time.perf_counter = time.process_time
atexit.register(lambda: open(computed, "w", encoding="utf-8").write(str(time.process_time())))
sys.argv = ["mulle", *arguments]
from mulle.cli import main
main()
"""
BUSY = "while True: sum(range(10_000))"


class Case(NamedTuple):
    """A table to fit: rows to learn from, rows to be scored on, and the target."""

    name: str
    train: Path
    test: Path
    target: str


def cases_of_shapes(names: list[str], scale: float, folder: Path) -> Iterator[Case]:
    """Make the generated tables."""
    for name in names:
        yield _split(name, SHAPES[name](scale), "y", folder)


def cases_of_tables(names: list[str], folder: Path) -> Iterator[Case]:
    """Read the real tables."""
    from fit_tables import CSV_TABLES

    for name in names:
        target, dropped = CSV_TABLES[name].target, CSV_TABLES[name].drop
        frame = pl.read_csv(tables() / f"{name}.csv", infer_schema_length=None, null_values="NA")
        unused = [c for c in ("rownames", *dropped) if c in frame.columns]
        yield _split(name, frame.drop(unused).drop_nulls(target), target, folder)


def _split(name: str, frame: pl.DataFrame, target: str, folder: Path) -> Case:
    frame = frame.sample(fraction=1.0, shuffle=True, seed=7)
    test = min(frame.height // 5, 20_000)
    case = Case(name, folder / f"{name}.csv", folder / f"{name}_test.csv", target)
    frame.slice(test).write_csv(case.train)
    frame.head(test).write_csv(case.test)
    return case


def fit(case: Case, seconds: float, folder: Path, *, cpu_clock: bool) -> dict[str, Any]:
    """Fit in a process of its own; return its summary with the seconds from start to exit."""
    computed, output = folder / "computed", folder / f"{case.name}-{seconds:g}"
    command = [sys.executable, "-c", FIT, "cpu" if cpu_clock else "wall", str(computed)]
    command += ["fit", str(case.train), "--target", case.target, "--time", f"{seconds:g}"]
    command += ["-o", str(output), "--format", "json", *(["--jobs", "1"] if cpu_clock else [])]
    environment = dict(os.environ)
    if cpu_clock:
        environment |= dict.fromkeys(THREADS, "1")
    begin = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8"
    )
    wall = time.perf_counter() - begin
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-3:]}
    taken = float(computed.read_text(encoding="utf-8")) if cpu_clock else wall
    return json.loads(done.stdout) | {"taken": taken}


@contextmanager
def beside(count: int) -> Iterator[None]:
    """Keep so many processes busy."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def scores(case: Case, summary: dict[str, Any]) -> tuple[float, float]:
    """Return the scores of the bundle and of LightGBM's defaults on the same rows."""
    import mulle

    metric = summary["metric"]
    found = mulle.evaluate(case.train.parent / summary["bundle"], case.test, metrics=[metric])
    return found[metric], _lightgbm(case, summary["task"], metric, found.labels)


def _lightgbm(case: Case, task: str, metric: str, labels: Any) -> float:
    import numpy as np
    from lightgbm import LGBMClassifier, LGBMRegressor

    from mulle.metrics import metrics_for

    both = [pl.read_csv(path, infer_schema_length=None) for path in (case.train, case.test)]
    x = [_as_pandas(frame.drop(case.target)) for frame in both]
    y = [frame[case.target].to_numpy() for frame in both]
    for name in x[0].select_dtypes("category"):
        x[1][name] = x[1][name].cat.set_categories(x[0][name].cat.categories)
    scorer = metrics_for(task, [metric])[0]
    if task == "regression":
        return scorer.score_at(y[1], LGBMRegressor(verbose=-1).fit(x[0], y[0]).predict(x[1]))
    model = LGBMClassifier(verbose=-1).fit(x[0], y[0].astype(str))
    names = [str(label) for label in labels]
    order = [model.classes_.tolist().index(name) for name in names]
    codes = np.array([names.index(label) for label in y[1].astype(str)])
    return scorer.score_at(codes, model.predict_proba(x[1])[:, order])


def _as_pandas(frame: pl.DataFrame) -> Any:
    strings = [name for name, kind in frame.schema.items() if kind == pl.String]
    frame = frame.with_columns(pl.col(strings).cast(pl.Categorical))
    plain = frame.to_pandas()
    plain.columns = [f"f{i}" for i in range(plain.shape[1])]
    return plain


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return what was asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, nargs="*", default=[15, 60])
    parser.add_argument("--tables", nargs="*", default=None)
    parser.add_argument("--shapes", action="store_true")
    parser.add_argument("--names", nargs="*", default=list(SHAPES))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--beside", type=int, nargs="*", default=[0, 2])
    parser.add_argument("--cpu-clock", action="store_true")
    parser.add_argument("--without-scores", action="store_true")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def main() -> None:
    """Fit all tables; print promised and taken seconds, and the scores."""
    options = options_of()
    warnings.simplefilter("ignore")
    if not options.json:
        header("The promise of time", "mulle", "lightgbm", "scikit-learn", "polars")
        print(f"{'table':18}{'beside':>7}{'promised':>9}{'taken':>8}{'ratio':>7}"
              f"{'its own':>9}{'metric':>10}{'mulle':>9}{'LightGBM':>9}")  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.shapes:
            cases = cases_of_shapes(options.names, options.scale, folder)
        else:
            from fit_tables import CSV_TABLES

            cases = cases_of_tables(options.tables or list(CSV_TABLES), folder)
        for case in cases:
            for seconds in options.seconds:
                for count in [0] if options.cpu_clock else options.beside:
                    with beside(count):
                        summary = fit(case, seconds, folder, cpu_clock=options.cpu_clock)
                    _print(case, seconds, count, summary, options)


def _print(
    case: Case, seconds: float, count: int, summary: dict[str, Any], options: argparse.Namespace
) -> None:
    if "failed" in summary:
        print(json.dumps({"name": case.name} | summary) if options.json else summary, flush=True)
        return
    found = (float("nan"), float("nan"))
    if not options.without_scores:
        found = scores(case, summary)
    taken, own = summary["taken"], summary["budget"]["actual_s"]
    learners = [row["learner"] for row in summary["leaderboard"] if row["weight"] > 0]
    if options.json:
        row = {"name": case.name, "promised": seconds, "taken": taken, "own": own}
        row |= {"learners": learners, "scores": found, "run": summary["run"]}
        print(json.dumps(row), flush=True)
        return
    print(f"{case.name:18}{count:7}{seconds:9.0f}{taken:8.2f}{taken / seconds:7.3f}{own:9.2f}"
          f"{summary['metric']:>10}{found[0]:9.4f}{found[1]:9.4f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
