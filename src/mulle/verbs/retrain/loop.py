"""`retrain`: a challenger is trained, compared with the champion, and promoted if it is better.

Each step is in the ledger before the next begins. Until the promotion, which is one move, nothing
that is served changes; so a kill at any instant leaves the champion in its place, and the next
retraining writes down how far the killed one came.

catalogue  watch-retrain loop-mlops
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from mulle.bundle import Model, check_same_model, load
from mulle.errors import MulleError, RunError
from mulle.files import hold, write_bytes, write_text
from mulle.i18n import Lang
from mulle.language import check_language
from mulle.store import FOLDER
from mulle.table import read_options
from mulle.verbs.fit import Plan, Progress
from mulle.verbs.retrain.challenger import note_origin, train
from mulle.verbs.retrain.compare import compare, metric_of
from mulle.verbs.retrain.drift import check_drift
from mulle.verbs.retrain.gates import Gate, after_training, before_training
from mulle.verbs.retrain.ledger import LAST, Ledger, new_loop
from mulle.verbs.retrain.outcome import Decision, Outcome
from mulle.verbs.retrain.plan import fitted_with, plans_of
from mulle.verbs.retrain.report import render_page, render_text
from mulle.verbs.retrain.rows import Rows, take_rows
from mulle.verbs.retrain.settings import DEFAULT_HOLDOUT, Settings
from mulle.verbs.retrain.slots import BareFile, ModelRef, ModelSlot, find_slot

_MOVES = {"promoting": "promoted", "rolling-back": "rolled-back"}  # step before -> step after


def retrain(
    model: str | Path,
    new: Any,
    *,
    old: Any = None,
    registry: str | Path | None = None,
    name: str = "",
    policy: str = "all",
    search: bool = False,
    time: float | None = None,
    trials: int | None = None,
    preset: Literal["quick", "good", "best"] = "good",
    metric: str | None = None,
    time_column: str | None = None,
    holdout: float | str = DEFAULT_HOLDOUT,
    min_gain: float = 0.0,
    not_worse: bool = False,
    latency_factor: float = 3.0,
    size_factor: float = 3.0,
    floor: float | None = None,
    resamples: int = 1000,
    seed: int = 0,
    if_drift: str | Path | None = None,
    trigger: Literal["hand", "schedule", "alert"] = "hand",
    replace: bool = False,
    dry_run: bool = False,
    n_jobs: int = 0,
    reading: Any = None,
    lang: Lang | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Train a challenger on old and new labelled rows, and promote it if it is surely better.

    Both models answer the same rows, held out of the new ones: the most recent where there is a
    time column. The challenger takes over only if the paired confidence interval of its gain lies
    above `min_gain` and every other gate holds (see `Outcome.gates`).

    Args:
        model: the path of a `.mulle` file, or a registered `name`, `name@alias`, `name:version`.
        new: labelled rows that the champion has not seen, as `mulle.read` takes them.
        old: the table it was trained on, or a list of such tables.
        registry: the folder of registered models, `.mulle` by default.
        name: registers a file under this name first.
        policy: the rows to learn from: `all`, `new`, `recent:ROWS` or `window:DAYS`.
        search: searches anew instead of training the champion's plans.
        time: seconds of training; 60 if neither it nor `trials` is given.
        trials: the number of plans to try instead.
        preset: how wide a search is.
        metric: what decides; the champion's own if None.
        time_column: a column; the most recent of the new rows are held out.
        holdout: the share of the new rows that is held out, or `recent`: the last of the table.
        min_gain: the lower end of the gain's interval must lie above it.
        not_worse: the gain itself must not be below `min_gain`; for use after drift.
        latency_factor, size_factor: how many times the champion's the challenger may take.
        floor: the least the challenger must reach in the metric.
        resamples: of the bootstrap interval.
        seed: of the resamples and the training.
        if_drift: a drift report, or `now` to compare `new` with the champion's training rows;
            without drift nothing is done.
        trigger: what began the retraining, for the ledger.
        replace: swaps a bare file.
        dry_run: says what would be done, and does nothing.
        n_jobs: threads; 0 for all cores.
        reading: the layout of the files, where it is not found: see `mulle.read`.
        lang: of the report and the sentences; the person's own if None.
        progress: follows the training.

    Returns:
        The decision with its evidence.

    Raises:
        MulleError: the retraining failed; the champion serves on.
    """
    settings = Settings(
        policy=policy,
        search=search,
        time=time,
        trials=trials,
        preset=preset,
        metric=metric,
        time_column=time_column,
        holdout=holdout,
        min_gain=min_gain,
        not_worse=not_worse,
        latency_factor=latency_factor,
        size_factor=size_factor,
        floor=floor,
        resamples=resamples,
        seed=seed,
        if_drift=None if if_drift is None else str(if_drift),
        trigger=trigger,
        replace=replace,
        dry_run=dry_run,
        n_jobs=n_jobs,
        reading=read_options(reading),
        lang=check_language(lang),
    ).checked()
    slot = find_slot(model, registry, name, look=settings.dry_run)
    drift, evidence = True, dict[str, Any]()
    if settings.if_drift:
        champion = Path(slot.champion().path)
        drift, evidence = check_drift(settings.if_drift, champion, new, settings.reading)
    olds = _tables(old)
    if settings.dry_run:
        ready = _prepare(slot, new, olds, settings, evidence)
        planned: Decision = "planned" if all(g.passed for g in ready.gates) else "refused"
        return ready.outcome(planned if drift else "nothing-to-do")
    slot.check_movable()
    ledger = Ledger(slot.folder)
    lock = slot.folder / "retrain" / f"{slot.name}.lock"
    with hold(lock, _busy(ledger, slot.name, lock)):
        close_unfinished(ledger, slot)
        loop = Loop(slot, ledger, settings, new_loop(), evidence)
        loop.note("triggered", by=settings.trigger, **evidence)
        if not drift:
            loop.note("nothing-to-do")
            return Outcome("nothing-to-do", slot.name, loop.name, settings.trigger, evidence)
        try:
            return loop.run(new, olds, progress)
        except BaseException as error:
            with contextlib.suppress(MulleError):  # what went wrong is worth more than its line
                loop.note("failed", error=f"{type(error).__name__}: {error}"[:500])
            raise


