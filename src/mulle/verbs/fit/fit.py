"""`fit`: from a table to a proven model file, in six stages that share one budget."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from time import perf_counter as clock
from typing import Any, Literal

import numpy as np

from mulle.errors import DataError, RunError, UsageError
from mulle.files import Lock
from mulle.i18n import Lang
from mulle.language import check_language
from mulle.metrics import HALF, Metric, metrics_for
from mulle.table import read_options
from mulle.verbs.fit.board import Leaderboard
from mulle.verbs.fit.data import Data, prepare
from mulle.verbs.fit.deliver import Result, write_result
from mulle.verbs.fit.destination import Destination, check_place_and_room
from mulle.verbs.fit.encode import encode_texts, encoder_of
from mulle.verbs.fit.executor import Workers, begin_workers
from mulle.verbs.fit.feature_maker import FeatureMaker
from mulle.verbs.fit.fetch import check_address, fetched, without_secrets
from mulle.verbs.fit.finish_price import FinishPrice
from mulle.verbs.fit.folds import make_folds
from mulle.verbs.fit.given_plans import given_plans
from mulle.verbs.fit.large.folder import remove_left_matrices
from mulle.verbs.fit.large.learn import boost_all, reserve
from mulle.verbs.fit.memory import Memory, bytes_of_row
from mulle.verbs.fit.package import measure_blend
from mulle.verbs.fit.plan import Plan, has_weights, write_plans
from mulle.verbs.fit.portfolio import baseline, portfolio, rescue
from mulle.verbs.fit.progress import Progress
from mulle.verbs.fit.run import HOME, Run, find_run, hold_run
from mulle.verbs.fit.search import search
from mulle.verbs.fit.settings import Settings
from mulle.verbs.fit.ship import ship_blend
from mulle.verbs.fit.source import files_of, has_files
from mulle.verbs.fit.threshold import check_threshold
from mulle.verbs.fit.validation import Training


def fit(
    source: Any,
    target: str,
    *,
    task: Literal["binary", "multiclass", "regression"] | None = None,
    metric: str | None = None,
    preset: Literal["quick", "good", "best"] = "good",
    time: float | None = None,
    trials: int | None = None,
    seed: int = 0,
    test: Any = None,
    test_size: float = 0.2,
    group: str | None = None,
    time_column: str | None = None,
    drop: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    reading: Any = None,
    weight: str | None = None,
    class_weight: Literal["balanced"] | None = None,
    positive: str | None = None,
    cost: Mapping[str, float] | None = None,
    threshold: float | None = None,
    plan: str | Path | None = None,
    n_jobs: int = 0,
    on: str | None = None,
    lang: Lang | None = None,
    output: str | Path | None = None,
    replace: bool = False,
    memory: str | float | None = None,
    rows: int | None = None,
    max_latency: float | None = None,
    max_size: float | None = None,
    encoder: str | Path | None = None,
    max_tokens: int = 128,
    progress: Progress | None = None,
) -> Result:
    """Train, tune, blend and prove a model of `target`.

    Args:
        source: whatever `mulle.read` takes, or a Table; `*` in a path stands for several files of
            one table; a file at an address of `http` or `https` is fetched.
        target: the column to predict.
        task: found from the target if None.
        metric: what is made best, as `roc_auc`, `f1`, `rmse`; the task's default if None.
        preset: how wide the search is.
        time: seconds promised for everything; 60 if neither it nor `trials` is given.
        trials: the number of plans to try instead; such a run repeats to the bit.
        seed: of everything that is drawn at random.
        test: a table like `source` to test on; a share of the rows is kept if None.
        test_size: that share, between 0 and 1.
        group: a column; rows that are alike there stay together in every split.
        time_column: a column; the latest rows are the test.
        drop: columns to leave out.
        kinds: kinds that you decide, by column name.
        reading: how the table is read, as in `mulle.read`.
        weight: a column of what each row counts in training; in scores each row counts once.
        class_weight: `balanced` lets rare classes count as much as frequent ones.
        positive: the positive one of two labels; the rarer if None.
        cost: of a false positive and a false negative, as `{"fp": 1, "fn": 10}`; the threshold
            that costs least is chosen.
        threshold: the probability from which the positive label is predicted.
        plan: a file of plans to train instead of a search.
        n_jobs: plans that are tried at a time, each in a process of its own with one thread; 0 for
            as many as there are cores.
        on: a cluster on which plans are tried: `ray://host:10001`, `dask://host:8786`, or `ray` for
            one of Ray that is started here; this machine if None.
        lang: of the report and the sentences; the person's own if None.
        output: the folder of the files, or the name of the model if it ends in `.mulle`; nothing
            is written if None.
        replace: whether files of something else may be replaced there; the same model over again
            replaces the earlier one, which is kept for a rollback.
        memory: what the process may hold, as `2GB` or in bytes; most of what is free if None.
        rows: to draw from the table while it is read, each class as often as in all of it; all
            that there is memory for if None.
        max_latency: milliseconds that one row may take at most, by the median.
        max_size: megabytes that the file may hold at most.
        encoder: folder of a pretrained text encoder for the text columns, as Hugging Face lays it
            out; that in the environment variable MULLE_ENCODER if None. Nothing is fetched.
        max_tokens: most tokens of a text that it reads.
        progress: follows what happens.

    Returns:
        The result: model, leaderboard, report, decisions; `result.save("x.mulle")` writes it.
        With `output` the files are there already, and the run in `.mulle/runs/` in the current
        folder.

    Raises:
        MulleError: what happened, where, and what to do.
    """
    settings = Settings(
        target=target,
        source=_name_of(source) or "",
        task=task,
        metric=metric,
        preset=preset,
        time=time,
        trials=trials,
        seed=seed,
        test=_name_of(test),
        test_size=test_size,
        group=group,
        time_column=time_column,
        drop=tuple(drop),
        reading=read_options(reading, kinds=kinds or {}),
        weight=weight,
        class_weight=class_weight,
        positive=positive,
        cost=dict(cost or {}),
        threshold=threshold,
        plan=None if plan is None else str(plan),
        n_jobs=n_jobs,
        on=on,
        lang=check_language(lang),
        output=None if output is None else str(output),
        replace=replace,
        memory=Memory.of(memory).limit,
        rows=rows,
        max_latency=max_latency,
        max_size=max_size,
        encoder=encoder_of(encoder),
        max_tokens=max_tokens,
    )
    settings.check()
    for table in (source, test):
        check_address(table)
    files_of(source)
    remove_left_matrices(HOME)
    with ExitStack() as held:
        lock = _claim(settings, held)
        progress = progress or Progress()
        begin = clock()
        workers = held.enter_context(begin_workers(settings))
        run = Run.create(settings, spent=progress.waited + clock() - begin)
        held.enter_context(hold_run(run.folder))
        if lock is not None:
            lock.note(run=run.record.id)
        return _run(run, source, progress, test, workers)


def _claim(settings: Settings, held: ExitStack) -> Lock | None:
    """Hold the name that the bundle will have, once nothing else that stands there forbids it."""
    destination = Destination.of(settings)
    if destination is None:
        return None
    destination.check(settings.target)
    return held.enter_context(destination.hold())


def _name_of(table: Any) -> str | None:
    """Return a source as the settings name it: a file, or `table` for what is in memory."""
    if table is None:
        return None
    return without_secrets(str(table)) if isinstance(table, str | Path) else "table"


def resume(
    name: str,
    *,
    time: float | None = None,
    on: str | None = None,
    progress: Progress | None = None,
) -> Result:
    """Go on with a run that was killed or interrupted; finished trials are not tried again.

    Args:
        name: the run's id or folder.
        time: a new promise in seconds; without it the run has the time that was left.
        on: a cluster, or `here`, instead of where the run was started.
        progress: follows what happens.
    """
    folder = find_run(name)
    remove_left_matrices(folder.parent)
    with ExitStack() as held:
        held.enter_context(hold_run(folder))
        progress = progress or Progress()
        run = Run.resume(folder, time=time, on=on, spent=progress.waited)
        if not has_files(run.settings.source):
            raise UsageError("resume-source", source=run.settings.source)
        lock = _claim(run.settings, held)
        if lock is not None:
            lock.note(run=run.record.id)
        workers = held.enter_context(begin_workers(run.settings))
        return _run(run, run.settings.source, progress, run.settings.test, workers)


def _run(run: Run, source: Any, progress: Progress, test: Any, workers: Workers) -> Result:
    try:
        progress.stage("read", run=run)
        with fetched(source) as found:
            return _stages(run, found, progress, test, workers)
    except BaseException as error:
        status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        if run.record.status == "running":  # a run whose model is written is done
            with suppress(RunError):  # what went wrong is worth more than its record
                run.update(status=status, error=f"{type(error).__name__}: {error}"[:500])
        raise


def _stages(run: Run, source: Any, progress: Progress, test: Any, workers: Workers) -> Result:
    settings = run.settings
    data = prepare(source, settings, run.decisions, progress, test)
    run.check_data(data.fingerprint)
    check_threshold(settings, data.target)
    check_place_and_room(settings, data, run)
    metric = _metric(settings, data.target.task, run)
    run.update(
        task=data.target.task,
        metric=metric.name,
        rows=len(data.train.y) + len(data.test.y),
        columns=len(data.train.table.names),
    )
    data = encode_texts(data, run, progress)
    training = _training(data, run)
    progress.stage("search", metric=metric, target=data.target)
    price = _price(data, run)
    reserve(data, run)
    board, stopped = _search(training, data, metric, run, progress, price, workers)
    data, stopped = boost_all(board, training, data, run, progress, price, stopped)
    _check_score(board.score, metric, "validation", data)
    _note_baseline(board, run, progress)
    shipped = ship_blend(board, training, data, run, progress, price.usual)
    _note_blend(board, run)
    packaged = measure_blend(
        shipped.model,
        shipped.blend,
        board,
        data,
        run,
        report=price.report(data),
        exported=shipped.exported,
    )
    _check_score(packaged.test.score, metric, "test", data)
    progress.stage("report")
    return write_result(packaged, data, run, progress, stopped)


def _training(data: Data, run: Run) -> Training:
    settings, left, large = run.settings, run.budget.left(), data.large is not None
    folds = make_folds(data.train, data.target, settings, run.decisions, left, hold_out=large)
    return Training(
        data.target,
        data.train.columns,
        data.train.y,
        data.train.weight,
        folds,
        n_jobs=1 if settings.trials is not None else settings.n_jobs or -1,
        seed=settings.seed,
        exact=settings.plan is not None,
        threshold=HALF if settings.threshold is None else settings.threshold,
        memory=Memory(settings.memory),
    )


def _price(data: Data, run: Run) -> FinishPrice:
    """Return what comes after the search costs, measured on the baseline under a promise."""
    if run.settings.seconds is None:
        return FinishPrice()
    return FinishPrice.measure(baseline(_maker(data)), data)


def _maker(data: Data) -> FeatureMaker:
    return FeatureMaker(data.train.table.schema, data.profile, data.encoder)


def _search(
    training: Training,
    data: Data,
    metric: Metric,
    run: Run,
    progress: Progress,
    price: FinishPrice,
    workers: Workers,
) -> tuple[Leaderboard, str]:
    """Try the plans of a person, or those of the portfolio."""
    plans = _plans(run, data)
    rows, table = len(data.train.y), data.train.table
    executor = workers.place(training, run.folder / "training", rows * bytes_of_row(table))
    found = search(
        plans,
        training,
        metric,
        run,
        progress,
        executor,
        given_weights=isinstance(plans, list) and has_weights(plans),
        rescue=rescue(_maker(data)),
        finish=lambda board: price.of(board, data, run.settings.seconds or 0.0),
    )
    workers.close()  # what follows has all cores and all memory
    return found


def _metric(settings: Settings, task: str, run: Run) -> Metric:
    given = settings.metric is not None
    metric = metrics_for(task, [settings.metric] if settings.metric else [])[0]
    run.decisions.add("metric-chosen", metric=metric.name, task=task, given=given)
    return metric


def _check_score(score: float, metric: Metric, part: str, data: Data) -> None:
    """Refuse to deliver a model whose score these rows cannot say."""
    if not math.isnan(score):
        return
    rows = data.test.y if part == "test" else data.train.y
    seen = [] if data.target.is_regression else np.unique(rows).tolist()
    labels = [str(data.target.labels[code]) for code in seen]
    raise DataError("score-undefined", metric=metric.name, part=part, labels=labels)


def _plans(run: Run, data: Data) -> Iterable[Plan]:
    settings = run.settings
    if settings.plan is not None:
        return given_plans(settings, data)
    maker = _maker(data)
    for choice in maker.choices(settings.preset):
        run.decisions.add(
            "step-chosen",
            columns=list(choice.evidence),
            steps=choice.steps,
            learners=choice.learners,
            reason=choice.reason,
            evidence=choice.evidence,
            alternatives=[{"step": name} for name in choice.alternatives],
        )
    return portfolio(settings.preset, data.target, maker, len(data.train.y), settings.seed)


def _note_baseline(board: Leaderboard, run: Run, progress: Progress) -> None:
    """Say it where what ships is no better than always giving the same answer."""
    if board.beats_baseline:
        return
    code = "baseline-unbeaten" if board.learners else "baseline-alone"
    run.decisions.add(code, tried=board.learners)
    progress.warn(code, tried=board.learners)


def _note_blend(board: Leaderboard, run: Run) -> None:
    members = {trial.plan.name: weight for weight, trial in board.members}
    run.decisions.add(
        "blend-chosen",
        members=members,
        score=board.score,
        best_single=board.best_single.score,
        best_plan=board.best_single.plan.name,
        alternatives=[
            {"plan": t.plan.name, "score": t.score} for t in board.trials if t.status == "done"
        ],
    )
    run.write_plan(write_plans(board.plans()))
