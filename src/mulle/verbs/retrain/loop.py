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
from typing import Any

import msgspec

from mulle.bundle import Model, load
from mulle.errors import MulleError, RunError, UnknownName
from mulle.files import write_bytes, write_text
from mulle.verbs.fit import Plan, Progress
from mulle.verbs.fit.run import HOME
from mulle.verbs.retrain.compare import compare, metric_of
from mulle.verbs.retrain.gates import Gate, after_training, before_training
from mulle.verbs.retrain.ledger import LAST, Ledger, new_loop
from mulle.verbs.retrain.lock import holding
from mulle.verbs.retrain.outcome import Decision, Outcome
from mulle.verbs.retrain.place import BareFile, Place, Side, moving, place_of
from mulle.verbs.retrain.plan import fitted_with, plans_of
from mulle.verbs.retrain.report import page, text
from mulle.verbs.retrain.rows import Rows, take_rows
from mulle.verbs.retrain.settings import Settings
from mulle.verbs.retrain.train import note_origin, train
from mulle.verbs.retrain.verdict import verdict_on

_MOVES = {"promoting": "promoted", "rolling-back": "rolled-back"}  # what it was, once it is done


def retrain(
    model: str | Path,
    new: Any,
    *,
    old: Any = None,
    registry: str | Path | None = None,
    name: str = "",
    progress: Progress | None = None,
    **options: Any,
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
        progress: told of what happens in training.
        options: policy (`all`, `new`, `recent:ROWS`, `window:DAYS`), search (a new search instead
            of the champion's plans), time (seconds of training, 60 by default) or trials, preset,
            metric (the champion's), time_column, holdout (share of the new rows, or `recent`: the
            last ones of the table), min_gain, not_worse (after drift: the gain itself must not be
            below min_gain), latency_factor and size_factor (of the champion's), floor (of the
            metric), resamples and seed of the interval, if_drift (a verdict, or `now` to compare
            `new` with what the champion learned from; without drift nothing is done), trigger
            (`hand`, `schedule`, `alert`), replace (swap a bare file), dry_run, n_jobs, lang.

    Returns:
        The decision with its evidence.

    Raises:
        MulleError: what happened, where, and what to do; the champion serves on.
    """
    unknown = sorted(set(options) - set(Settings.__struct_fields__))
    if unknown:
        raise UnknownName("option-unknown", "option", unknown[0], Settings.__struct_fields__)
    settings = Settings(**options).checked()
    place = place_of(model, registry, name, look=settings.dry_run)
    drift, evidence = True, dict[str, Any]()
    if settings.if_drift:
        champion = Path(place.champion().path)
        drift, evidence = verdict_on(settings.if_drift, champion, new)
    olds = _tables(old)
    if settings.dry_run:
        planned: Decision = "planned" if drift else "nothing-to-do"
        return _prepare(place, new, olds, settings, evidence).outcome(planned)
    ledger = Ledger(place.folder)
    taken = f"{place.name} is being retrained by another program{_since(ledger, place.name)}."
    with holding(place.folder / "retrain" / f"{place.name}.lock", what=taken):
        close_unfinished(ledger, place)
        loop = Loop(place, ledger, settings, new_loop(), evidence)
        loop.note("triggered", by=settings.trigger, **evidence)
        if not drift:
            loop.note("nothing-to-do")
            return Outcome("nothing-to-do", place.name, loop.name, settings.trigger, evidence)
        try:
            return loop.run(new, olds, progress)
        except BaseException as error:
            with contextlib.suppress(MulleError):  # what went wrong is worth more than its line
                loop.note("failed", error=f"{type(error).__name__}: {error}"[:500])
            raise


def _tables(old: Any) -> list[Any]:
    """The tables given as `old`: one, several, or none; a list of dicts is one."""
    if old is None:
        return []
    several = isinstance(old, list | tuple) and not (old and isinstance(old[0], Mapping))
    return list(old) if several else [old]


@dataclass(frozen=True)
class _Prepared:
    """All that is known before anything is trained."""

    place: Place
    settings: Settings
    evidence: dict[str, Any]
    side: Side
    champion: Model
    rows: Rows
    plans: list[Plan] | None
    given: dict[str, Any]
    gates: list[Gate]

    def outcome(self, decision: Decision, **more: Any) -> Outcome:
        """What came of it."""
        facts: dict[str, Any] = {
            "trigger": self.settings.trigger,
            "evidence": self.evidence,
            "champion": self.side,
            "rows": self.rows.counts,
            "plans": [plan.name for plan in self.plans or []],
            "gates": self.gates,
        }
        return Outcome(decision, self.place.name, **(facts | more))


def _prepare(
    place: Place, new: Any, old: Sequence[Any], settings: Settings, evidence: dict[str, Any]
) -> _Prepared:
    side = place.champion()
    champion = load(side.path)
    manifest = champion.manifest
    metric_of(champion, settings.metric)
    folders = list(dict.fromkeys([place.folder, HOME.parent]))
    given = fitted_with(manifest, folders)
    plans = None if settings.search else plans_of(manifest, folders)
    rows = take_rows(manifest, new, old, settings, given)
    gates = before_training(rows.y, rows.y_train, len(manifest.labels))
    return _Prepared(place, settings, evidence, side, champion, rows, plans, given, gates)


@dataclass(frozen=True)
class Loop:
    """One retraining under way."""

    place: Place
    ledger: Ledger
    settings: Settings
    name: str
    evidence: dict[str, Any]

    @property
    def folder(self) -> Path:
        """Its files."""
        return self.place.folder / "retrain" / self.name

    def note(self, step: str, **values: Any) -> None:
        """Write a step into the ledger."""
        self.ledger.write(self.name, self.place.name, step, **values)

    def run(self, new: Any, old: Sequence[Any], progress: Progress | None) -> Outcome:
        """Rows, training, comparison, gates, promotion."""
        ready = _prepare(self.place, new, old, self.settings, self.evidence)
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

    def _trained(self, ready: _Prepared, progress: Progress | None) -> tuple[Side, dict[str, Any]]:
        """The challenger, kept; and what is known of its making."""
        manifest = ready.champion.manifest
        self.folder.mkdir(parents=True, exist_ok=True)
        result = train(
            manifest, ready.rows, ready.plans, self.settings, ready.given, self.folder, progress
        )
        if result.stopped == "interrupted":  # whoever pressed Ctrl-C wants no promotion
            raise KeyboardInterrupt
        note_origin(result.bundle, ready.rows, ready.side, self.name)
        run, scores = result.run.record.id, result.packaged.scores
        kept = self.place.keep(result.bundle, run, scores, ready.rows.fingerprint)
        result.bundle.unlink()  # it is kept in its place
        self.note("trained", run=run, version=kept.version, sha256=kept.sha256)
        return kept, {"loop": self.name, "run": run, "challenger": kept}

    def _decide(self, ready: _Prepared, kept: Side, facts: dict[str, Any]) -> Outcome:
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
        pairs = (ready.champion, Path(ready.side.path)), (challenger, Path(kept.path))
        gates = after_training(found, *pairs, rows.holdout, settings)
        self._note_gates(gates)
        facts |= {"comparison": found, "gates": [*ready.gates, *gates]}
        if not all(gate.passed for gate in gates):
            return self._close(ready.outcome("refused", **facts))
        if isinstance(self.place, BareFile) and not settings.replace:
            return self._close(ready.outcome("written", **facts))
        with moving(self.place):
            self.note("promoting", **_step(ready.side, kept))
            self.place.promote(kept, ready.side)
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
        write_text(self.folder / "decision.txt", text(outcome, lang) + "\n")
        write_text(self.folder / "decision.html", page(outcome, lang))
        return outcome


def close_unfinished(ledger: Ledger, place: Place) -> None:
    """Write down what became of a retraining that was killed; call it while holding the lock."""
    with moving(place):
        last = {entry.loop: entry for entry in ledger.entries(place.name)}
        for entry in last.values():
            if entry.step in LAST:
                continue
            done = _MOVES.get(entry.step)
            if done and place.champion().sha256 == entry.values.get("sha256"):
                ledger.write(entry.loop, place.name, done, **entry.values, recovered=True)
            else:
                ledger.write(entry.loop, place.name, "abandoned", after=entry.step)


def _step(champion: Side, challenger: Side) -> dict[str, Any]:
    """From which model to which; of a version that serves now, `before` served until then."""
    facts = {"before": champion.version, "version": challenger.version}
    told = {key: value for key, value in facts.items() if value is not None}
    return told | {"sha256": challenger.sha256}


def _since(ledger: Ledger, model: str) -> str:
    begun = [entry.at for entry in ledger.entries(model) if entry.step == "triggered"]
    return f" since {begun[-1][:19]}Z" if begun else ""
