"""`mulle explain`: what a code or a name means, and the decisions behind a run or a model file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.sentences import list_sentences
from mulle.errors import UnknownName, UsageError
from mulle.i18n import current_language
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.cli.topics import Topic
    from mulle.decisions import Decision

MAX_NEAR = 5  # names that are offered for one that is unknown


def add_to(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(
        "explain",
        epilog=example(
            "mulle explain titanic.mulle",
            "mulle explain M012 --lang ko",
            "mulle explain standardization",
            "mulle explain --room steps",
        ),
    )(explain)


def explain(
    what: Annotated[str, typer.Argument(metavar="WORD|MODEL")] = "",
    run: Annotated[str | None, typer.Option(metavar="RUN")] = None,
    room: Annotated[str | None, typer.Option(metavar="ROOM")] = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Print what a word means and what was decided about it, or all that is behind a model."""
    if room is not None:
        return _list(room, format)
    if not what:
        raise UsageError("explain-what")
    found: list[Topic] = []
    if what.endswith(".mulle"):
        decisions = _behind(what)
    else:
        found = _find(what)
        codes = {what, *(topic.id for topic in found)}
        decisions = [
            d
            for d in _of_run(run)
            if codes & {d.code, d.code.rpartition(".")[2], d.values.get("repair")}
        ]
    words, lang = messages(), current_language()
    meaning = "\n\n".join(topic.render(lang) for topic in found)
    if format is Format.json:
        import msgspec

        listed = [msgspec.to_builtins(d) | {"sentence": words.sentence(d)} for d in decisions]
        topics = [{"id": topic.id, "sort": topic.sort} for topic in found]
        console.write_json(
            {"what": what, "topics": topics, "meaning": meaning, "decisions": listed}
        )
        return Exit.done
    parts = (meaning, list_sentences(decisions, words))
    console.write("\n\n".join(part for part in parts if part))
    return Exit.done


def _find(word: str) -> list[Topic]:
    """Return the topics of a name.

    Raises:
        UnknownName: nothing has that name; the nearest are offered.
    """
    from mulle.cli.topics import index

    found = index().find(word)
    if not found:
        raise UnknownName("code-unknown", "code", word, index().near(word, MAX_NEAR))
    return found


def _list(room: str, format: Format) -> Exit:
    """Print the topics of one sort, each with its name.

    Raises:
        UnknownName: there is no such sort.
    """
    from mulle.cli.text_table import render_table
    from mulle.cli.topics import topics

    sorts = list(dict.fromkeys(topic.sort for topic in topics()))
    wanted = room.removesuffix("s")
    if wanted not in sorts:
        raise UnknownName("room-unknown", "room", room, [f"{sort}s" for sort in sorts])
    found = [topic for topic in topics() if topic.sort == wanted]
    if format is Format.json:
        console.write_json([{"id": topic.id, "names": topic.names} for topic in found])
    else:
        korean = current_language() == "ko"
        rows = [(t.id, t.names[-1] if korean else t.names[min(1, len(t.names) - 1)]) for t in found]
        console.write(render_table((), [(a, b if a != b else "") for a, b in rows]))
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
