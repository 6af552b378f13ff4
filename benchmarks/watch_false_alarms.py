"""How often `watch` raises a false alarm, and how small a move it finds, by the size of the window.

Five models, from generators: of two classes, of three, of a value, of 1,500 rows only, and of a
hundred columns; among them numbers of four shapes, categories, dates and texts. Windows of 1, 5,
20, 100, 1,000 and 10,000 rows are drawn anew for every window (never resampled test rows), judged
as `mulle watch` judges them, and counted: the score surely worse, its estimate without labels
surely worse, anything drifted (any column, the labels or the predictions), the whole alarm. Beside
it the share of windows whose real score lies in the 95 % interval of the estimate, and the power:
the share of windows in which a move of 2, 5, 9 and 20 % of the rows is found.

    pip install .
    python benchmarks/watch_false_alarms.py [--windows 1000] [--peers PYTHON]
        [--peer-windows 20] [--picture FILE]

Peers are run with the Python given as --peers or in the environment variable WATCH_PEERS
(`pip install evidently nannyml`), on the same windows of the model of two classes, fewer of them.

Caveats: of windows of 1,000 rows half as many are drawn, of 10,000 rows a tenth, and a quarter of
each for the power; a score that is no lower than before gets no bootstrap interval here, since it
cannot be worse. The peers see no dates and no texts. Evidently: its preset, read in two ways:
whether it counts any column as drifted, and its own verdict, which wants half of them. NannyML:
univariate drift (any column), and CBPE of ROC AUC, its defaults with chunks as long as the window.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from common import header
from watch_peers import peer_counts
from watch_worlds import MOVES, WORLDS, World, moved

SIZES = (1, 5, 20, 100, 1_000, 10_000)
SHARES = (0.02, 0.05, 0.09, 0.2)
POOL = 100_000  # rows that are drawn, read and predicted at once


class Judged(NamedTuple):
    """What was found in one window."""

    drifted: bool
    score: bool
    estimate: bool
    alarm: bool
    covered: list[bool]  # whether the real score lies in the interval, for each estimate


class Fitted(NamedTuple):
    """A model and what its windows are compared with."""

    world: World
    model: Any
    reference: Any


def fit(world: World, folder: Path) -> Fitted:
    """Fit a model on rows of a world."""
    import mulle
    from mulle.verbs.watch import Reference

    rows = world.draw(np.random.default_rng(0), world.rows)
    fitted = mulle.fit(
        rows, world.target, preset="quick", trials=2, kinds={"text": "text"},
        output=str(folder / world.name), n_jobs=1,
    )  # fmt: skip
    return Fitted(world, fitted.model, Reference.of(fitted.model))


def drawn(fitted: Fitted, size: int, count: int, change: tuple[str, float] | None, seed: int
          ) -> Iterator[tuple[pl.DataFrame, Any, Any]]:  # fmt: skip
    """Yield windows: stored columns, predictions, and labels as codes or values."""
    from mulle.graph import arrays
    from mulle.verbs.watch.labels import encode_labels

    rng, model = np.random.default_rng([seed, size]), fitted.model
    at_once = max(1, POOL // size)
    for begin in range(0, count, at_once):
        some = min(at_once, count - begin)
        rows = fitted.world.draw(rng, some * size)
        if change:
            rows = moved(rows, *change, rng)
        table = model.manifest.schema.validate(rows)
        predictions = model.predict_arrays(arrays(table))
        y = encode_labels(model, rows).y
        for k in range(some):
            at = np.arange(k * size, (k + 1) * size)
            yield table.frame.slice(k * size, size), predictions.take(at), y[at]


def judged(fitted: Fitted, frame: pl.DataFrame, predictions: Any, y: Any) -> Judged:
    """Judge one window as `mulle watch` does."""
    from mulle.metrics import metric as named
    from mulle.verbs.watch import Window, compare, performance
    from mulle.verbs.watch.reference import metric_of

    window, metric = Window(fitted.reference), metric_of(fitted.model.manifest)
    window.update(frame, predictions, y)
    before, scores = fitted.reference.score, []
    with np.errstate(all="ignore"):
        now = metric.as_gain(metric.score(y, predictions)) if len(y) >= 30 else np.nan
    if now < metric.as_gain(before.score):  # else it cannot be worse
        scores = [performance(metric, y, predictions, before)]
    report = compare(fitted.reference, window, performance=scores)
    guesses = [p for p in report.estimated_performance if p.score is not None]
    real = [named(p.metric).score(y, predictions) for p in guesses]
    return Judged(
        report.dataset_drift,
        any(p.status == "worse" for p in scores),
        any(p.status == "worse" for p in guesses),
        report.alarm,
        [p.low <= r <= p.high for p, r in zip(guesses, real, strict=True)],
    )


def counted(
    fitted: Fitted, size: int, count: int, change: tuple[str, float] | None = None, seed: int = 1
) -> list[Judged]:
    """Judge as many windows of a size."""
    return [judged(fitted, *window) for window in drawn(fitted, size, count, change, seed)]


def share(found: list[Judged], part: str) -> float:
    """Return the share of windows in which a part of the verdict raised an alarm."""
    return float(np.mean([getattr(one, part) for one in found]))


def windows_of(size: int, windows: int) -> int:
    """Return how many windows of a size are judged."""
    return max(10, windows // {1_000: 2, 10_000: 10}.get(size, 1))


def false_alarms(models: list[Fitted], windows: int) -> None:
    """Print the shares of false alarms by model and size, in percent."""
    print("False alarms, % of windows (aim: at most 1)\n")
    print(f"{'model':12}{'rows':>7}{'windows':>9}{'score':>8}{'estimate':>10}{'drifted':>9}"
          f"{'alarm':>7}{'in interval':>13}")  # fmt: skip
    for fitted in models:
        for size in SIZES:
            found = counted(fitted, size, windows_of(size, windows))
            inside = [c for one in found for c in one.covered]
            covered = f"{100 * np.mean(inside):.1f}" if inside else "–"
            shares = [100 * share(found, p) for p in ("score", "estimate", "drifted", "alarm")]
            print(f"{fitted.world.name:12}{size:7,}{len(found):9,}{shares[0]:8.1f}{shares[1]:10.1f}"
                  f"{shares[2]:9.1f}{shares[3]:7.1f}{covered:>13}", flush=True)  # fmt: skip
    print()


def power(fitted: Fitted, windows: int) -> dict[tuple[str, int], list[float]]:
    """Print and return the share of windows in which each move is found, in percent."""
    print(f"Moves found, % of windows, model {fitted.world.name}\n")
    print(f"{'what moves':14}{'rows':>7}{'windows':>9}" + "".join(f"{s:>8.0%}" for s in SHARES))
    curves: dict[tuple[str, int], list[float]] = {}
    parts = {**dict.fromkeys(MOVES, "drifted"), "labels": "score", "doubt": "estimate"}
    for how, part in parts.items():
        for size in SIZES[3:]:
            count = max(10, windows_of(size, windows) // 4)
            found = [counted(fitted, size, count, (how, s), seed=2) for s in SHARES]
            curves[how, size] = [100 * share(f, part) for f in found]
            numbers = "".join(f"{v:8.0f}" for v in curves[how, size])
            print(f"{how:14}{size:7,}{count:9,}{numbers}", flush=True)
    print("\nlabels: a share of the labels is flipped, the score; doubt: a share of the rows is")
    print("made uncertain, the estimate without labels; else one column of ten, the drift\n")
    return curves


def peers(fitted: Fitted, python: str, folder: Path, windows: int) -> None:
    """Print what the peers find in the same windows."""
    print(f"The same windows, {windows} each: % with an alarm\n")
    print(f"{'':20}{'':>7}{'mulle:':>8}{'':>10}{'Evidently:':>12}{'':>8}{'NannyML:':>10}")
    print(f"{'what moves':20}{'rows':>7}{'drift':>8}{'estimate':>10}{'any column':>12}{'half':>8}"
          f"{'any':>10}{'CBPE':>7}")  # fmt: skip
    changes = [None, ("number", 0.05), ("number", 0.2), ("category", 0.2)]
    reference = fitted.world.draw(np.random.default_rng(0), fitted.world.rows)
    for change in changes:
        for size in SIZES[3:]:
            some = list(drawn(fitted, size, windows, change, seed=3))
            ours = [judged(fitted, *window) for window in some]
            theirs = peer_counts(python, folder, fitted.model, reference, some)
            name = f"{change[0]} {change[1]:.0%}" if change else "nothing"
            print(f"{name:20}{size:7,}{100 * share(ours, 'drifted'):8.0f}"
                  f"{100 * share(ours, 'estimate'):10.0f}{theirs['evidently']:>12}"
                  f"{theirs['preset']:>8}{theirs['nannyml']:>10}{theirs['cbpe']:>7}",
                  flush=True)  # fmt: skip
    print()


def draw(curves: dict[tuple[str, int], list[float]], path: Path) -> None:
    """Draw the power by the share of rows that moved, with mulle's own charts."""
    from mulle.report import charts

    shares = [0.0, *(100 * s for s in SHARES)]
    lines = {
        f"{name}{size:,} rows": (shares, [0.0, *curves[how, size]])
        for how, name, sizes in (("number", "", SIZES[3:]), ("labels", "labels, ", (1_000,)))
        for size in sizes
    }
    drawing = charts.line(lines, "% of rows that moved", "% of windows with an alarm")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(drawing.svg(alone=True), encoding="utf-8")
    print(f"picture   {path}")


def main() -> None:
    """False alarms of five models, the power of one, and the peers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=1_000)
    parser.add_argument("--peers", default=os.environ.get("WATCH_PEERS"))
    parser.add_argument("--peer-windows", type=int, default=20)
    parser.add_argument("--picture", type=Path, default=None)
    chosen = parser.parse_args()
    header("False alarms and power of the verdict", "mulle", "polars", "onnxruntime")
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        models = [fit(world, Path(name)) for world in WORLDS]
        false_alarms(models, chosen.windows)
        curves = power(models[0], chosen.windows)
        if chosen.picture:
            draw(curves, chosen.picture)
        if chosen.peers:
            peers(models[0], chosen.peers, Path(name), chosen.peer_windows)
    print(f"{time.process_time() - begin:.0f} seconds of processor time")


if __name__ == "__main__":
    main()
