"""Cards and questions as text or Markdown, as `mulle explain` prints them."""

from __future__ import annotations

from collections.abc import Iterator

from mulle.cards.card import Card
from mulle.cards.question import Group, Question, load_topic
from mulle.i18n import Lang, Messages


def render_card(card: Card, lang: Lang, *, markdown: bool = False) -> str:
    """Return a card as paragraphs with headings.

    Args:
        card: the card.
        lang: the language; the name stands in both.
        markdown: with the marks of Markdown.
    """
    words = card.words[lang]
    other = card.words["ko" if lang == "en" else "en"].name
    title = f"{words.name} · {other} ({card.id})"
    parts = [f"# {title}" if markdown else title, words.sentence]
    parts += [_section(*section, markdown=markdown) for section in _sections_of(card, lang)]
    return "\n\n".join(parts)


def _sections_of(card: Card, lang: Lang) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the title of each section, its paragraphs, and whether they are text or code."""
    messages, words = Messages(lang), card.words[lang]
    if card.formula:
        symbols = [f"{symbol}: {meaning}" for symbol, meaning in words.symbols.items()]
        yield messages("card.formula"), (card.formula, *symbols), "code"
    for field in ("how", "use", "avoid", "pitfall"):
        yield messages(f"card.{field}"), (getattr(words, field),), "text"
    if words.claim:
        right = messages("card.correction", correction=words.correction)
        yield messages("card.claim"), (f"“{words.claim}”", right), "text"
    if card.where:
        yield messages("card.where"), card.where, "code"
    yield from _code_of(card, messages)
    yield messages("card.question"), (words.question, words.answer), "text"
    if card.see:
        yield messages("card.see"), (", ".join(card.see),), "text"
    yield messages("card.source"), (card.source,), "text"


def render_question(question: Question, lang: Lang, *, markdown: bool = False) -> str:
    """Return a question with its answer.

    Args:
        question: the question.
        lang: the language.
        markdown: with the marks of Markdown.
    """
    messages, words = Messages(lang), question.words[lang]
    title = f"{words.question} ({question.id})"
    parts = [f"# {title}" if markdown else title, words.choice]
    parts.append(_section(messages("card.answer"), (words.answer,), "text", markdown=markdown))
    parts += [_section(*section, markdown=markdown) for section in _code_of(question, messages)]
    if question.see:
        parts.append(
            _section(messages("card.see"), (", ".join(question.see),), "text", markdown=markdown)
        )
    return "\n\n".join(parts)


def render_group(group: Group, lang: Lang, *, markdown: bool = False) -> str:
    """Return the questions of a group, each with its id."""
    known = {question.id: question for question in load_topic(group.topic)[0]}
    lines = [f"{name}  {known[name].words[lang].question}" for name in group.questions]
    title = f"{group.title[lang]} ({group.id})"
    if markdown:
        return "\n".join([f"# {title}", "", *(f"- {line}" for line in lines)])
    return "\n".join([title, "", *lines])


def _code_of(
    thing: Card | Question, messages: Messages
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    if thing.snippet:
        yield messages("card.snippet"), (thing.snippet,), "code"
        yield messages("card.output"), (thing.output,), "code"


def _section(title: str, paragraphs: tuple[str, ...], sort: str, *, markdown: bool) -> str:
    lines = [line for paragraph in paragraphs for line in paragraph.splitlines()]
    if not markdown:
        return "\n".join([title, *(f"  {line}".rstrip() for line in lines)])
    body = ["```", *lines, "```"] if sort == "code" else ["\n\n".join(lines)]
    return "\n".join([f"## {title}", "", *body])
