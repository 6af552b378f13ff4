"""Render why a challenger was promoted or not: as text for a terminal, and as a page."""

from __future__ import annotations

from collections.abc import Iterator

from mulle.i18n import Messages
from mulle.i18n.format import FORMATS, Lang
from mulle.metrics import name_positive
from mulle.report import (
    Callout,
    Callouts,
    Column,
    DataTable,
    Heading,
    PageBlock,
    Prose,
    notices,
    render,
)
from mulle.verbs.retrain.gates import Gate
from mulle.verbs.retrain.ledger import Entry
from mulle.verbs.retrain.outcome import Outcome

_FORMATS = {"rows": "count", "score": "score", "gain": "signed", "us": "micros", "bytes": "bytes"}


def render_text(outcome: Outcome, lang: Lang = "en") -> str:
    """Render the decision, its reasons and its evidence; one fact a line."""
    words = Messages(lang)
    lines = [headline(outcome, words)]
    lines += [f"  {sentence}" for sentence in _reasons(outcome, words)]
    if outcome.comparison or outcome.rows:
        lines += ["", *(f"  {sentence}" for sentence in _evidence(outcome, words))]
    if outcome.gates:
        lines += ["", f"  {words('retrain.gates')}"]
        lines += [f"    {'+' if g.passed else '-'} {_render_gate(g, words)}" for g in outcome.gates]
    if outcome.decision == "promoted":
        lines += ["", f"  {words('retrain.go-back', command=_back(outcome))}"]
    return "\n".join(lines)


def render_page(outcome: Outcome, lang: Lang = "en") -> str:
    """Render the same as an HTML page."""
    words = Messages(lang)
    good = outcome.decision in {"promoted", "written"}
    reasons = [Callout(sentence, "warning") for sentence in _reasons(outcome, words)]
    found = Callout(headline(outcome, words), "good" if good else "note")
    blocks: list[PageBlock] = [
        Heading(words("retrain.decision")),
        Callouts(reasons or [found]),
        Prose("\n\n".join(_evidence(outcome, words))),
    ]
    if outcome.gates:
        blocks += [Heading(words("retrain.gates")), _gates(outcome, words)]
    if outcome.comparison:
        blocks += [Heading(words("retrain.scores")), _scores(outcome, words)]
    blocks += notices(outcome.left_out, outcome.doubts, words)
    title = words("retrain.title", model=outcome.model)
    return render(title, blocks, lang=lang, subtitle=headline(outcome, words))


def headline(outcome: Outcome, words: Messages) -> str:
    """Return the decision in one sentence."""
    key, challenger = outcome.decision, outcome.challenger
    version = challenger.version if challenger else None
    if key == "promoted" and version is None:
        key = "promoted-file"  # type: ignore[assignment]  # a key of words, not a decision
    path = challenger.path if challenger else ""
    return words(f"retrain.{key}", model=outcome.model, version=version, path=path)


def render_step(entry: Entry, words: Messages) -> str:
    """Return a step of the ledger in a few words."""
    values = dict(entry.values)
    if entry.step == "plan-taken" and values.get("search"):
        return words("retrain.search")
    if "metric" in values:
        values["about"] = name_positive(values["metric"], values.get("positive"))
    step = entry.step
    if step in {"promoted", "rolled-back"} and values.get("version") is None:
        step += "-file"  # a bare file has no versions
    return words(f"retrain-step.{step}", **values)


def _reasons(outcome: Outcome, words: Messages) -> list[str]:
    return [
        words(f"gate-missed.{gate.name}", value=gate.value, limit=gate.limit)
        for gate in outcome.missed
    ]


def _evidence(outcome: Outcome, words: Messages) -> Iterator[str]:
    if found := outcome.comparison:
        facts = {name: getattr(found, name) for name in found.__struct_fields__}
        facts["about"] = name_positive(found.metric, found.positive)
        yield words("retrain.compared", **facts)
        yield words("retrain.gain", **facts)
    if rows := outcome.rows:
        facts = {name: getattr(rows, name) for name in rows.__struct_fields__}
        yield words("retrain.rows", **facts)
        if rows.unlabelled + rows.duplicates + rows.by_policy + rows.by_time + rows.by_group:
            yield words("retrain.left-out", **facts)
        if rows.alike:
            yield words("retrain.alike", **facts)
        yield words(f"held-by.{rows.held_by}")
        if rows.begins:
            yield words("retrain.span", begins=rows.begins, ends=rows.ends)
        yield words(f"champion-rows.{rows.champion_rows}")
        planned = words("retrain.plans", plans=outcome.plans)
        yield planned if outcome.plans else words("retrain.search")
    if "report" in outcome.evidence:
        yield words("retrain.drift", **outcome.evidence)


def _render_gate(gate: Gate, words: Messages) -> str:
    return f"{words.name('gate', gate.name)}: {_value(gate, words)} ({_limit(gate, words)})"


def _value(gate: Gate, words: Messages) -> str:
    return FORMATS[_FORMATS.get(gate.unit, "number")](gate.value, words.lang)


def _limit(gate: Gate, words: Messages) -> str:
    limit = FORMATS[_FORMATS.get(gate.unit, "number")](gate.limit, words.lang)
    how = "above" if gate.name == "better" else "at-least" if gate.least else "at-most"
    return words(f"retrain.{how}", limit=limit)


def _gates(outcome: Outcome, words: Messages) -> DataTable:
    titles = [words(f"retrain.{key}") for key in ("gate", "value", "limit", "holds")]
    rows = [
        (
            words.name("gate", gate.name),
            _value(gate, words),
            _limit(gate, words),
            words(f"term.{'yes' if gate.passed else 'no'}"),
        )
        for gate in outcome.gates
    ]
    missed = [i for i, gate in enumerate(outcome.gates) if not gate.passed]
    return DataTable([Column(title) for title in titles], rows, marked=missed)


def _scores(outcome: Outcome, words: Messages) -> DataTable:
    scores = outcome.comparison.scores if outcome.comparison else {}
    sides = [Column(words(f"retrain.{side}"), "score") for side in ("champion", "challenger")]
    positive = outcome.comparison.positive if outcome.comparison else None
    rows = [
        (words.name("metric", name) + name_positive(name, positive), *pair)
        for name, pair in scores.items()
    ]
    return DataTable([Column(words("retrain.scores")), *sides], rows)


def _back(outcome: Outcome) -> str:
    side = outcome.champion
    name = outcome.model if side is None or side.version is not None else side.path
    return f"mulle rollback {name}"
