"""The section of relations: one measure a pair, the strongest drawn, copies, missing together.

None of its words says that one column causes another.

catalogue  stat-causation
"""

from __future__ import annotations

from mulle.report import (
    Details,
    Fact,
    Facts,
    Figure,
    Figures,
    Heading,
    Heat,
    PageBlock,
    Prose,
    charts,
)
from mulle.report.charts import Drawing
from mulle.verbs.explore.page.view import View, table
from mulle.verbs.explore.relation_data import Matrix, PairPlot, Relations

SIGNS = {"spearman": "ρ", "cramers_v": "V", "correlation_ratio": "η"}
STRONGEST, PATTERNS = 15, 12


def relations(view: View) -> list[PageBlock]:
    """Render the relations of columns, and columns with the same content."""
    found, words = view.report.relations, view.words
    blocks = [
        *_together(found, view),
        *_twins(found, view),
        *_components(found, view),
        *view.not_computed("relations", "pairs", "kendall", "mutual_information", "components"),
    ]
    return [Heading(words("explore.relations")), *blocks] if blocks else []


def missing(view: View) -> list[PageBlock]:
    """Render which values are missing, and which are missing together."""
    found, words, rows = view.report.relations.missing, view.words, view.report.header.rows
    lacking = [c for c in view.report.summaries if c.missing]
    if not lacking or not rows:
        return []
    lacking.sort(key=lambda c: -c.missing)
    bars = charts.slice_bars(
        [c.name for c in lacking[:25]], [c.missing_share for c in lacking[:25]],
        [c.missing for c in lacking[:25]], words("explore.missing-values"),
        about=words("explore.missing-by-column"), percent=True, words=words,
    )  # fmt: skip
    figures = [Figure(bars, words("explore.missing-by-column"))]
    if len(found.by_count) > 1:
        counts = charts.cycle([str(k) for k in range(len(found.by_count))], found.by_count,
                              words("explore.missing-by-row"), words=words)  # fmt: skip
        figures.append(Figure(counts, words("explore.missing-by-row")))
    blocks: list[PageBlock] = [
        Heading(words("explore.missing-values")),
        Facts([
            Fact(words("explore.columns-lacking"), len(lacking), "count"),
            Fact(words("explore.complete-rows"), found.complete_rows, "count",
                 words("explore.of-rows", share=found.complete_rows / rows)),
        ]),
        Figures(figures),
    ]  # fmt: skip
    if found.patterns:
        patterns = [(", ".join(p.columns[:6]) + (" …" if len(p.columns) > 6 else ""), p.rows,
                     p.rows / rows) for p in found.patterns[:PATTERNS]]  # fmt: skip
        titles = [words("explore.missing-together"), (words("term.rows"), "count"),
                  (words("term.share"), "percent")]  # fmt: skip
        blocks.append(table(titles, patterns, words("explore.patterns")))
    if found.together and len(found.together.columns) > 1:
        caption = words("explore.missing-correlation")
        heat = Heat(found.together.columns, found.together.values, caption=caption)
        blocks.append(heat)
    return [*blocks, *view.not_computed("missing")]


def duplicates(view: View) -> list[PageBlock]:
    """Render the rows that repeat others."""
    found, words = view.report.relations.duplicates, view.words
    omitted = view.not_computed("duplicates", "duplicate-rows")
    if found is None:
        return [Heading(words("explore.copies")), *omitted] if omitted else []
    said = words("explore.copies-found", rows=found.rows, groups=found.groups)
    blocks: list[PageBlock] = [Prose(said if found.rows else words("explore.copies-none"))]
    if found.without_ids is not None and found.without_ids != found.rows:
        blocks.append(
            Prose(words("explore.copies-without", rows=found.without_ids, columns=found.ids))
        )
    if found.shown:
        blocks.append(Prose(words("explore.copies-rows", rows=found.shown[:12])))
    return [Heading(words("explore.copies")), *blocks, *omitted]


