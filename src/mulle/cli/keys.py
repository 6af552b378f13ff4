"""`mulle keys`: who may ask a server for what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.text_table import render_table

_File = Annotated[Path, typer.Option("--keys", help="The file of keys.")]
_DEFAULT = Path(".mulle/keys.toml")


def add_to(app: typer.Typer) -> None:
    """Make the verb and what stands below it known."""
    group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    group.callback(epilog=example("mulle keys new --name team-a --scope predict"))(keys)
    group.command(
        "new", epilog=example("mulle keys new --name team-a --scope predict --expires 90d")
    )(new)
    group.command("list", epilog=example("mulle keys list"))(listed)
    group.command("revoke", epilog=example("mulle keys revoke team-a"))(revoke)
    app.add_typer(group, name="keys", short_help="Who may ask a server for what.")


def keys() -> None:
    """Make, list and revoke the API keys that `mulle serve --keys FILE` asks for."""


def new(
    name: Annotated[str, typer.Option(help="Of its owner, as logs tell it.")],
    scope: Annotated[list[str], typer.Option(help="predict, feedback or admin; repeat for more.")],
    expires: Annotated[str, typer.Option(help="After 90d, 12h or 2w; else never.")] = "",
    keys: _File = _DEFAULT,
    format: AsFormat = Format.text,
) -> Exit:
    """Make a key and print it, this once: only its SHA-256 is kept."""
    from mulle.verbs.serve.security.keys import new_key

    secret, key = new_key(keys, name, tuple(scope), expires)
    if format is Format.json:
        console.write_json({"key": secret, "name": name, "scopes": scope, "expires": key.expires})
        return Exit.done
    console.write(secret)
    console.say(f"Keep it: it is not shown again. Serve with it: mulle serve MODEL --keys {keys}")
    return Exit.done


def listed(keys: _File = _DEFAULT, format: AsFormat = Format.text) -> Exit:
    """List the keys by name, with what they may ask for and until when."""
    from mulle.verbs.serve.security.keys import read_keys

    found = read_keys(keys)
    if format is Format.json:
        shown = ("name", "id", "scopes", "created", "expires")
        console.write_json([{word: getattr(key, word) for word in shown} for key in found])
        return Exit.done
    rows = [
        (key.name, key.id, " ".join(key.scopes), f"{key.created:%Y-%m-%d}", _until(key.expires))
        for key in found
    ]
    console.write(render_table(("name", "id", "scopes", "created", "expires"), rows))
    return Exit.done


def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A key's name or id.")],
    keys: _File = _DEFAULT,
) -> Exit:
    """Take a key out; running servers refuse it within a second."""
    from mulle.verbs.serve.security.keys import revoke

    key = revoke(keys, name)
    console.write(f"Revoked {key.name} ({key.id}).")
    return Exit.done


def _until(expires: object) -> str:
    return f"{expires:%Y-%m-%d %H:%M} UTC" if expires else "never"
