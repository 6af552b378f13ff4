"""Why it can be trusted and how it is used: importances, proof, all scores, commands, the log."""

from __future__ import annotations

import math

from mulle.bundle import example_row
from mulle.i18n.format import number
from mulle.metrics import metric as named
from mulle.report import (
    Code,
    Column,
    DataTable,
    Details,
    Fact,
    Facts,
    Figure,
    Heading,
    PageBlock,
    Prose,
    Rationale,
    charts,
)
from mulle.verbs.fit.report.findings import Findings
from mulle.verbs.fit.report.formulas import formula

_BARS = 20
MAX_EXAMPLE_COLUMNS = 12  # of the example row in the code
MAX_DECISIONS = 500


def importances(f: Findings) -> list[PageBlock]:
    """Render the feature importances."""
    words = f.words
    heading = Heading(words("section.importance"))
    known = [i for i in f.packaged.importances if math.isfinite(i.mean)]
    if not known:
        return [heading, Prose(words("report.no-importance"))]
    left = len(f.packaged.importances) - len(known)
    shown = known[:_BARS]
    drawing = charts.importance(
        [i.column for i in shown], [i.mean for i in shown], [i.std for i in shown], words=words
    )
    said = words("report.importance-chart", repeats=max(i.n_repeats for i in shown))
    figure = Figure(drawing, said, Rationale(words("report.importance-why"), formula="s − s(π)"))
    about = Prose(words("report.importance-about", metric=f.metric.name))
    missing = [Prose(words("report.importance-left", count=left))] if left else []
    return [heading, about, figure, *missing]


def proof(f: Findings) -> list[PageBlock]:
    """Render the parity proof, in words and figures."""
    words, found = f.words, f.packaged.proof
    facts = [
        Fact(words("term.rows"), found.rows, "count"),
        Fact(words("report.generated"), found.generated, "count"),
        Fact(words("term.max-difference"), number(found.max_abs_diff, words.lang, digits=2),
             why=Rationale(formula="max |p_onnx − p_python|")),
    ]  # fmt: skip
    if f.data.target.is_regression:
        facts.append(
            Fact(words("report.in-std"), number(found.max_diff_in_std, words.lang, digits=2))
        )
    else:
        facts.append(Fact(words("term.label-flips"), found.label_flips, "count"))
        facts.append(Fact(words("term.near-boundary"), found.near_boundary, "count"))
    told = [words.sentence(d) for d in f.of("parity-proved")[-1:]]
    text = " ".join([*told, words.explain("parity-proved")])
    return [Heading(words("section.proof")), Prose(text), Facts(facts)]


def scores(f: Findings) -> list[PageBlock]:
    """Render every metric on the test rows."""
    words, binary = f.words, f.data.target.task == "binary"
    rows = [
        [f.name_metric(name), value, formula(name, binary=binary), _sense(name, f)]
        for name, value in f.packaged.scores.items()
    ]
    marked = [i for i, name in enumerate(f.packaged.scores) if name == f.metric.name]
    titles = [Column(words("term.score")), Column(words("term.value"), "score"),
              Column(words("page.formula")), Column(words("report.sense"))]  # fmt: skip
    about = Prose(words("report.scores-about", rows=len(f.data.test.y)))
    return [Heading(words("section.quality")), about, DataTable(titles, rows, marked=marked)]


def _sense(name: str, f: Findings) -> str:
    return f.words("report.greater" if named(name).greater_is_better else "report.smaller")


def use(f: Findings) -> list[PageBlock]:
    """Render commands and code that predict new rows."""
    words, model = f.words, f.packaged.model
    name = _quoted(f.bundle_name)
    row = example_row(model.manifest)
    given = ",\n".join(f"    {k!r}: {v!r}" for k, v in list(row.items())[:MAX_EXAMPLE_COLUMNS])
    if len(row) > MAX_EXAMPLE_COLUMNS:
        given += f",\n    # {words('report.more-rows', count=len(row) - MAX_EXAMPLE_COLUMNS)}"
    lines = ["import mulle", "", f"model = mulle.load({f.bundle_name!r})",
             f"row = {{\n{given}\n}}", "model.predict(row)"]  # fmt: skip
    lines += ["model.predict_proba(row)"] if model.manifest.labels else []
    lines += ["model.predict(row, why=True)"]
    plan = f.run.folder / "plan.toml"
    source, target = (_quoted(s) for s in (f.run.settings.source, f.data.target.name))
    again = f"mulle fit {source} --target {target} --plan {_quoted(plan.as_posix())}"
    return [
        Heading(words("section.serve")),
        Prose(words("report.use-about", file=f.bundle_name, size=f.bundle_bytes)),
        Code(f"mulle predict {name} rows.csv -o predictions.csv", words("report.command")),
        Code("\n".join(lines), words("report.python")),
        Code(f"{again} --seed {f.run.settings.seed}", words("report.again")),
    ]


def log(f: Findings) -> list[PageBlock]:
    """Render the whole decision log, behind a fold."""
    words, made = f.words, list(f.run.decisions)
    titles = [Column(words("term.when"), "duration"), Column(words("report.decided")),
              Column(words("report.code"))]  # fmt: skip
    rows = [[d.at, words.sentence(d), d.code] for d in made[:MAX_DECISIONS]]
    blocks: list[PageBlock] = [DataTable(titles, rows)]
    if len(made) > MAX_DECISIONS:
        blocks.append(Prose(words("report.more-rows", count=len(made) - MAX_DECISIONS)))
    summary = words("report.log", count=len(made))
    return [Heading(words("section.decisions")), Prose(words("report.log-about")),
            Details(summary, blocks)]  # fmt: skip


def _quoted(text: str) -> str:
    """Quote a text for a shell where that is needed.

    >>> _quoted("a.csv"), _quoted("my table.csv")
    ('a.csv', '"my table.csv"')
    """
    plain = text and all(c.isalnum() or c in "._-/\\:" for c in text)
    return text if plain else '"' + text.replace('"', '\\"') + '"'
