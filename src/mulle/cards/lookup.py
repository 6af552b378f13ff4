"""Finding things by name: without regard to case, spaces, hyphens and Korean particles."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

# Particles and endings behind a noun, the longest first: 과적합이란, 과적합을, 과적합은.
_JOSA = re.compile(
    r"(?:이란|이라는|이라고|으로|에서|에게|까지|부터|이나|란|라는|은|는|이|가|을|를|의|과|와|로|에|도|만)$"
)
_IGNORED = re.compile(r"[\s\-_·.,’‘'\"“”()?!/]+")


def fold(text: str) -> str:
    """Return a name as it is compared.

    >>> fold("Yeo-Johnson"), fold("yeo johnson")
    ('yeojohnson', 'yeojohnson')
    """
    return _IGNORED.sub("", unicodedata.normalize("NFC", text).casefold())


def without_josa(word: str) -> str:
    """Return a Korean word without the particle at its end.

    >>> without_josa("과적합이란"), without_josa("표준화를"), without_josa("PCA는")
    ('과적합', '표준화', 'PCA')
    """
    return _JOSA.sub("", word.rstrip(" ?!."))


class Index(Generic[T]):
    """Things by their names; several things may share a name.

    Args:
        named: each thing with the names it answers to, its id first; earlier things come first.

    >>> index = Index([(("power-log", "Log", "로그 변환"), 1), (("loss-log", "Log loss"), 2)])
    >>> index.find("로그변환을"), index.find("log"), index.near("logg los")
    ([1], [1], ['Log loss', 'Log'])
    """

    def __init__(self, named: Iterable[tuple[Iterable[str], T]]) -> None:
        self._things: dict[str, list[T]] = {}
        self._display: dict[str, str] = {}
        for names, thing in named:
            for name in names:
                key = fold(name)
                self._display.setdefault(key, name)
                things = self._things.setdefault(key, [])
                if thing not in things:
                    things.append(thing)

    def find(self, word: str) -> list[T]:
        """Return what is named so; without its particle where the whole word is no name."""
        return next((self._things[key] for key in _keys(word) if key in self._things), [])

    def near(self, word: str, most: int = 5) -> list[str]:
        """Return the names that are nearest to a word, letters of Hangul compared one by one."""
        letters = {unicodedata.normalize("NFD", key): name for key, name in self._display.items()}
        wanted = unicodedata.normalize("NFD", next(iter(_keys(word))))
        close = difflib.get_close_matches(wanted, letters, n=most, cutoff=0.6)
        return [letters[key] for key in close]


def _keys(word: str) -> Iterator[str]:
    yield fold(word)
    yield fold(without_josa(word))
