"""`mulle explain`: what a code means, and what a run or a model file decided, in sentences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.sentences import list_sentences
from mulle.errors import UnknownName, UsageError
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.decisions import Decision
    from mulle.i18n import Messages


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "explain",
        epilog=example("mulle explain titanic.mulle", "mulle explain M012 --lang ko"),
    )(explain)


def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="CODE|MODEL",
        ),
    ],
    run: Annotated[str | None, typer.Option(metavar="RUN")] = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Say what a code means and what was decided under it, or all that stands behind a model."""
    words = messages()
    if what.endswith(".mulle"):
        decisions, meaning = _behind(what), ""
    else:
        meaning = _meaning(what, words)
        decisions = [d for d in _of_run(run) if what in {d.code, d.values.get("repair")}]
    if format is Format.json:
        import msgspec

        told = [msgspec.to_builtins(d) | {"sentence": words.sentence(d)} for d in decisions]
        console.write_json({"what": what, "meaning": meaning, "decisions": told})
        return Exit.done
    console.write("\n\n".join(part for part in (meaning, list_sentences(decisions, words)) if part))
    return Exit.done


def _meaning(code: str, words: Messages) -> str:
    """The paragraph of a code, wherever it has one.

    Raises:
        UnknownName: it has none anywhere.
    """
    from mulle.cli import source

    found = _finding(code, words)
    if found:
        return found
    if any(f"{group}.{code}" in words for group in ("why", "repair")):
        return words.explain(code)
    errors, rows = source.errors(), source.catalogue()
    if f"error.{code}" in words:
        return words(f"error.{code}")
    if code in errors:
        return errors[code]
    if code in rows:
        return rows[code]
    known = [*words.explained(), *words.titled("finding"), *errors, *rows]
    raise UnknownName("code-unknown", "code", code, known)


def _finding(code: str, words: Messages) -> str:
    """What a finding of explore is about, looked up by its code (M012) or key (skewed)."""
    number = re.fullmatch(r"[Mm]\d{3}", code) is not None
    if not number and f"finding.{code}.title" not in words:
        return ""
    from mulle.verbs.explore import finding

    rule = finding(code)
    parts = [f"{rule.code}  {words(f'finding.{rule.key}.title')}"]
    parts += [f"{label}\n  {text}" for label, text in words.about(rule.key)]
    return "\n\n".join(parts)


def _behind(bundle: str) -> list[Decision]:
    """The decisions of the run that made a model file."""
    from mulle.bundle import load

    run = str(load(bundle).manifest.lineage.get("run", ""))
    found = _decisions(Path(".mulle") / "runs" / run)
    if not run or not found:
        raise UsageError(
            "run-not-here", where=str(Path(".mulle") / "runs"), run=run or "of this model"
        )
    return found


def _of_run(name: str | None) -> list[Decision]:
    """The decisions of a run; of the newest, or none, if it is not named."""
    if name is None and not Path(".mulle").is_dir():
        return []
    from mulle.store import RunIndex

    index = RunIndex()
    chosen = [index.run(name)] if name else index.runs(limit=1)
    return [d for record in chosen for d in _decisions(index.folder / "runs" / record.id)]


def _decisions(folder: Path) -> list[Decision]:
    from mulle.decisions import read_decisions

    return list(read_decisions(folder / "decisions.jsonl"))
