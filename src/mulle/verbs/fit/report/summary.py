"""The finding first: what was learned, how good it is on rows never seen, and what to mind."""

from __future__ import annotations

import numpy as np

from mulle.i18n.format import count, interval, number, score
from mulle.metrics import metric as named
from mulle.metrics import name_positive
from mulle.report import Callout, Callouts, Fact, Facts, Heading, PageBlock, Prose, Rationale
from mulle.verbs.fit.report.findings import Findings
from mulle.verbs.fit.report.formulas import formula

WARNINGS = ("leak-suspected", "duplicates-across-split", "class-tiny", "class-imbalanced",
            "baseline-unbeaten", "baseline-alone")  # fmt: skip


def reached(f: Findings) -> str:
    """Return the test score with its interval, where one is stated."""
    test = f.packaged.test
    if np.isfinite([test.score, test.low, test.high]).all():
        return interval(test.score, test.low, test.high)
    return score(test.score)


def finding(f: Findings) -> str:
    """Summarize the report in a sentence."""
    return f.words(
        "report.finding",
        rows=len(f.data.test.y),
        metric=f.metric.name,
        about=name_positive(f.metric.name, f.data.target.positive),
        score=reached(f),
        baseline=f.baseline,
    )


def lead(f: Findings) -> list[PageBlock]:
    """Render the main finding in plain words, and the facts."""
    learned = f.words(
        "report.learned",
        rows=len(f.data.train.y),
        source=f.run.settings.source.replace("\\", "/").rpartition("/")[2],
        columns=len(f.data.train.table.names),
        task=f.data.target.task,
        members=f.weights,
    )
    return [Prose(f"{learned} {_plainly(f)}"), Callouts([_verdict(f)]), Facts(_facts(f))]


def warnings(f: Findings) -> list[PageBlock]:
    """Render the warnings about the data."""
    found = [
        Callout(
            f.words.sentence(d),
            "warning",
            Rationale(f.words.explain(d.code), decision=_reason(f, d)),
        )
        for d in f.of(*WARNINGS)
    ]
    calm = Callout(f.words("report.nothing-to-warn"), "good")
    return [Heading(f.words("section.warnings")), Callouts(found or [calm])]


def _reason(f: Findings, decision: object) -> str:
    values = getattr(decision, "values", {})
    return f.words.name("reason", values["reason"]) if "reason" in values else ""


def _plainly(f: Findings) -> str:
    """Describe the performance for a reader who knows no metric."""
    y = f.data.test.y
    if f.data.target.is_regression:
        mae = named("mae")
        off, always = mae.score(y, f.answers), mae.score(y, f.constant)
        return f.words("report.off", off=off, always=always)
    accuracy = named("accuracy")
    right = 100 * accuracy.score(y, f.packaged.predictions)
    always = 100 * accuracy.score_at(y, f.constant)
    return f.words("report.right", right=right, always=always)


def _verdict(f: Findings) -> Callout:
    """Return whether the model beats the baseline, as far as the test rows show."""
    as_gain, test = f.metric.as_gain, f.packaged.test
    worst = min(as_gain(test.low), as_gain(test.high)) if np.isfinite(test.low) else np.nan
    at_worst = as_gain(test.score) if np.isnan(worst) else worst
    better = bool(at_worst > as_gain(f.baseline))
    said = f.words(
        f"report.{'better' if better else 'not-better'}",
        score=reached(f),
        baseline=f.baseline,
        metric=f.metric.name,
        about=name_positive(f.metric.name, f.data.target.positive),
    )
    if better and f.of("leak-suspected"):
        return Callout(f"{said} {f.words('report.too-good')}", "warning", _why_better(f))
    return Callout(said, "good" if better else "warning", _why_better(f))


def _why_better(f: Findings) -> Rationale:
    return Rationale(f.words("report.better-why"), formula=formula(f.metric.name))


def _facts(f: Findings) -> list[Fact]:
    words, packaged, test = f.words, f.packaged, f.packaged.test
    stated = bool(np.isfinite(test.low))
    said = reached(f).partition(" ")[2]
    told = {"level": test.level, "resamples": test.n_resamples, "interval": said}
    why_interval = words("report.interval-why", **told) if stated else ""
    sense = words("report.greater" if f.metric.greater_is_better else "report.smaller")
    binary = f.data.target.task == "binary"
    return [
        Fact(
            f.name_metric(f.metric.name),
            test.score,
            "score",
            note=words("report.interval", **told) if stated else words("report.no-interval"),
            why=Rationale(
                f"{sense}. {why_interval}".strip(), formula=formula(f.metric.name, binary=binary)
            ),
        ),
        Fact(words("report.test-rows"), len(f.data.test.y), "count",
             words("report.train-rows", rows=len(f.data.train.y)), f.why("split-made")),
        Fact(words("term.latency"), packaged.latency_us.get("p50"), "micros",
             words("report.p99", p99=packaged.latency_us.get("p99")), f.why("latency-measured")),
        Fact(words("term.size"), f.bundle_bytes, "bytes"),
        *_limits(f),
        _parity(f),
        Fact(words("term.promised"), f.run.budget.seconds, "duration",
             words("report.no-promise" if f.run.budget.seconds is None else "report.took",
                   seconds=f.run.budget.spent()), Rationale(words.explain("budget-kept"))),
    ]  # fmt: skip


def _limits(f: Findings) -> list[Fact]:
    """Return what the model had to keep, and what was left out for it."""
    kept, words = f.packaged.limits, f.words
    if kept is None:
        return []
    given = {"--max-latency": kept["max_latency_ms"], "--max-size": kept["max_size_mb"]}
    options = ", ".join(f"{name} {value:g}" for name, value in given.items() if value is not None)
    note = words("report.limits-cost", plans=kept["left_out"]) if kept["left_out"] else ""
    return [Fact(words("report.limits"), options, "", note, f.why("limits-kept"))]


def _parity(f: Findings) -> Fact:
    proof, words = f.packaged.proof, f.words
    if f.data.target.is_regression:
        value, how = number(proof.max_abs_diff, f.words.lang, digits=2), ""
        note = "report.parity-note-value"
    else:
        value, how, note = count(proof.label_flips), "count", "report.parity-note"
    return Fact(words("report.parity"), value, how,
                words(note, rows=proof.rows), f.why("parity-proved"))  # fmt: skip
