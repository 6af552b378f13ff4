"""`mulle doctor`: whether this machine is fit for mulle, the commands that mend it, its models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.text_table import render_table
from mulle.i18n.format import number, size
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.doctor.check import CheckResult
    from mulle.nn.pretrained import ModelFolder


def add_to(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(
        "doctor",
        epilog=example("mulle doctor --deep"),
    )(doctor)


def doctor(
    deep: Annotated[bool, typer.Option("--deep")] = False,
    models: Annotated[Path | None, typer.Option("--models")] = None,
    format: AsFormat = Format.text,
) -> Exit:
    """Check Python, processor, memory, disk, encodings, libraries and GPU."""
    if models is not None:
        return _list_models(models, format)
    from mulle.doctor.checks import examine

    checks = examine(deep=deep)
    if format is Format.json:
        import msgspec

        results = [msgspec.to_builtins(check) | {"what": check.what} for check in checks]
        console.write_json(results)
    else:
        console.write("\n".join([*map(_line, checks), "", _sum(checks)]))
    return Exit.failed if any(check.status == "fail" for check in checks) else Exit.done


def _line(check: CheckResult) -> str:
    words = messages()
    mend = words("doctor.mend", command=check.fix_command) if check.fix_command else ""
    mend = f"\n      {mend}" if mend else ""
    return f"{words(f'check-status.{check.status}'):<5} {check.what}{mend}"


def _sum(checks: list[CheckResult]) -> str:
    bad = [c for c in checks if c.status in {"warn", "fail"}]
    return messages()("doctor.sum-bad" if bad else "doctor.sum", checks=len(checks), bad=len(bad))


def _list_models(folder: Path, format: Format) -> Exit:
    """List the folders of pretrained models, and what is wrong with those that cannot be loaded."""
    from mulle.errors import MissingFile
    from mulle.nn.pretrained import survey

    if not folder.is_dir():
        raise MissingFile("pretrained-folder-missing", where=str(folder), name=folder.name)
    found = survey(folder)
    if not found:
        raise MissingFile("pretrained-folder-empty", where=str(folder), name=folder.name)
    if format is Format.json:
        console.write_json([_as_data(model) for model in found])
        return Exit.done
    words = messages()
    loaded = [model for model in found if model.problem is None]
    header = [words(f"doctor-models.{name}") for name in _COLUMNS]
    console.write(render_table(header, [_cells(model) for model in loaded]))
    for model in loaded:
        if model.hangul is not None and model.hangul.apart:
            console.write(words("doctor-models.apart", name=model.path.name,
                                unknown=model.hangul.unknown))  # fmt: skip
    for model in found:
        if model.problem is not None:
            console.write(f"{model.path.name}: {model.problem.what} {model.problem.fix}")
    return Exit.done


_COLUMNS = ("folder", "architecture", "sort", "size", "licence", "tokens", "milliseconds")


def _cells(model: ModelFolder) -> list[str]:
    words = messages()
    hangul, taken = model.hangul, model.milliseconds
    return [
        model.path.name,
        model.architecture,
        words(f"model-sort.{model.sort.replace(' ', '-')}"),
        size(model.bytes),
        model.licence or "–",
        "–" if hangul is None else number(round(hangul.tokens, 2)),
        "–" if taken is None else f"{number(round(taken, 1))} ms",
    ]


def _as_data(model: ModelFolder) -> dict[str, Any]:
    problem = model.problem
    return model._asdict() | {
        "path": str(model.path),
        "hangul": None if model.hangul is None else model.hangul._asdict(),
        "problem": None if problem is None else {"code": problem.code, "what": problem.what},
    }
