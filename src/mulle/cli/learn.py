"""`mulle learn`: the chapters of the book, and a quiz over its questions in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.text_table import render_table
from mulle.errors import UnknownName, UsageError
from mulle.i18n import current_language
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.book import Standing
    from mulle.cards import Question

PROGRESS = Path("~/.mulle/quiz.json")  # of the person, not of a project
# Keys of an answer, also as they come from a Korean keyboard that was not switched.
QUIT, YES, NO = {"q", "ㅂ", "ㅃ"}, {"y", "yes", "ㅛ", "네", "예"}, {"n", "no", "ㅜ", "아니요"}


def add_to(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(
        "learn",
        epilog=example("mulle learn", "mulle learn preprocessing", "mulle learn numpy --quiz"),
    )(learn)


def learn(
    what: Annotated[str, typer.Argument(metavar="[CHAPTER|TOPIC]")] = "",
    quiz: Annotated[bool, typer.Option("--quiz")] = False,
    number: Annotated[int, typer.Option("--number", "-n")] = 10,
    reveal: Annotated[bool, typer.Option("--reveal")] = False,
    progress: Annotated[Path, typer.Option("--progress", metavar="FILE")] = PROGRESS,
    format: AsFormat = Format.text,
) -> Exit:
    """List the chapters, the cards of one, or ask questions of a topic."""
    if not quiz:
        return _list_chapters(format) if not what else _list_cards(what, format)
    if number < 1:
        raise UsageError("quiz-number", count=number)
    return _quiz(what, number, progress.expanduser(), reveal=reveal)


def _list_chapters(format: Format) -> Exit:
    from mulle.book import load_chapters

    lang = current_language()
    rows = [(c.id, c.title[lang], len(c.cards), c.about[lang]) for c in load_chapters()]
    if format is Format.json:
        console.write_json([{"id": r[0], "title": r[1], "cards": r[2]} for r in rows])
    else:
        console.write(render_table((), [(id, title, str(n)) for id, title, n, _ in rows]))
    return Exit.done


def _list_cards(chapter: str, format: Format) -> Exit:
    """Print the cards of a chapter.

    Raises:
        UnknownName: there is no such chapter.
    """
    from mulle.book import load_chapters

    chapters = {c.id: c for c in load_chapters()}
    if chapter not in chapters:
        raise UnknownName("chapter-unknown", "chapter", chapter, chapters)
    found, lang = chapters[chapter], current_language()
    rows = [(card.id, card.words[lang].name) for card in found.cards]
    if format is Format.json:
        console.write_json([{"id": id, "name": name} for id, name in rows])
    else:
        listed = render_table((), rows) if rows else ""
        console.write(f"{found.title[lang]}\n{found.about[lang]}\n\n{listed}".rstrip())
    return Exit.done


def _quiz(topic: str, number: int, path: Path, *, reveal: bool) -> Exit:
    """Ask questions until there are no more, or the person ends it; keep what was answered."""
    import time

    from mulle.book import Standing, load_progress, pick, save_progress

    today = int(time.time() // 86_400)
    progress = load_progress(path)
    questions = pick(_questions(topic), progress, today, number)
    right: list[str] = []
    missed: list[str] = []
    words = messages()
    for place, question in enumerate(questions, 1):
        console.write(words("quiz.head", place=place, count=len(questions), id=question.id))
        known = progress.get(question.id, Standing())
        hit = _reveal(question) if reveal else _ask(question, known)
        if hit is None:
            break
        (right if hit else missed).append(question.id)
        progress[question.id] = known.answered(right=hit, today=today)
        save_progress(path, progress)  # after each answer: an interrupt loses none
    console.write(words("quiz.sum", right=len(right), count=len(right) + len(missed)))
    if missed:
        console.write(words("quiz.missed", ids=", ".join(missed), id=missed[0]))
    return Exit.done


def _questions(topic: str) -> list[Question]:
    """Return the questions of a topic; of all topics if it is not named.

    Raises:
        UnknownName: there is no such topic.
    """
    from mulle.cards import TOPICS, load_topic

    if topic and topic not in TOPICS:
        raise UnknownName("topic-unknown", "question-topic", topic, TOPICS)
    return [q for name in TOPICS if topic in {"", name} for q in load_topic(name)[0]]


def _ask(question: Question, known: Standing) -> bool | None:
    """Ask with choices; None where the person ends the quiz."""
    from mulle.book import shuffle_choices

    lang, words = current_language(), messages()
    choices, place = shuffle_choices(question, lang, known.asked)
    console.write(question.words[lang].question)
    console.write("\n".join(f"  {i}  {choice}" for i, choice in enumerate(choices, 1)))
    said = _read(words("quiz.which", count=len(choices)))
    if said is None:
        return None
    right = said == str(place + 1)
    verdict = words("quiz.right") if right else words("quiz.wrong", place=place + 1)
    console.write(f"{verdict}\n\n{question.words[lang].answer}\n")
    return right


def _reveal(question: Question) -> bool | None:
    """Show the answer when it is asked for; the person says whether it was known."""
    lang, words = current_language(), messages()
    console.write(question.words[lang].question)
    if _read(words("quiz.think")) is None:
        return None
    console.write(f"\n{question.words[lang].answer}\n")
    while (said := _read(words("quiz.known"))) is not None:
        if said in YES | NO:
            return said in YES
    return None


def _read(prompt: str) -> str | None:
    """Return a line of the person, small letters; None at the end of input or where they quit."""
    print(prompt, end=" ", flush=True)
    line = sys.stdin.readline()
    if not line or line.strip().casefold() in QUIT:
        print()
        return None
    return line.strip().casefold()
