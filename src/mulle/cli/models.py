"""`mulle models`: named models and their versions, which one serves, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console, rollback
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, Replace, example
from mulle.cli.text_table import render_table
from mulle.errors import UsageError
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.store import RunIndex, Version

_Name = Annotated[str, typer.Argument(metavar="NAME")]
_Registry = Annotated[str | None, typer.Option("--registry", metavar="FOLDER")]
_DIGITS = 8  # of a checksum, as servers show them


def add_to(app: typer.Typer) -> None:
    """Make the verb and what stands below it known."""
    group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    group.callback(
        epilog=example("mulle models register titanic titanic.mulle", "mulle serve titanic")
    )(models)
    group.command("register", epilog=example("mulle models register titanic titanic.mulle"))(
        register
    )
    group.command("list", epilog=example("mulle models list"))(listed)
    group.command("show", epilog=example("mulle models show titanic"))(show)
    group.command(
        "promote",
        epilog=example("mulle models promote titanic", "mulle models promote titanic --to 3"),
    )(promote)
    group.command(
        "pin", epilog=example("mulle models pin titanic", "mulle models pin titanic --off")
    )(pin)
    group.command("rollback", epilog=example("mulle models rollback titanic"))(rollback.rollback)
    app.add_typer(group, name="models")


def models() -> None:
    """Name models, keep their versions, and decide which one serves."""


def register(
    name: _Name,
    file: Annotated[str, typer.Argument(metavar="FILE")],
    registry: _Registry = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Keep a copy of a .mulle file as the next version of a name; the first one serves at once."""
    from mulle.store import RunIndex
    from mulle.verbs.retrain.slots import register_file

    folder = Path(registry or ".mulle")
    folder.mkdir(parents=True, exist_ok=True)
    index = RunIndex(folder, folder=folder)
    version = register_file(index, name, Path(file))
    kept = index.version(name, version)
    if format is Format.json:
        console.write_json(_as_json(kept, index))
        return Exit.done
    words = messages()
    console.write(words("models.registered", model=name, version=version, file=file))
    command = f"mulle serve {name}" if version == 1 else f"mulle models promote {name}"
    console.write(f"{words('cli.next')}: {command}")
    return Exit.done


def listed(
    name: Annotated[str, typer.Argument(metavar="NAME")] = "",
    registry: _Registry = None,
    format: AsFormat = Format.text,
) -> Exit:
    """List the versions of all models, or of one, the newest first, with what points at them."""
    index = _index(registry)
    names = [name] if name else (index.models() if index else [])
    if name and index is None:
        raise UsageError("registry-missing", registry=registry or ".mulle")
    found = [version for one in names if index for version in reversed(index.versions(one))]
    if format is Format.json:
        console.write_json([_as_json(version, index) for version in found if index])
        return Exit.done
    words = messages()
    if not found:
        console.write(
            f"{words('models.none')}\n\n{words('cli.next')}: mulle models register NAME FILE"
        )
        return Exit.done
    header = tuple(
        words(f"models.{key}") for key in ("model", "version", "aliases", "created", "sha256")
    )
    rows = [
        (v.name, str(v.version), " ".join(_aliases(v, index)), v.created[:16], v.sha256[:_DIGITS])
        for v in found
        if index
    ]
    console.write(render_table(header, rows))
    return Exit.done


def show(
    model: Annotated[str, typer.Argument(metavar="NAME[@ALIAS|:VERSION]")],
    registry: _Registry = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Show one version in full: what it predicts, from what, how well, and where its file is."""
    from mulle.bundle.archive import read_archive
    from mulle.verbs.retrain.slots import RegisteredModel

    slot = RegisteredModel(registry or ".mulle", model)
    ref = slot.champion() if not slot.wanted else slot.version(slot.wanted)
    version = slot.index.version(slot.name, ref.version or 0)
    manifest, _ = read_archive(Path(ref.path))
    facts: dict[str, Any] = _as_json(version, slot.index) | {
        "path": ref.path,
        "target": manifest.target.name,
        "task": manifest.task,
        "labels": list(manifest.labels),
        "columns": [column.name for column in manifest.schema.asked],
    }
    if format is Format.json:
        console.write_json(facts)
        return Exit.done
    words = messages()
    facts["task"] = words.name("task", manifest.task)
    shown = [
        (words(f"models.{key}"), words.render(value))
        for key, value in facts.items()
        if value not in ("", [], {}, None)
    ]
    console.write(render_table((), shown))
    return Exit.done


def promote(
    model: Annotated[str, typer.Argument(metavar="NAME")],
    to: Annotated[str, typer.Option("--to", metavar="VERSION")] = "",
    replace: Replace = False,
    reason: Annotated[str, typer.Option("--reason")] = "",
    registry: _Registry = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Let a version serve, once its file was checked and has answered its trial rows."""
    from mulle.verbs.retrain import promote as move

    done = move(model, to=to, replace=replace, reason=reason, registry=registry)
    if format is Format.json:
        console.write_json(done)
        return Exit.done
    key = "promoted-file" if done.up.version is None else "promoted" if done.down else "serves"
    down = done.down.version if done.down else None
    console.write(messages()(f"models.{key}", model=done.model, up=done.up.version, down=down))
    return Exit.done


def pin(
    model: _Name,
    off: Annotated[bool, typer.Option("--off")] = False,
    registry: _Registry = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Hold the version that serves: nothing takes its place until --off."""
    from mulle.verbs.retrain import pin as hold

    version = hold(model, release=off, registry=registry)
    if format is Format.json:
        console.write_json({"model": model, "version": version, "pinned": not off})
        return Exit.done
    console.write(
        messages()(f"models.{'released' if off else 'pinned'}", model=model, version=version)
    )
    return Exit.done


def _index(registry: str | None) -> RunIndex | None:
    """Return the registry; None where there is none yet."""
    from mulle.store import RunIndex

    folder = Path(registry or ".mulle")
    if not folder.is_dir():
        if registry:
            raise UsageError("registry-missing", registry=registry)
        return None
    return RunIndex(folder, folder=folder)


def _aliases(version: Version, index: RunIndex) -> list[str]:
    pointers = index.aliases(version.name)
    return sorted(alias for alias, number in pointers.items() if number == version.version)


def _as_json(version: Version, index: RunIndex) -> dict[str, Any]:
    return {
        "model": version.name,
        "version": version.version,
        "aliases": _aliases(version, index),
        "created": version.created,
        "sha256": version.sha256,
        "run": version.run_id,
        "scores": version.metrics,
    }
