"""The section of texts: how long, in which scripts, which words, what they hold.

catalogue  neda-seqlen neda-language neda-domain
"""

from __future__ import annotations

from collections.abc import Mapping

from mulle.report import Fact, Facts, Figure, Figures, Heading, PageBlock, Prose, charts
from mulle.report.charts import Drawing
from mulle.verbs.explore.page.figures import quantile
from mulle.verbs.explore.page.pictures import bins_picture, levels_picture
from mulle.verbs.explore.page.view import View, table
from mulle.verbs.explore.summaries import Lengths, TextSummary

_COVERS = (0.5, 0.95, 0.99, 1.0)


def text(view: View) -> list[PageBlock]:
    """Render each column of free text."""
    summaries: list[TextSummary] = view.of_kind(TextSummary)
    blocks = [block for summary in summaries for block in _column(summary, view)]
    return [Heading(view.words("explore.text")), *blocks] if blocks else []


def _column(summary: TextSummary, view: View) -> list[PageBlock]:
    words = view.words
    facts = [Fact(words("explore.vocabulary"), summary.vocabulary, "count",
                  words("explore.words-once", count=summary.words_once))]  # fmt: skip
    share = (lambda n: n / summary.sampled) if summary.sampled else (lambda n: None)
    holds = {key: getattr(summary, key) for key in ("urls", "emails", "html", "emoji")}
    facts += [Fact(words(f"explore.{key}"), n, "count", words("explore.of-rows", share=share(n)))
              for key, n in holds.items() if n]  # fmt: skip
    enough = quantile(summary.tokens.covers, 0.95)
    units = [u for u in (summary.characters, summary.words, summary.tokens) if u.covers]
    blocks: list[PageBlock] = [Heading(summary.name, 3)]
    if enough is not None:
        blocks.append(Prose(words("explore.enough-tokens", tokens=round(enough))))
    blocks += [Facts(facts), Figures(_figures(summary, view))]
    if units:
        shares = [(words("explore.covers", share=q), "count") for q in _COVERS]
        titles = [words("explore.length"), *shares, (words("explore.mean"), "number")]
        rows = [(_unit(u, view), *(quantile(u.covers, q) for q in _COVERS), u.mean) for u in units]
        blocks.append(table(titles, rows, words("explore.covers-about")))
    return blocks


def _unit(lengths: Lengths, view: View) -> str:
    name = view.words.name("unit", lengths.unit)
    return f"{name} ({lengths.tokenizer})" if lengths.tokenizer else name


def _figures(summary: TextSummary, view: View) -> list[Figure]:
    words = view.words
    found: list[tuple[Drawing, str]] = [
        (
            bins_picture(lengths.histogram, summary.name, words),
            words("explore.length-in", unit=lengths.unit),
        )
        for lengths in (summary.words, summary.tokens)
        if lengths.histogram.counts
    ]
    for key, shares in (("languages", summary.languages), ("scripts", summary.scripts)):
        if shares:
            found.append((_shares(shares, summary, view), words(f"explore.{key}")))
    for grams in summary.ngrams:
        if grams.top:
            found.append((levels_picture(grams.top[:12], summary.name, words),
                          words("explore.ngrams", n=grams.n)))  # fmt: skip
    return [Figure(drawn, caption) for drawn, caption in found]


def _shares(shares: Mapping[str, float], summary: TextSummary, view: View) -> Drawing:
    order = sorted(shares, key=lambda name: -shares[name])[:8]
    names = [view.words.name("script", name) for name in order]
    values = [shares[name] for name in order]
    return charts.share_bars(names, values, summary.name, words=view.words)
