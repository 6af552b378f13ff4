"""Finding things by name: without regard to case, spaces, hyphens and Korean particles."""

from __future__ import annotations

import difflib
import heapq
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

# Particles and endings behind a noun, the longest first: 과적합이란, 과적합을, 과적합은.
_PARTICLES = (
    "이라는", "이라고", "이란", "으로", "에서", "에게", "까지", "부터", "이나", "라는", "란",
    "은", "는", "이", "가", "을", "를", "의", "과", "와", "로", "에", "도", "만",
)  # fmt: skip
_JOSA = re.compile(f"(?:{'|'.join(_PARTICLES)})$")
_IGNORED = re.compile(r"[\s\-_·.,’‘'\"“”()?!/]+")
_INITIALS = (
    "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"  # the first letters of syllables, in Unicode's order
)
_SYLLABLES_PER_INITIAL = 588  # 21 vowels times 28 final letters
_FEWEST_INITIALS = 2  # one letter begins a tenth of all words
_RANKED = 60  # names that share most pairs of letters, compared whole


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


def initials(text: str) -> str:
    """Return the first letters of the syllables of a name, what is no Hangul as it is.

    >>> initials("과적합"), initials("k-평균")
    ('ㄱㅈㅎ', 'kㅍㄱ')
    """
    return "".join(
        _INITIALS[(ord(c) - ord("가")) // _SYLLABLES_PER_INITIAL] if "가" <= c <= "힣" else c
        for c in fold(text)
    )


class Index(Generic[T]):
    """Things by their names; several things may share a name.

    Args:
        named: each thing with the names it answers to, its id first; earlier things come first.

    >>> index = Index([(("power-log", "Log", "로그 변환"), 1), (("loss-log", "Log loss"), 2)])
    >>> index.find("로그변환을"), index.find("log"), index.near("logg los")
    ([1], [1], ['Log loss', 'Log'])
    >>> index.by_initials("ㄹㄱㅂㅎ"), index.containing("loss log")
    ([1], [2])
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

    def by_initials(self, word: str) -> list[T]:
        """Return what is named by Korean words with these first letters, as `ㄱㅈㅎ`.

        Whole names come alone; where there is none, names that begin so, then those that hold it.
        """
        wanted = fold(word)
        if len(wanted) < _FEWEST_INITIALS or not set(wanted) <= set(_INITIALS):
            return []
        keys = [(key, initials(key)) for key in self._display if not key.isascii()]
        whole = [key for key, letters in keys if letters == wanted]
        begun = [key for key, letters in keys if letters.startswith(wanted)]
        return self._of(whole) or self._of(begun) or self._of(k for k, ls in keys if wanted in ls)

    def containing(self, words: str) -> list[T]:
        """Return what has a name that holds each of the words, or all without their particles.

        Words of Latin letters must begin a word of the name: GAN is not in “organize”.
        """
        for strip in (str, without_josa):
            parts = [part for word in words.split() if (part := fold(strip(word)))]
            holding = (
                k for k, name in self._display.items() if all(_in(p, k, name) for p in parts)
            )
            if parts and (found := self._of(holding)):
                return found
        return []

    def near(self, word: str, most: int = 5) -> list[str]:
        """Return the names that are nearest to a word, letters of Hangul compared one by one."""
        letters = {unicodedata.normalize("NFD", key): name for key, name in self._display.items()}
        wanted = unicodedata.normalize("NFD", next(iter(_keys(word))))
        pairs = _pairs(wanted)
        alike = heapq.nlargest(_RANKED, letters, key=lambda key: _share(pairs, _pairs(key)))
        close = difflib.get_close_matches(wanted, alike, n=most, cutoff=0.6)
        return [letters[key] for key in close]

    def _of(self, keys: Iterable[str]) -> list[T]:
        found: list[T] = []
        for key in keys:
            found += [thing for thing in self._things[key] if thing not in found]
        return found


def _keys(word: str) -> Iterator[str]:
    """The word as it stands, then without each particle that may be its end: 차이란, 차, 차이."""
    yield fold(word)
    yield fold(without_josa(word))
    yield from (fold(word).removesuffix(end) for end in _PARTICLES if fold(word).endswith(end))


def _in(part: str, key: str, name: str) -> bool:
    if part not in key or not part.isascii():
        return part in key
    return any(fold(word).startswith(part) for word in re.split(r"[\s\-(/·]+", name))


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)} or {text}


def _share(one: set[str], other: set[str]) -> float:
    """Return how much of two sets is in both (Dice 1945): 2 |A ∩ B| / (|A| + |B|)."""
    return 2 * len(one & other) / (len(one) + len(other))
