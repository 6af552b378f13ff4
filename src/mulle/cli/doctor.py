"""`mulle doctor`: whether this machine is fit for mulle, and the commands that mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.language import messages

if TYPE_CHECKING:
    from mulle.doctor.check import CheckResult


def add_to(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command(
        "doctor",
        epilog=example("mulle doctor --deep"),
    )(doctor)


def doctor(
    deep: Annotated[bool, typer.Option("--deep")] = False,
    format: AsFormat = Format.text,
) -> Exit:
    """Check Python, processor, memory, disk, encodings, libraries and GPU."""
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