def _tables(old: Any) -> list[Any]:
    """Return the tables given as `old`: one, several, or none; a list of dicts is one table."""
    if old is None:
        return []
    several = isinstance(old, list | tuple) and not (old and isinstance(old[0], Mapping))
    return list(old) if several else [old]


@dataclass(frozen=True)
class _Prepared:
    """Everything that is known before training."""

    slot: ModelSlot
    settings: Settings
    evidence: dict[str, Any]
    champion_ref: ModelRef
    champion: Model
    rows: Rows
    plans: list[Plan] | None
    given: dict[str, Any]
    gates: list[Gate]

    def outcome(self, decision: Decision, **more: Any) -> Outcome:
        """Return the outcome with this decision."""
        facts: dict[str, Any] = {
            "trigger": self.settings.trigger,
            "evidence": self.evidence,
            "champion": self.champion_ref,
            "rows": self.rows.counts,
            "left_out": self.rows.reading.left_out,
            "doubts": self.rows.reading.doubts,
            "plans": [plan.name for plan in self.plans or []],
            "gates": self.gates,
        }
        return Outcome(decision, self.slot.name, **(facts | more))


def _prepare(
    slot: ModelSlot, new: Any, old: Sequence[Any], settings: Settings, evidence: dict[str, Any]
) -> _Prepared:
    champion_ref = slot.champion()
    champion = load(champion_ref.path)
    manifest = champion.manifest
    metric_of(champion, settings.metric)
    folders = list(dict.fromkeys([slot.folder, Path(FOLDER)]))
    given = fitted_with(manifest, folders)
    plans = None if settings.search else plans_of(manifest, folders)
    rows = take_rows(manifest, new, old, settings, given)
    gates = before_training(rows.y, rows.y_train, len(manifest.labels))
    return _Prepared(slot, settings, evidence, champion_ref, champion, rows, plans, given, gates)


