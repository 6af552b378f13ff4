"""A quiz over the questions: which come next, and when each comes again (Leitner 1972).

A question that was answered right moves up a box and comes again after 1, 2, 4, 8, 16, 32 days; one
that was missed falls back to the first and comes again the same day. What is known of them stands
in one file of the person's own.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mulle.cards import Question
from mulle.errors import DataError
from mulle.files import check_writable, write_text
from mulle.i18n import Lang

DAYS = (0, 1, 2, 4, 8, 16, 32)  # until a question of each box comes again
FORMAT = 1


@dataclass(frozen=True)
class Standing:
    """What is known of one question.

    Attributes:
        box: how many times in a row it was answered right, at most the last box.
        due: day on which it comes again, counted from 1970.
        asked: how many times it was asked.
        missed: how many times it was missed.
    """

    box: int = 0
    due: int = 0
    asked: int = 0
    missed: int = 0

    def answered(self, *, right: bool, today: int) -> Standing:
        """Return the standing after one more answer.

        >>> Standing().answered(right=True, today=100)
        Standing(box=1, due=101, asked=1, missed=0)
        >>> Standing(box=4, due=100, asked=4).answered(right=False, today=100)
        Standing(box=0, due=100, asked=5, missed=1)
        """
        box = min(self.box + 1, len(DAYS) - 1) if right else 0
        return Standing(box, today + DAYS[box], self.asked + 1, self.missed + (not right))


def pick(
    questions: Iterable[Question], progress: Mapping[str, Standing], today: int, most: int
) -> list[Question]:
    """Return the questions that come next.

    Those that are due come first, the lowest box before others and the most missed within it; then
    new ones in the order of their topic; then those that are not due yet, the nearest first.
    """

    def place(question: Question) -> tuple[int, int, int]:
        known = progress.get(question.id)
        if known is None:
            return 1, 0, 0
        return (0, known.box, -known.missed) if known.due <= today else (2, known.due, 0)

    return sorted(questions, key=place)[:most]


def shuffle_choices(question: Question, lang: Lang, asked: int) -> tuple[Sequence[str], int]:
    """Return the choices of a question, in another order each time, and the place of the right one.

    Args:
        question: the question.
        lang: its language.
        asked: how many times it was asked before, which decides on the order.
    """
    words = question.words[lang]
    choices = [words.choice, *words.wrong]
    random.Random(f"{question.id} {asked}").shuffle(choices)
    return choices, choices.index(words.choice)


def load_progress(path: Path) -> dict[str, Standing]:
    """Return what is known of each question that was asked; nothing where there is no file.

    Raises:
        DataError: the file is not one of a quiz.
    """
    if not path.exists():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {id: Standing(**{k: int(v) for k, v in e.items()}) for id, e in data["quiz"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError("quiz-unreadable", where=path, error=error) from error


def save_progress(path: Path, progress: Mapping[str, Standing]) -> None:
    """Write what is known of each question, the whole file at once."""
    check_writable(path)
    quiz = {id: asdict(standing) for id, standing in sorted(progress.items())}
    write_text(path, json.dumps({"format": FORMAT, "quiz": quiz}, indent=1) + "\n")
