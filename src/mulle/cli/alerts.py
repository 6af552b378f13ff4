"""`mulle alerts`: check the rules of alerts, and test their channels."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.language import messages

_Rules = Annotated[str, typer.Argument(metavar="RULES")]


def add_to(app: typer.Typer) -> None:
    """Add the verb and its commands to the app."""
    group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    group.callback()(alerts)
    group.command("test", epilog=example("mulle alerts test rules.toml --send"))(test)
    app.add_typer(group, name="alerts")


def alerts() -> None:
    """Alerts of a watched model: try their rules and channels."""


def test(
    rules: _Rules,
    send: Annotated[bool, typer.Option("--send")] = False,
    format: AsFormat = Format.text,
) -> Exit:
    """Check the rules, and with --send the way to each channel."""
    from mulle.errors import MulleError
    from mulle.i18n import Messages
    from mulle.verbs.watch.alert import Message, read_rules

    found = read_rules(rules)
    tried: dict[str, str] = {}
    if send:
        words = Messages(found.language)
        for name, channel in found.channels.items():
            text = words("alert.test-text", channel=name)
            try:
                channel.send(Message(secrets.token_hex(8), words("alert.test-title"), text))
                tried[name] = ""
            except MulleError as error:
                tried[name] = f"{error.what} {error.fix}"
    if format is Format.json:
        names = [rule.name for rule in found.rules]
        console.write_json({"rules": names, "channels": list(found.channels), "failed": tried})
    else:
        words = messages()
        counts = {"rules": len(found.rules), "channels": len(found.channels)}
        console.write(words("alert.rules-valid", **counts))
        for name, why in tried.items():
            console.write(f"{name}: {why or words('alert.sent')}")
    return Exit.failed if any(tried.values()) else Exit.done
