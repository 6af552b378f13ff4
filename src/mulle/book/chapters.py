"""The outline of the book, as `chapters.toml` holds it: a path from mathematics to serving.

A chapter without cards is announced, and is written when its cards are.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from mulle.cards import Card, load_cards
from mulle.errors import DataError, UnknownName
from mulle.i18n import LANGUAGES, Lang


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Attributes:
        id: short name, which stays.
        title: in each language.
        about: one sentence on it, in each language.
        cards: in the order they are read.
    """

    id: str
    title: Mapping[Lang, str]
    about: Mapping[Lang, str]
    cards: tuple[Card, ...]


@functools.cache
def load_chapters() -> tuple[Chapter, ...]:
    """Return the chapters in the order they are read.

    Raises:
        DataError: the outline lacks an id, a title or a sentence.
        UnknownName: a chapter names a card that does not exist.
    """
    file = resources.files(__package__).joinpath("chapters.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(_chapter(entry) for entry in data["chapter"])


def _chapter(entry: Mapping[str, object]) -> Chapter:
    known = load_cards()
    try:
        title = {lang: str(entry["title"][lang]) for lang in LANGUAGES}  # type: ignore[index]
        about = {lang: str(entry["about"][lang]) for lang in LANGUAGES}  # type: ignore[index]
        name, ids = str(entry["id"]), list(entry["cards"])  # type: ignore[call-overload]
    except (KeyError, TypeError) as error:
        raise DataError("chapter-broken", error=error) from error
    for card in ids:
        if card not in known:
            raise UnknownName("card-unknown", "card", card, known)
    return Chapter(name, title, about, tuple(known[card] for card in ids))
