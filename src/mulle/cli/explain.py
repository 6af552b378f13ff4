"""`mulle explain`: what a code or a name means, and the decisions behind a run or a model file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import example
from mulle.cli.sentences import list_sentences
from mulle.errors import UnknownName, UsageError
from mulle.i18n import current_language
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.cli.topics import Topic
    from mulle.decisions import Decision


class PageFormat(StrEnum):
    """Formats of a page."""

    text = "text"
    md = "md"
    json = "json"


MAX_PAGES = 3  # that are printed one below the other; more are listed
DECIDED = {"decision", "repair", "left-out", "doubt"}  # sorts that a run may have decided on
MAX_NEAR = 5  # names that are offered for one that is unknown


def add_to(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(
        "explain",
        epilog=example(
            "mulle explain titanic.mulle",
            "mulle explain M012 --lang ko",
            "mulle explain standardization",
            "mulle explain ㅍㅈㅎ",
            "mulle explain --room nn",
        ),
    )(explain)


def explain(
    what: Annotated[str, typer.Argument(metavar="WORD|MODEL")] = "",
    run: Annotated[str | None, typer.Option(metavar="RUN")] = None,
    room: Annotated[str | None, typer.Option(metavar="ROOM")] = None,
    format: Annotated[PageFormat, typer.Option("--format")] = PageFormat.text,
) -> Exit:
    """Print what a word means and what was decided about it, or all that is behind a model."""
    if room is not None:
        return _list(_in_room(room), format)
    if not what:
        raise UsageError("explain-what")
    if what.endswith(".mulle"):
        return _print(what, [], _behind(what), format)
    found, exact = _find(what)
    if len(found) > (MAX_PAGES if exact else 1):
        return _list(found, format)
    if run is None and not any(topic.sort in DECIDED for topic in found):
        return _print(what, found, [], format)  # the index of runs is not opened for a card
    codes = {what, *(topic.id for topic in found)}
    decisions = [
        d
        for d in _of_run(run)
        if codes & {d.code, d.code.rpartition(".")[2], d.values.get("repair")}
    ]
    return _print(what, found, decisions, format)


def _print(what: str, found: list[Topic], decisions: list[Decision], format: PageFormat) -> Exit:
    words, lang = messages(), current_language()
    meaning = "\n\n".join(t.render(lang, markdown=format is PageFormat.md) for t in found)
    if format is PageFormat.json:
        import msgspec

        listed = [msgspec.to_builtins(d) | {"sentence": words.sentence(d)} for d in decisions]
        topics = [{"id": topic.id, "sort": topic.sort} | topic.data() for topic in found]
        console.write_json(
            {"what": what, "topics": topics, "meaning": meaning, "decisions": listed}
        )
        return Exit.done
    parts = (meaning, list_sentences(decisions, words))
    console.write("\n\n".join(part for part in parts if part))
    return Exit.done


def _find(word: str) -> tuple[list[Topic], bool]:
    """Return the topics of a name, and whether it is their whole name.

    Otherwise they are the cards and questions that have the first letters of its syllables
    (ㄱㅈㅎ: 과적합), or all of its words.

    Raises:
        UnknownName: nothing has that name; the nearest are offered.
    """
    from mulle.cli.topics import index

    if found := index().find(word):
        return found, True
    held = index().by_initials(word) or index().containing(word)
    if held := [topic for topic in held if topic.sort in {"card", "question"}]:
        return held, False
    raise UnknownName("code-unknown", "code", word, index().near(word, MAX_NEAR))


def _in_room(room: str) -> list[Topic]:
    """Return the topics of one sort (`errors`), or the cards of one room (`nn`).

    Raises:
        UnknownName: there is no such sort or room.
    """
    from mulle.cli.topics import topics

    found = [t for t in topics() if room in {t.room, t.sort, f"{t.sort}s"}]
    if not found:
        rooms = dict.fromkeys(name for t in topics() for name in (f"{t.sort}s", t.room))
        raise UnknownName("room-unknown", "room", room, rooms)
    return sorted(found, key=lambda t: t.sort == "card")  # what has settings comes first


def _list(found: list[Topic], format: PageFormat) -> Exit:
    """Print topics, each with its name."""
    from mulle.cli.text_table import render_table

    if format is PageFormat.json:
        console.write_json([{"id": t.id, "sort": t.sort, "names": t.names} for t in found])
        return Exit.done
    rows = [(topic.id, topic.title(current_language())) for topic in found]
    rows = [(id, title if title != id else "") for id, title in rows]
    if format is PageFormat.md:
        console.write("\n".join(f"- {id}: {title}" if title else f"- {id}" for id, title in rows))
    else:
        console.write(render_table((), rows))
    return Exit.done


def _behind(bundle: str) -> list[Decision]:
    """Return the decisions of the run that made a model file; those of packing stand in the file.

    Raises:
        UsageError: that run is not in this folder.
    """
    import msgspec

    from mulle.bundle import load
    from mulle.decisions import Decision

    lineage = load(bundle).manifest.lineage
    if "decisions" in lineage:
        return msgspec.convert(lineage["decisions"], list[Decision])
    run = str(lineage.get("run", ""))
    found = _decisions(Path(".mulle") / "runs" / run)
    if not run or not found:
        where = str(Path(".mulle") / "runs")
        raise UsageError("run-not-here", where=where, bundle=bundle, run=run or None)
    return found


def _of_run(name: str | None) -> list[Decision]:
    """Return the decisions of a run; of the newest, or none, if it is not named."""
    if name is None and not Path(".mulle").is_dir():
        return []
    from mulle.store import RunIndex

    index = RunIndex()
    chosen = [index.run(name)] if name else index.runs(limit=1)
    return [d for record in chosen for d in _decisions(index.folder / "runs" / record.id)]


def _decisions(folder: Path) -> list[Decision]:
    from mulle.decisions import read_decisions

    return list(read_decisions(folder / "decisions.jsonl"))
