"""A card as text, as `mulle explain` prints it."""

from __future__ import annotations

from mulle.cards.card import Card
from mulle.i18n import Lang, Messages


def render_card(card: Card, lang: Lang) -> str:
    """Return a card as paragraphs with headings.

    Args:
        card: the card.
        lang: the language; the name stands in both.
    """
    messages, words = Messages(lang), card.words[lang]
    other = card.words["ko" if lang == "en" else "en"].name
    parts = [f"{words.name} · {other} ({card.id})", words.sentence]
    if card.formula:
        symbols = [f"{symbol}: {meaning}" for symbol, meaning in words.symbols.items()]
        parts.append(_headed(messages("card.formula"), card.formula, *symbols))
    for field in ("how", "use", "avoid", "pitfall"):
        parts.append(_headed(messages(f"card.{field}"), getattr(words, field)))
    if words.claim:
        right = messages("card.correction", correction=words.correction)
        parts.append(_headed(messages("card.claim"), f"“{words.claim}”", right))
    if card.where:
        parts.append(_headed(messages("card.where"), *card.where))
    if card.snippet:
        parts.append(_headed(messages("card.snippet"), card.snippet))
        parts.append(_headed(messages("card.output"), card.output))
    parts.append(_headed(messages("card.question"), words.question, words.answer))
    if card.see:
        parts.append(_headed(messages("card.see"), ", ".join(card.see)))
    parts.append(_headed(messages("card.source"), card.source))
    return "\n\n".join(parts)


def _headed(title: str, *paragraphs: str) -> str:
    lines = [line for paragraph in paragraphs for line in paragraph.splitlines()]
    return "\n".join([title, *(f"  {line}".rstrip() for line in lines)])
