"""Models and windows that false alarms are measured with, and the file that the counts stand in.

Windows are drawn in blocks, each with a seed of its own, and what was found in a block is one line
of a file: a run that ends early is carried on by the next one, and several runs add up.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from watch_worlds import World, moved

POOL = 100_000  # rows that are drawn, read and predicted at once, at most
BLOCK = 100  # windows of a block, at most
PATIENCE = 1_800  # seconds for a fit, so that a busy machine ends none
PLAN = """
[[plan]]
name = "line"
learner = "linear"

[[plan.features]]
columns = ["normal", "count", "lacking"]
steps = [{ step = "Impute" }, { step = "StandardScale" }]

[[plan.features]]
columns = ["letter", "rare"]
steps = [{ step = "OneHot" }]
"""


class Fitted(NamedTuple):
    """A model and what its windows are compared with."""

    world: World
    model: Any
    reference: Any


class Case(NamedTuple):
    """What is measured: windows of so many rows of a model, and a share of the rows that moves."""

    part: str
    model: str
    rows: int
    move: str = ""
    share: float = 0.0

    @property
    def change(self) -> tuple[str, float] | None:
        """What moves, as `moved` takes it."""
        return (self.move, self.share) if self.move else None


def fit(world: World, folder: Path, seed: int = 0) -> Fitted:
    """Fit a model on rows of a world; one that the folder has is read again."""
    import mulle
    from mulle.bundle import load
    from mulle.verbs.watch import Reference

    old = folder / world.name / "table.mulle"
    if old.exists():
        model = load(old)
        return Fitted(world, model, Reference.of(model))
    folder.mkdir(parents=True, exist_ok=True)
    plan = folder / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    fitted = mulle.fit(
        world.draw(np.random.default_rng(seed), world.rows), world.target, preset="quick",
        **({"trials": 2} if world.name == "regression" else {"plan": plan, "time": PATIENCE}),
        kinds={"text": "text"}, output=str(folder / world.name), n_jobs=1, seed=seed,
    )  # fmt: skip
    return Fitted(world, fitted.model, Reference.of(fitted.model))


def draw_block(
    fitted: Fitted, case: Case, count: int, block: int
) -> Iterator[tuple[pl.DataFrame, Any, Any]]:
    """Yield windows of a block: stored columns, predictions, and labels as codes or values."""
    rng = np.random.default_rng([case.rows, block, *case.move.encode(), round(100 * case.share)])
    table, predictions, y = answered(fitted, case.change, rng, count * case.rows)
    for k in range(count):
        at = np.arange(k * case.rows, (k + 1) * case.rows)
        yield table.slice(k * case.rows, case.rows), predictions.take(at), y[at]


def answered(
    fitted: Fitted, change: tuple[str, float] | None, rng: Any, rows: int
) -> tuple[pl.DataFrame, Any, Any]:
    """Draw rows; return their stored columns, predictions, and labels as codes or values."""
    from mulle.graph import arrays
    from mulle.verbs.watch.labels import encode_labels

    drawn = fitted.world.draw(rng, rows)
    if change:
        drawn = moved(drawn, *change, rng)
    table = fitted.model.manifest.schema.validate(drawn)
    return table.frame, fitted.model.predict_arrays(arrays(table)), encode_labels(
        fitted.model, drawn
    ).y  # fmt: skip


def judge(fitted: Fitted, frame: pl.DataFrame, predictions: Any, y: Any) -> Counter[str]:
    """Judge one window as `mulle watch` does; count what was found."""
    from mulle.metrics import metric as named
    from mulle.verbs.watch import Window, compare, performance
    from mulle.verbs.watch.reference import metric_of

    window, metric = Window(fitted.reference), metric_of(fitted.model.manifest)
    window.update(frame, predictions, y)
    before, scores = fitted.reference.score, []
    if len(y) >= 30 and metric.as_gain(metric.score(y, predictions)) < enough(metric, before):
        scores = [performance(metric, y, predictions, before)]
    report = compare(fitted.reference, window, performance=scores)
    guesses = [p for p in report.estimated_performance if p.score is not None]
    real = [named(p.metric).score(y, predictions) for p in guesses]
    inside = [p.low <= r <= p.high for p, r in zip(guesses, real, strict=True)]
    return Counter({
        "windows": 1,
        "drifted": report.dataset_drift,
        "score": any(p.status == "worse" for p in scores),
        "estimate": any(p.status == "worse" for p in guesses),
        "alarm": report.alarm,
        "estimates": len(inside),
        "inside": sum(inside),
    })  # fmt: skip


def enough(metric: Any, before: Any) -> float:
    """Return the gain from which on a score cannot be surely worse: no interval is needed."""
    gain, low = metric.as_gain(before.score), min(map(metric.as_gain, (before.low, before.high)))
    if before.validation is None:
        return float(gain)
    return float(max(min(gain, metric.as_gain(before.validation)), low))


class Found:
    """What was found so far, by case: lines of a file, one a block.

    Attributes:
        path: the file.
        counts: by case, what was counted.
        blocks: by case, how many blocks there are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: dict[Case, Counter[str]] = {}
        self.blocks: Counter[Case] = Counter()
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            case, counts = json.loads(line)
            self._add(Case(*case), Counter(counts))

    def add(self, case: Case, counts: Counter[str]) -> None:
        """Keep what was found in one block."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([list(case), {k: int(v) for k, v in counts.items()}]) + "\n")
        self._add(case, counts)

    def windows(self, case: Case) -> int:
        """Return how many windows were judged."""
        return self.counts.get(case, Counter())["windows"]

    def percent(self, case: Case, part: str, of: str = "windows") -> float | None:
        """Return the share of the windows in which something was found; None without any."""
        counts = self.counts.get(case, Counter())
        return 100 * counts[part] / counts[of] if counts[of] else None

    def _add(self, case: Case, counts: Counter[str]) -> None:
        self.counts.setdefault(case, Counter()).update(counts)
        self.blocks[case] += 1


def block_of(rows: int, left: int) -> int:
    """Return how many windows of so many rows make a block."""
    return max(1, min(BLOCK, POOL // rows, left))


def run_case(fitted: Fitted, case: Case, windows: int, found: Found) -> None:
    """Judge the windows that a case lacks, block by block."""
    while (left := windows - found.windows(case)) > 0:
        drawn = draw_block(fitted, case, block_of(case.rows, left), found.blocks[case])
        counts: Counter[str] = Counter()
        for window in drawn:
            counts.update(judge(fitted, *window))
        found.add(case, counts)
