"""The section of the target: its classes or values, and what each column alone tells about it."""

from __future__ import annotations

from collections.abc import Sequence

from mulle.report import Fact, Facts, Figure, Figures, Heading, PageBlock, Prose, charts
from mulle.report.charts import Drawing
from mulle.verbs.explore.page.pictures import picture
from mulle.verbs.explore.page.view import View, table
from mulle.verbs.explore.report import Slice, Target, Tells
from mulle.verbs.explore.summaries import AnySummary

DRAWN, LISTED = 8, 40  # columns that are drawn, and listed, of those that tell most


def target(view: View) -> list[PageBlock]:
    """Render what the table tells about the target."""
    found, words = view.report.target, view.words
    if found is None:
        return []
    blocks: list[PageBlock] = [
        Heading(words("explore.target", name=found.name)),
        Prose(words(f"explore.target-{found.task}", name=found.name, classes=len(found.classes))),
        *_classes(found, view),
        *view.not_computed("target"),
    ]
    if found.leaks:
        leaks = [(leak.column, words.name("reason", leak.reason), leak.score, leak.baseline)
                 for leak in found.leaks]  # fmt: skip
        titles = [words("term.column"), words("term.reason"),
                  (words("explore.alone"), "score"), (words("term.baseline"), "score")]  # fmt: skip
        blocks += [Heading(words("explore.leaks"), 3), table(titles, leaks)]
    return [*blocks, *_tells(found, view)]


def _classes(found: Target, view: View) -> list[PageBlock]:
    words = view.words
    facts = [Fact(words("explore.missing-rows"), found.missing, "count")] if found.missing else []
    if found.balance is not None:
        facts += [Fact(words("explore.balance"), found.balance, "percent")]
    summary = next((c for c in view.report.summaries if c.name == found.name), None)
    drawn = _picture_of(found, summary, view)
    shown: list[PageBlock] = [Figures([Figure(drawn)])] if drawn else []
    return [*([Facts(facts)] if facts else []), *shown]


def _picture_of(found: Target, summary: AnySummary | None, view: View) -> Drawing | None:
    if found.classes:
        names = [view.words.render(level.value) for level in found.classes[:12]]
        rows = [level.count for level in found.classes[:12]]
        rest = found.classes[12:]
        return charts.category_bars(
            names, rows, found.name, others=len(rest),
            other_count=sum(level.count for level in rest), missing=found.missing, words=view.words,
        )  # fmt: skip
    return picture(summary, view.words) if summary else None


def _tells(found: Target, view: View) -> list[PageBlock]:
    words = view.words
    if not found.columns:
        return []
    rows = [(t.column, words.name("measure", t.measure), t.value, t.information, t.share)
            for t in found.columns[:LISTED]]  # fmt: skip
    titles = [words("term.column"), words("explore.measure"), (words("term.value"), "score"),
              (words("explore.information"), "number"),
              (words("explore.of-entropy"), "percent")]  # fmt: skip
    figures = [Figure(drawn, t.column) for t in found.columns[:DRAWN]
               if (drawn := slices(t, found, view)) is not None]  # fmt: skip
    bars = words(f"explore.bars-{found.task}", name=found.name, label=found.positive)
    blocks: list[PageBlock] = [
        Heading(words("explore.tells"), 3),
        Prose(words("explore.tells-about", bars=bars)),
        Figures(figures),
        table(titles, rows),
    ]
    if len(found.columns) > LISTED:
        blocks.append(Prose(words("page.more-of", count=len(found.columns) - LISTED)))
    return blocks


def slices(tells: Tells, found: Target, view: View) -> Drawing | None:
    """Draw the target over the values of one column."""
    words, parts = view.words, tells.slices
    if not parts:
        return None
    labels = [slice_label(part, tells.column, view) for part in parts]
    if found.task == "multiclass":
        names = [words.render(level.value) for level in found.classes]
        about = words("explore.shares-of", name=found.name)
        return charts.stacked_bars(
            labels, [p.shares for p in parts], names, tells.column, about=about
        )
    shown: Sequence[tuple[str, Slice]] = [
        (name, part) for name, part in zip(labels, parts, strict=True) if part.mean is not None
    ]
    binary = found.task == "binary"
    about = words("explore.share-of" if binary else "explore.mean-of",
                  name=found.name, label=found.positive)  # fmt: skip
    return charts.slice_bars(
        [name for name, _ in shown],
        [part.mean or 0.0 for _, part in shown],
        [part.rows for _, part in shown],
        tells.column,
        about=about,
        percent=binary,
        words=words,
    )


def slice_label(part: Slice, column: str, view: View) -> str:
    """Return the name of a slice."""
    if part.sort == "range":
        return view.span(column, part.low, part.high)
    if part.sort in {"missing", "others"}:
        return view.words(f"explore.slice-{part.sort}")
    return view.value_name(column, part.label)
