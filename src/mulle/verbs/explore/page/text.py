"""The section of texts: how long, in which scripts, which words, what they hold.

catalogue  neda-seqlen neda-language neda-domain
"""

from __future__ import annotations

from collections.abc import Mapping

from mulle.report import Fact, Facts, Figure, Figures, Heading, PageBlock, Prose, charts
from mulle.report.charts import Drawing
from mulle.verbs.explore.cards import Lengths, TextCard
from mulle.verbs.explore.page.figures import quantile
from mulle.verbs.explore.page.pictures import bins_picture, levels_picture
from mulle.verbs.explore.page.view import View, table

_COVERS = (0.5, 0.95, 0.99, 1.0)


def text(view: View) -> list[PageBlock]:
    """Each column of free text."""
    cards: list[TextCard] = view.of_kind(TextCard)
    blocks = [block for card in cards for block in _column(card, view)]
    return [Heading(view.words("explore.text")), *blocks] if blocks else []


def _column(card: TextCard, view: View) -> list[PageBlock]:
    words = view.words
    facts = [Fact(words("explore.vocabulary"), card.vocabulary, "count",
                  words("explore.words-once", count=card.words_once))]  # fmt: skip
    share = (lambda n: n / card.sampled) if card.sampled else (lambda n: None)
    holds = {key: getattr(card, key) for key in ("urls", "emails", "html", "emoji")}
    facts += [Fact(words(f"explore.{key}"), n, "count", words("explore.of-rows", share=share(n)))
              for key, n in holds.items() if n]  # fmt: skip
    enough = quantile(card.tokens.covers, 0.95)
    units = [u for u in (card.characters, card.words, card.tokens) if u.covers]
    blocks: list[PageBlock] = [Heading(card.name, 3)]
    if enough is not None:
        blocks.append(Prose(words("explore.enough-tokens", tokens=round(enough))))
    blocks += [Facts(facts), Figures(_figures(card, view))]
    if units:
        shares = [(words("explore.covers", share=q), "count") for q in _COVERS]
        titles = [words("explore.length"), *shares, (words("explore.mean"), "number")]
        rows = [(_unit(u, view), *(quantile(u.covers, q) for q in _COVERS), u.mean) for u in units]
        blocks.append(table(titles, rows, words("explore.covers-about")))
    return blocks


def _unit(lengths: Lengths, view: View) -> str:
    name = view.words.name("unit", lengths.unit)
    return f"{name} ({lengths.tokenizer})" if lengths.tokenizer else name


def _figures(card: TextCard, view: View) -> list[Figure]:
    words = view.words
    found: list[tuple[Drawing, str]] = [
        (
            bins_picture(lengths.histogram, card.name, words),
            words("explore.length-in", unit=lengths.unit),
        )
        for lengths in (card.words, card.tokens)
        if lengths.histogram.counts
    ]
    for key, shares in (("languages", card.languages), ("scripts", card.scripts)):
        if shares:
            found.append((_shares(shares, card, view), words(f"explore.{key}")))
    for grams in card.ngrams:
        if grams.top:
            found.append((levels_picture(grams.top[:12], card.name, words),
                          words("explore.ngrams", n=grams.n)))  # fmt: skip
    return [Figure(drawn, caption) for drawn, caption in found]


def _shares(shares: Mapping[str, float], card: TextCard, view: View) -> Drawing:
    order = sorted(shares, key=lambda name: -shares[name])[:8]
    names = [view.words.name("script", name) for name in order]
    values = [shares[name] for name in order]
    return charts.share_bars(names, values, card.name, words=view.words)