def _together(found: Relations, view: View) -> list[PageBlock]:
    words = view.words
    blocks: list[PageBlock] = []
    mixed = found.mixed
    if mixed is not None and len(mixed.columns) > 1:
        used = {name for row in mixed.names for name in row}
        legend = {sign: words.name("measure", m) for m, sign in SIGNS.items() if m in used}
        signs = [[SIGNS.get(name, "") for name in row] for row in mixed.names]
        caption = words("explore.mixed")
        blocks += [
            Prose(words("explore.not-cause")),
            Heat(mixed.columns, mixed.values, signs, legend, caption),
        ]
    if found.plots:
        drawn = [Figure(plot(p, view), _caption_of(p, view)) for p in found.plots]
        blocks += [Heading(words("explore.strongest-drawn"), 3), Figures(drawn)]
    if found.strongest:
        others = list(dict.fromkeys(name for p in found.strongest for name in p.others
                                    if name != "mutual_information"))  # fmt: skip
        titles = [words("explore.pair"), words("explore.measure"), (words("term.value"), "score"),
                  *((words.name("measure", name), "score") for name in others)]  # fmt: skip
        rows = [(f"{p.a} × {p.b}", words.name("measure", p.measure), p.value,
                 *(p.others.get(name) for name in others))
                for p in found.strongest[:STRONGEST]]  # fmt: skip
        blocks += [Heading(words("explore.strongest"), 3), table(titles, rows)]
    square = [m for m in found.matrices if len(m.columns) > 1 and m.rows == m.columns]
    blocks += [Details(_title(m, view), [_heat(m, view)]) for m in square]
    return blocks


def _title(matrix: Matrix, view: View) -> str:
    """Return the title of a matrix; mutual information is a share of the smaller entropy."""
    share = matrix.measure == "mutual_information"
    return view.words.name("measure", "information_share" if share else matrix.measure)


def _heat(matrix: Matrix, view: View) -> Heat:
    entry = f"about-measure.{matrix.measure}"
    caption = view.words(entry) if entry in view.words else _title(matrix, view)
    return Heat(matrix.columns, matrix.values, caption=caption)


def _caption_of(drawn: PairPlot, view: View) -> str:
    measure = view.words.name("measure", drawn.measure)
    return f"{drawn.a} × {drawn.b}: {measure} {view.say(drawn.value, 'hundredths')}"


def plot(drawn: PairPlot, view: View) -> Drawing:
    """Draw two columns in the way that fits their kinds."""
    words = view.words
    groups = [view.value_name(drawn.a, name) for name in drawn.groups]
    if drawn.sort == "boxes":
        return charts.boxes(groups, drawn.boxes, drawn.b, dates=drawn.b in drawn.dates, words=words)
    if drawn.sort == "counts":
        others = [view.value_name(drawn.b, name) for name in drawn.others]
        name = f"{drawn.a} × {drawn.b}"
        return charts.counts(groups, others, drawn.counts, name, words=words)
    return charts.scatter(drawn.x, drawn.y, drawn.a, drawn.b, dates=drawn.dates, words=words)


def _twins(found: Relations, view: View) -> list[PageBlock]:
    words = view.words
    if not found.twins:
        return []
    rows = [(f"{t.a} = {t.b}", words.name("twins", t.how), t.share) for t in found.twins]
    titles = [words("explore.pair"), words("explore.how"), (words("term.share"), "percent")]
    return [Heading(words("explore.twins"), 3), table(titles, rows)]


def _components(found: Relations, view: View) -> list[PageBlock]:
    words = view.words
    if not found.components:
        return []
    rows = [(f"{k}", c.share, ", ".join(f"{name} {view.say(w, 'hundredths')}"
                                        for name, w in c.weights.items()))
            for k, c in enumerate(found.components, 1)]  # fmt: skip
    titles = [words("explore.component"), (words("explore.of-variance"), "percent"),
              words("explore.weights")]  # fmt: skip
    block = table(titles, rows, words("explore.components-about"))
    return [Details(words("explore.components"), [block])]
