"""`mulle doctor`: is this machine fit for mulle, and which command mends what is not?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mulle.cli import talk
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example

if TYPE_CHECKING:
    from mulle.doctor import Check


def add_to(app: typer.Typer) -> None:
    """Make the verb known."""
    app.command(
        "doctor",
        short_help="Is this machine fit, and what mends it?",
        epilog=example("mulle doctor --deep"),
    )(doctor)


def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also ask torch for its devices (takes seconds).")
    ] = False,
    format: AsFormat = Format.text,
) -> Exit:
    """Check Python, processor, memory, disk, encodings, libraries and GPU."""
    from mulle.doctor import examine

    checks = examine(deep=deep)
    if format is Format.json:
        talk.result_json(checks)
    else:
        talk.result("\n".join([*map(_line, checks), "", _sum(checks)]))
    return Exit.failed if any(check.status == "fail" for check in checks) else Exit.done


def _line(check: Check) -> str:
    mend = f"\n      mend with: {check.fix_command}" if check.fix_command else ""
    return f"{check.status:<5} {check.what}{mend}"


def _sum(checks: list[Check]) -> str:
    bad = [c for c in checks if c.status in {"warn", "fail"}]
    return (
        f"{len(checks)} checks, {len(bad)} to look at."
        if bad
        else f"{len(checks)} checks, all well."
    )