@dataclass(frozen=True)
class Loop:
    """One retraining under way."""

    slot: ModelSlot
    ledger: Ledger
    settings: Settings
    name: str
    evidence: dict[str, Any]

    @property
    def folder(self) -> Path:
        """Folder of this retraining."""
        return self.slot.folder / "retrain" / self.name

    def note(self, step: str, **values: Any) -> None:
        """Write a step into the ledger."""
        self.ledger.write(self.name, self.slot.name, step, **values)

    def run(self, new: Any, old: Sequence[Any], progress: Progress | None) -> Outcome:
        """Take rows, train, compare, check the gates, promote."""
        ready = _prepare(self.slot, new, old, self.settings, self.evidence)
        self.note("rows-taken", **msgspec.to_builtins(ready.rows.counts))
        names = [plan.name for plan in ready.plans or []]
        self.note("plan-taken", search=ready.plans is None, plans=names)
        self._note_gates(ready.gates)
        if not all(gate.passed for gate in ready.gates):
            return self._close(ready.outcome("refused", loop=self.name))
        try:
            challenger, facts = self._trained(ready, progress)
        except RunError as error:
            if error.code != "parity-broken":
                raise
            broken = Gate("parity", None, 0.0, False, False)
            self._note_gates([broken])
            gates = [*ready.gates, broken]
            return self._close(ready.outcome("refused", loop=self.name, gates=gates))
        return self._decide(ready, challenger, facts)

    def _trained(
        self, ready: _Prepared, progress: Progress | None
    ) -> tuple[ModelRef, dict[str, Any]]:
        """Train and keep a challenger; return it with facts about its training."""
        manifest = ready.champion.manifest
        self.folder.mkdir(parents=True, exist_ok=True)
        result = train(
            manifest, ready.rows, ready.plans, self.settings, ready.given, self.folder, progress
        )
        if result.stopped == "interrupted":  # after Ctrl-C nothing is promoted
            raise KeyboardInterrupt
        bundle = result.bundle
        if bundle is None:  # a fit that is given a folder writes its file there
            raise RunError("version-not-kept")
        note_origin(bundle, ready.rows, ready.champion_ref, self.name)
        run, scores = result.run.record.id, result.packaged.scores
        kept = self.slot.keep(bundle, run, scores, ready.rows.fingerprint)
        bundle.unlink()  # the slot keeps its own copy
        self.note("trained", run=run, version=kept.version, sha256=kept.sha256)
        return kept, {"loop": self.name, "run": run, "challenger": kept}

    def _decide(self, ready: _Prepared, kept: ModelRef, facts: dict[str, Any]) -> Outcome:
        settings, rows = self.settings, ready.rows
        challenger = load(kept.path)
        found = compare(
            ready.champion,
            challenger,
            rows.holdout,
            rows.y,
            metric_of(ready.champion, settings.metric),
            resamples=settings.resamples,
            seed=settings.seed,
        )
        self.note("compared", **msgspec.to_builtins(found))
        pairs = (ready.champion, Path(ready.champion_ref.path)), (challenger, Path(kept.path))
        gates = after_training(found, *pairs, rows.holdout, settings)
        self._note_gates(gates)
        facts |= {"comparison": found, "gates": [*ready.gates, *gates]}
        if not all(gate.passed for gate in gates):
            return self._close(ready.outcome("refused", **facts))
        if isinstance(self.slot, BareFile) and not settings.replace:
            return self._close(ready.outcome("written", **facts))
        check_same_model(ready.champion.manifest, challenger.manifest, self.slot.name)
        with self.slot.hold():
            self.note("promoting", **_step(ready.champion_ref, kept))
            self.slot.promote(kept, ready.champion_ref)
        return self._close(ready.outcome("promoted", **facts))

    def _note_gates(self, gates: list[Gate]) -> None:
        for gate in gates:
            self.note("gate", **msgspec.to_builtins(gate))

    def _close(self, outcome: Outcome) -> Outcome:
        """Write the last step and the report."""
        missed = [gate.name for gate in outcome.missed]
        values = {"missed": missed} if missed else {}
        if outcome.champion and outcome.challenger:
            values |= _step(outcome.champion, outcome.challenger)
        self.note(outcome.decision, **values)
        outcome = msgspec.structs.replace(outcome, folder=str(self.folder))
        lang = self.settings.lang
        record = msgspec.json.format(msgspec.json.encode(outcome.summary()))
        write_bytes(self.folder / "decision.json", record + b"\n")
        write_text(self.folder / "decision.txt", render_text(outcome, lang) + "\n")
        write_text(self.folder / "decision.html", render_page(outcome, lang))
        return outcome


def close_unfinished(ledger: Ledger, slot: ModelSlot) -> None:
    """Write the end of retrainings that were killed; to be called while holding the lock."""
    with slot.hold():
        last = {entry.loop: entry for entry in ledger.entries(slot.name)}
        for entry in last.values():
            if entry.step in LAST:
                continue
            done = _MOVES.get(entry.step)
            if done and slot.champion().sha256 == entry.values.get("sha256"):
                ledger.write(entry.loop, slot.name, done, **entry.values, recovered=True)
            else:
                ledger.write(entry.loop, slot.name, "abandoned", after=entry.step)


def _step(champion: ModelRef, challenger: ModelRef) -> dict[str, Any]:
    """Return the versions of a move: `before` serves until `version` takes over."""
    facts = {"before": champion.version, "version": challenger.version}
    known = {key: value for key, value in facts.items() if value is not None}
    return known | {"sha256": challenger.sha256}


def _busy(ledger: Ledger, model: str, lock: Path) -> RunError:
    """The error where another program retrains the model."""
    begun = [entry.at for entry in ledger.entries(model) if entry.step == "triggered"]
    if not begun:
        return RunError("retrain-running", where=str(lock), model=model)
    return RunError("retrain-running-since", where=str(lock), model=model, since=begun[-1][:19])
