"""The outline of the book, as `chapters.toml` holds it: a path from mathematics to serving.

A chapter without cards is announced, and is written when its cards are.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
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
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["chapter"]
    try:
        wanted = [[str(pattern) for pattern in entry["cards"]] for entry in entries]
        return tuple(
            Chapter(str(entry["id"]), _texts(entry["title"]), _texts(entry["about"]), cards)
            for entry, cards in zip(entries, _shared_out(wanted), strict=True)
        )
    except (KeyError, TypeError) as error:
        raise DataError("chapter-broken", error=error) from error


def _texts(entry: Mapping[str, object]) -> dict[Lang, str]:
    return {lang: str(entry[lang]) for lang in LANGUAGES}


def _shared_out(wanted: Iterable[list[str]]) -> Iterator[tuple[Card, ...]]:
    """Yield the cards of each chapter: a card that is named whole stands nowhere else.

    Raises:
        UnknownName: a chapter names a card that does not exist.
    """
    cards = {f"{card.room}/{card.id}": card for card in load_cards().values()}
    chapters = list(wanted)
    named = [name for patterns in chapters for name in patterns if "*" not in name]
    if unknown := next((name for name in named if name not in cards), None):
        raise UnknownName("card-unknown", "card", unknown, cards)
    left = [name for name in cards if name not in named]
    for patterns in chapters:
        names = [name for name in patterns if "*" not in name]
        for pattern in (pattern for pattern in patterns if "*" in pattern):
            found = [name for name in left if fnmatchcase(name, pattern)]
            names += found
            left = [name for name in left if name not in found]
        yield tuple(cards[name] for name in names)
