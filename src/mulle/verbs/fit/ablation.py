"""What the steps and columns of a plan are worth: each is left out, and the score compared.

The plan is trained again on the folds of its run, as it is and without each part. What counts is
the change of the score, fold by fold: its mean, and the 95 % interval of Student's t over folds.
Folds share training rows, so the interval is a little too narrow (Nadeau and Bengio 2003).

catalogue  scale-why tune-steps
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np

from mulle.errors import RunError, UnknownName
from mulle.metrics import Metric, metrics_for
from mulle.verbs.fit.attempt import Attempt
from mulle.verbs.fit.deliver import Result
from mulle.verbs.fit.folds import divide
from mulle.verbs.fit.memory import Memory
from mulle.verbs.fit.past_run import PastRun, folder_of, open_run
from mulle.verbs.fit.plan import Plan, read_plans
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.run import Run
from mulle.verbs.fit.validation import Training

Verdict = Literal["helps", "hurts", "unclear", "needed", "no-time"]
_CONFIDENCE = 0.975  # of one side of the interval
_STATUS: dict[str, Verdict] = {"failed": "needed", "stopped": "no-time"}


class Removed(NamedTuple):
    """A part of a plan, and how the plan does without it.

    Attributes:
        step: that was left out; "" where the columns were.
        columns: that the step changes, or that were left out.
        score: without the part; None where there is none.
        gain: by how much the plan is better with the part, mean over folds; above 0 it helps.
        low, high: the interval of the gain; None with one fold.
        verdict: whether it `helps` or `hurts` for sure, is `needed` by the learner, or there was
            `no-time` to try.
    """

    step: str
    columns: list[str]
    score: float | None = None
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict = "unclear"


@dataclass(frozen=True)
class Ablation:
    """What was found for a plan.

    Attributes:
        run: its id.
        plan: the name of the plan.
        metric: what its folds are scored by.
        score: the mean over folds of the plan as it is.
        parts: what was left out, the most useful first.
    """

    run: str
    plan: str
    metric: str
    score: float
    parts: list[Removed]


def ablate(
    run: str | Path | Result,
    *,
    plan: str | None = None,
    source: Any = None,
    time: float | None = None,
    progress: Progress | None = None,
) -> Ablation:
    """Leave out each step and each group of columns of a plan in turn, and compare the scores.

    Args:
        run: id or folder of a run, a model that one has made, or the result of `fit`.
        plan: the name of one of its plans; the one of most weight if None.
        source: the table, where the run cannot find it any more; it must be the same.
        time: seconds after which nothing more is begun; what is then left is named.
        progress: hears of each part as it is done.

    Raises:
        MissingFile: there is no such run.
        UnknownName: it has no such plan.
        UsageError: its table is not there.
        DataError: the table has changed since.
        RunError: the plan cannot be trained again.
    """
    end = math.inf if time is None else _now() + time
    past = open_run(folder_of(run), source)
    chosen = _plan(past, plan)
    training, metric = _training(past), metrics_for(past.data.target.task, [past.record.metric])[0]
    whole = _try(chosen, training, metric, math.inf)
    if whole.status != "done":
        raise RunError("plan-again", plan=chosen.name, reason=whole.reason)
    heard, parts = progress or Progress(), []
    others = list(_others(chosen))
    for number, (part, without) in enumerate(others):
        left = end - _now()
        trial = _try(without, training, metric, left) if left > 0 else None
        status = "stopped" if trial is None else trial.status
        if trial is None or status != "done":
            found = part._replace(verdict=_STATUS.get(status, "needed"))
        else:
            found = _compare(part, whole.fold_scores, trial.fold_scores, trial.score, metric)
        parts.append(found)
        heard.fold(chosen.name, number + 1, len(others))
    parts.sort(key=lambda found: math.inf if found.gain is None else -found.gain)
    return Ablation(past.record.id, chosen.name, metric.name, whole.score, parts)


def _now() -> float:
    return time.perf_counter()


def _plan(past: PastRun, name: str | None) -> Plan:
    """Return a plan of a run, as it was tried."""
    tried = Run(past.folder, past.settings, past.record, 0.0).trials()
    plans = {trial.plan.name: trial.plan for trial, oof in tried if oof is not None}
    shipped = read_plans(past.folder / "plan.toml")
    if name is None:
        name = max(shipped, key=lambda plan: plan.weight or 0.0).name
    if name not in plans:
        raise UnknownName("ablation-plan", "plan", name, plans, str(past.folder))
    return plans[name]


def _training(past: PastRun) -> Training:
    rows, target, seed = past.data.train, past.data.target, past.settings.seed
    return Training(
        target,
        rows.columns,
        rows.y,
        rows.weight,
        divide(rows, target, seed, past.folds),
        n_jobs=past.settings.n_jobs or -1,
        seed=seed,
        threshold=past.threshold,
        memory=Memory(past.settings.memory),
    )


def _try(plan: Plan, training: Training, metric: Metric, seconds: float) -> Any:
    """Return what comes of a plan on all folds."""
    attempt = Attempt(plan, training, seconds=seconds)
    attempt.do_here()
    return attempt.trial(metric)[0]


def _others(plan: Plan) -> Iterator[tuple[Removed, Plan]]:
    """Yield each part of a plan, with the plan without it."""
    for at, block in enumerate(plan.features):

        def replaced(new: Any, at: int = at) -> Plan:
            blocks = [*plan.features[:at], *new, *plan.features[at + 1 :]]
            return msgspec.structs.replace(plan, features=blocks)

        for number, step in enumerate(block.steps):
            rest = [*block.steps[:number], *block.steps[number + 1 :]]
            without = msgspec.structs.replace(block, steps=rest)
            yield Removed(str(step["step"]), block.columns), replaced([without])
        if len(plan.features) > 1:
            yield Removed("", block.columns), replaced([])


def _compare(
    part: Removed, whole: list[float], without: list[float], score: float, metric: Metric
) -> Removed:
    """Return by how much a plan is better with a part, fold by fold."""
    pairs = zip(whole, without, strict=True)
    gains = np.array([metric.as_gain(ours) - metric.as_gain(theirs) for ours, theirs in pairs])
    gain = float(gains.mean())
    if len(gains) < 2:
        return part._replace(score=score, gain=gain)
    from scipy.stats import t

    half = t.ppf(_CONFIDENCE, len(gains) - 1) * gains.std(ddof=1) / math.sqrt(len(gains))
    low, high = gain - float(half), gain + float(half)
    verdict: Verdict = "helps" if low > 0 else "hurts" if high < 0 else "unclear"
    return part._replace(score=score, gain=gain, low=low, high=high, verdict=verdict)
