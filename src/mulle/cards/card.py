"""The format of a card: one file of TOML an idea, in the folder of its room, both languages in it.

    id        of the catalogue, or a name like one; also the name of the file
    where     the idea stands in mulle: dotted names (`mulle.steps.StandardScale`), commands
              (`mulle fit --plan`), programs (`examples/foundations/…`); [] where mulle has none
    see       ids of related cards
    source    paper or library that the formula comes from
    formula   in plain text, "" for an idea without one
    snippet   at most ten lines that run, and what they print; "" where no code shows the idea
    output
    [en] [ko] name, aliases, sentence, how, use, avoid, pitfall, question, answer, symbols
              and, where notes and tutorials often go wrong, `claim` and `correction`

The languages hold the same fields, and name the same symbols of the formula.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from mulle.errors import DataError
from mulle.i18n import LANGUAGES, Lang

# The rooms that have cards, in the order they are listed; `ideas` are those of no room.
CARDS = (
    "ideas", "table", "explore", "steps", "learners", "fit", "evaluate", "nn", "adapt", "compress",
    "bundle", "serve", "watch", "store", "scale", "doctor",
)  # fmt: skip
MAX_SNIPPET_LINES = 10


@dataclass(frozen=True)
class Words:
    """What a card says in one language.

    Attributes:
        name: of the idea.
        aliases: other names that people look for.
        sentence: the idea in one sentence.
        how: how it works, a paragraph.
        use: when to use it.
        avoid: when not to use it.
        pitfall: what goes wrong most often.
        question: a question that the card answers.
        answer: its answer.
        symbols: of the formula, each with its meaning.
        claim: what notes and tutorials often say wrongly; "" where there is none.
        correction: what is right instead.
    """

    name: str
    aliases: tuple[str, ...]
    sentence: str
    how: str
    use: str
    avoid: str
    pitfall: str
    question: str
    answer: str
    symbols: Mapping[str, str]
    claim: str = ""
    correction: str = ""


@dataclass(frozen=True)
class Card:
    """One idea, with its words in each language."""

    id: str
    room: str
    formula: str
    source: str
    snippet: str
    output: str
    where: tuple[str, ...]
    see: tuple[str, ...]
    words: Mapping[Lang, Words]

    @property
    def code(self) -> tuple[str, ...]:
        """The classes and functions of mulle that answer to it, without their modules."""
        return tuple(place.rpartition(".")[2] for place in self.where if place.startswith("mulle."))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the card answers to: its id, its names in both languages.

        And the code that it is about, which stands first in `where`; the rest is only related.
        """
        spoken = [name for w in self.words.values() for name in (w.name, *w.aliases)]
        return tuple(dict.fromkeys([self.id, *self.code[:1], *spoken]))


@functools.cache
def load_cards() -> dict[str, Card]:
    """Return the cards of mulle by id, room by room.

    Raises:
        DataError: a card is broken.
    """
    root = resources.files(__package__)
    cards: dict[str, Card] = {}
    for room in CARDS:
        folder = root.joinpath(room)
        files = sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else []
        for file in files:
            if file.name.endswith(".toml"):
                card = read_card(file, room)
                cards[card.id] = card
    return cards


def find_card(room: str, id: str) -> Card:
    """Read one card of mulle.

    Raises:
        DataError: it is broken.
    """
    return read_card(resources.files(__package__).joinpath(room, f"{id}.toml"), room)


def read_card(file: Traversable, room: str) -> Card:
    """Read and check one card.

    Args:
        file: of TOML, named as the card's id.
        room: that it belongs to.

    Raises:
        DataError: it is not TOML, or a field is missing, unknown, empty or of the wrong type.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("card-unreadable", where=file, error=error) from error
    shared = {field.name for field in fields(Card)} - {"room", "words"}
    check_fields(file, data, shared | set(LANGUAGES), set(), "")
    words = {lang: _read_words(file, data.pop(lang), lang) for lang in LANGUAGES}
    for name in shared:
        check_type(file, name, data[name], tuple if name in {"where", "see"} else str)
    if f"{data['id']}.toml" != file.name:
        raise DataError("card-misnamed", where=file, id=data["id"])
    if words["en"].symbols.keys() != words["ko"].symbols.keys():
        raise DataError("card-symbols-differ", where=file)
    if data["snippet"].strip().count("\n") >= MAX_SNIPPET_LINES:
        raise DataError("card-snippet-long", where=file, most=MAX_SNIPPET_LINES)
    texts = {name: data[name].strip() for name in shared - {"where", "see"}}
    return Card(**texts, room=room, where=tuple(data["where"]), see=tuple(data["see"]), words=words)


def _read_words(file: Traversable, data: Any, lang: str) -> Words:
    optional = {"claim", "correction"}
    names = {field.name for field in fields(Words)}
    check_fields(file, data, names - optional, optional, f"{lang}.")
    for name, value in data.items():
        kind = {"aliases": tuple, "symbols": dict}.get(name, str)
        check_type(file, f"{lang}.{name}", value, kind)
        if kind is str and not value.strip():
            raise DataError("card-field-empty", where=file, field=f"{lang}.{name}")
    texts = {k: v.strip() if isinstance(v, str) else v for k, v in data.items()}
    return Words(**(texts | {"aliases": tuple(data["aliases"])}))


def check_fields(
    file: Traversable, data: Any, wanted: set[str], optional: set[str], prefix: str
) -> None:
    """Refuse fields that are missing or unknown.

    Raises:
        DataError: there are some, named behind the prefix.
    """
    given = set(data) if isinstance(data, Mapping) else set()
    if missing := sorted(wanted - given):
        fields_ = [f"{prefix}{name}" for name in missing]
        raise DataError("card-field-missing", where=file, fields=fields_)
    if unknown := sorted(given - wanted - optional):
        fields_ = [f"{prefix}{name}" for name in unknown]
        raise DataError("card-field-unknown", where=file, fields=fields_)


def check_type(file: Traversable, field: str, value: Any, kind: type) -> None:
    """Refuse a field that is no text, list of texts (`tuple`) or table of texts (`dict`).

    Raises:
        DataError: it is not.
    """
    right = isinstance(value, list) if kind is tuple else isinstance(value, kind)
    parts = value if isinstance(value, list) else value.values() if kind is dict and right else []
    if not right or not all(isinstance(part, str) for part in parts):
        names: dict[type, str] = {str: "text", tuple: "list", dict: "table"}
        raise DataError("card-field-type", where=file, field=field, expected=names[kind])
