"""The format of questions: one file of TOML a topic, both languages in it.

    [[group]]     id of the catalogue, `en` and `ko`: its title, `questions`: their ids
    [[question]]
    id            of the catalogue
    see           ids of cards and of other questions
    snippet       at most ten lines that run, and what they print; "" where no code shows it
    output
    [question.en] [question.ko]
                  question, answer (worked), choice (the right one, short), wrong (two or three
                  others), aliases

A question is lighter than a card, and has choices, so that one can be asked.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from mulle.cards.card import MAX_SNIPPET_LINES, check_fields, check_type
from mulle.errors import DataError
from mulle.i18n import LANGUAGES, Lang

# The topics that have questions, in the order they are listed.
TOPICS = (
    "numpy", "statistics", "machine-learning", "deep-learning", "deep-learning-more",
    "environment", "python", "data-structures", "algorithms", "computer-networks",
    "operating-systems",
)  # fmt: skip
FEWEST_WRONG, MOST_WRONG = 2, 3


@dataclass(frozen=True)
class Asked:
    """What a question says in one language.

    Attributes:
        question: as a learner or an interviewer asks it.
        answer: worked, a paragraph.
        choice: the right choice of a quiz, in a few words.
        wrong: two or three wrong choices.
        aliases: other words that people look for.
    """

    question: str
    answer: str
    choice: str
    wrong: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One question, with its words in each language."""

    id: str
    topic: str
    see: tuple[str, ...]
    snippet: str
    output: str
    words: Mapping[Lang, Asked]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the question answers to: its id, its words and aliases."""
        spoken = [name for w in self.words.values() for name in (w.question, *w.aliases)]
        return tuple(dict.fromkeys([self.id, *spoken]))


@dataclass(frozen=True)
class Group:
    """Questions that the catalogue counts as one row."""

    id: str
    topic: str
    title: Mapping[Lang, str]
    questions: tuple[str, ...]


def load_questions() -> dict[str, Question]:
    """Return the questions of mulle by id, topic by topic.

    Raises:
        DataError: a file is broken.
    """
    return {q.id: q for topic in TOPICS for q in load_topic(topic)[0]}


def load_groups() -> dict[str, Group]:
    """Return the groups of questions by id.

    Raises:
        DataError: a file is broken.
    """
    return {group.id: group for topic in TOPICS for group in load_topic(topic)[1]}


@functools.cache
def load_topic(topic: str) -> tuple[tuple[Question, ...], tuple[Group, ...]]:
    """Return the questions of one topic, and their groups.

    Raises:
        DataError: the file is broken.
    """
    return read_topic(resources.files(__package__).joinpath("questions", f"{topic}.toml"), topic)


def read_topic(file: Traversable, topic: str) -> tuple[tuple[Question, ...], tuple[Group, ...]]:
    """Read and check one file of questions.

    Args:
        file: of TOML.
        topic: that it belongs to.

    Raises:
        DataError: it is not TOML, or a field is missing, unknown, empty or of the wrong type.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("card-unreadable", where=file, error=error) from error
    check_fields(file, data, {"question"}, {"group"}, "")
    questions = tuple(_read_question(file, entry, topic) for entry in data["question"])
    return questions, tuple(_read_groups(file, data.get("group", []), topic))


def _read_question(file: Traversable, data: Any, topic: str) -> Question:
    shared = {field.name for field in fields(Question)} - {"topic", "words"}
    check_fields(file, data, shared | set(LANGUAGES), set(), "question.")
    for name in shared:
        check_type(file, f"{data['id']}.{name}", data[name], tuple if name == "see" else str)
    if data["snippet"].strip().count("\n") >= MAX_SNIPPET_LINES:
        raise DataError("card-snippet-long", where=file, most=MAX_SNIPPET_LINES)
    return Question(
        id=data["id"],
        topic=topic,
        see=tuple(data["see"]),
        snippet=data["snippet"].strip(),
        output=data["output"].strip(),
        words={lang: _read_asked(file, data[lang], f"{data['id']}.{lang}") for lang in LANGUAGES},
    )


def _read_asked(file: Traversable, data: Any, place: str) -> Asked:
    check_fields(file, data, {field.name for field in fields(Asked)}, set(), f"{place}.")
    for name, value in data.items():
        kind = tuple if name in {"wrong", "aliases"} else str
        check_type(file, f"{place}.{name}", value, kind)
        parts = [value] if kind is str else value
        if not all(part.strip() for part in parts):
            raise DataError("card-field-empty", where=file, field=f"{place}.{name}")
    if not FEWEST_WRONG <= len(data["wrong"]) <= MOST_WRONG:
        raise DataError("question-choices", where=file, field=place, count=len(data["wrong"]))
    texts: dict[str, Any] = {
        k: v.strip() if isinstance(v, str) else tuple(v) for k, v in data.items()
    }
    return Asked(**texts)


def _read_groups(file: Traversable, entries: Any, topic: str) -> Iterator[Group]:
    for entry in entries:
        check_fields(file, entry, {"id", "questions", *LANGUAGES}, set(), "group.")
        check_type(file, "group.questions", entry["questions"], tuple)
        titles = {lang: entry[lang] for lang in LANGUAGES}
        yield Group(entry["id"], topic, titles, tuple(entry["questions"]))
