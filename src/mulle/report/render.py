"""Render blocks as one HTML file that needs no network, and a script only to search columns."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from mulle.i18n.format import FORMATS, MINUS, MISSING, Lang, display_width
from mulle.language import messages
from mulle.report.blocks import Cell, ColumnPanels, Heading, Heat, PageBlock
from mulle.report.charts import canvas, pairs, theme

if TYPE_CHECKING:
    import jinja2

MATRIX = 720.0  # pixels of a matrix of more columns than that
LEGIBLE = 22  # columns whose matrix can be read as numbers
_LIMITS = {
    "few": 4,  # sentences of a finding in front of the fold
    "many": 6,  # columns named in a sentence
    "whole": 150,  # panels that stand in the page as elements; above, their contents are inert text
    "legible": LEGIBLE,
}
_UNIT = re.compile(r"(?<=\d) (?=(?:µs|ms|s|min|h|B|KB|MB|GB)\b|[×±])|(?<=\d [×±]) (?=\d)")


@dataclass
class Section:
    """A level-2 heading with all that follows it; `anchor` is unique in the page."""

    title: str
    anchor: str
    blocks: list[PageBlock] = field(default_factory=list)


@dataclass
class Live:
    """Files and data that a served page takes from its server.

    Attributes:
        scripts, styles: addresses of files.
        data: data for the scripts, in the element `data`.
    """

    scripts: Sequence[str] = ()
    styles: Sequence[str] = ()
    data: Any = None


def render(
    title: str,
    blocks: Sequence[PageBlock],
    *,
    lang: Lang,
    subtitle: str = "",
    wide: bool = False,
    live: Live | None = None,
) -> str:
    """Render a whole page.

    Args:
        title: the main heading.
        blocks: contents of the page, in order.
        lang: language of the interface and of the page.
        subtitle: a sentence below the title: the main finding.
        wide: whether the page has more pictures and tables than text.
        live: files that a served page takes from its server; without them it needs no network.

    Returns:
        HTML5 text, to be written as UTF-8.

    Raises:
        UnknownName: the language is not one of `i18n.LANGUAGES`.
    """
    from mulle.version import __version__

    words = messages(lang)
    template = _environment(lang).get_template("page.html")
    lead, sections = _sections(blocks)
    cards = [card for block in blocks if isinstance(block, ColumnPanels) for card in block.items]
    html = template.render(
        title=title,
        subtitle=subtitle,
        lead=lead,
        sections=sections,
        words=words,
        style=Markup(f"{_resource('style.css')}\n{canvas.inks()}"),
        script=Markup(_resource("cards.js")) if cards else "",
        anchors={card.name: f"c{k}" for k, card in enumerate(cards, 1)},
        wide=wide,
        live=live or Live(),
        version=__version__,
    )
    return re.sub(r"\n\s*\n+", "\n", html.encode("utf-8", "replace").decode())


def _sections(blocks: Sequence[PageBlock]) -> tuple[list[PageBlock], list[Section]]:
    """Return the blocks before the first section, and the sections; headings skip no level."""
    lead: list[PageBlock] = []
    sections: list[Section] = []
    level = 2
    for block in blocks:
        if isinstance(block, Heading) and (block.level <= 2 or not sections):
            level = 2
            taken = {section.anchor for section in sections}
            sections.append(Section(block.text, _anchor(block.text, taken)))
        elif isinstance(block, Heading):
            level = min(block.level, level + 1, 6)
            sections[-1].blocks.append(Heading(block.text, level))
        else:
            (sections[-1].blocks if sections else lead).append(block)
    return lead, sections


def _anchor(text: str, taken: set[str]) -> str:
    """Return a unique id made of the words of a heading.

    >>> _anchor("How good it is", {"how-good-it-is"}), _anchor("순위표", set())
    ('how-good-it-is-2', '순위표')
    """
    base = re.sub(r"[\W_]+", "-", text.lower()).strip("-") or "section"
    ids = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in ids if name not in taken and name != "content")


@functools.cache
def _environment(lang: Lang) -> jinja2.Environment:
    import jinja2  # imported with the first page, not with the room

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_resource),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_tie_units,
    )
    environment.filters |= {
        "shape": lambda block: type(block).__name__.lower(),
        "formatted": functools.partial(_format_value, lang=lang),
        "cell": lambda value: value if isinstance(value, Cell) else Cell(value),
        "paragraphs": lambda text: re.split(r"\n\s*\n", text.strip()),
        "pictures": lambda drawing: list(_pictures(drawing)),
        "clean": theme.clean,
        "label": lambda name: theme.shorten(theme.clean(name), 22),
        "svg": lambda drawing: Markup(drawing.svg()),
        "shade": pairs.shade,
        "tall": _tall,
        "hundredths": lambda value: f"{value:.2f}".replace("-", MINUS).replace("0.", "."),
        "matrix": _matrix,
        "cells": _cells,
        "json": _json,
    }
    environment.globals |= {"number_formats": frozenset(FORMATS), **_LIMITS}
    return environment


def _json(value: Any) -> Markup:
    """Return JSON that is safe inside a script element."""
    import msgspec

    return Markup(msgspec.json.encode(value).decode().replace("</", "<\\/"))


def _tie_units(value: Any) -> Any:
    """Keep a number and its unit on one line; markup is not changed."""
    return _UNIT.sub("\u00a0", value) if type(value) is str else value


def _format_value(value: Any, how: str, lang: Lang) -> str:
    if value is None:
        return MISSING
    if isinstance(value, str) or not how:
        return str(value)
    return FORMATS[how](value, lang)


def _matrix(heat: Heat) -> Markup:
    """Draw a matrix that is too large to be read as numbers."""
    return Markup(pairs.matrix(heat.names, heat.values, heat.caption, "", width=MATRIX).svg())


def _tall(names: Sequence[str]) -> float:
    """Return the height of slanting names of at most 22 letters, in rem."""
    widest = max((min(22, display_width(name)) for name in names), default=0)
    return round(1 + 0.32 * widest, 1)


def _cells(heat: Heat) -> Markup:
    """Return the values of a large matrix for its readout, as JSON that is safe in a page."""
    import msgspec

    percent = [[None if v is None else round(100 * v) for v in row] for row in heat.values]
    told = {
        "names": [theme.clean(name) for name in heat.names],
        "values": percent,
        "signs": ["".join(row) for row in heat.signs],
        "width": MATRIX,
        "left": pairs.matrix_left(heat.names, MATRIX),
    }
    return Markup(msgspec.json.encode(told).decode().replace("<", "\\u003c"))


def _pictures(drawing: canvas.Drawing) -> Iterator[tuple[str, Markup]]:
    """Return a picture once, or for wide and narrow screens each, as (class, picture)."""
    yield "wide" if drawing.narrow else "", Markup(drawing.svg())
    if drawing.narrow:
        yield "narrow", Markup(drawing.narrow.svg())


def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
