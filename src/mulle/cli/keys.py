"""`mulle keys`: the API keys of a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mulle.cli import console
from mulle.cli.exits import Exit
from mulle.cli.options import AsFormat, Format, example
from mulle.cli.text_table import render_table
from mulle.language import messages

_File = Annotated[Path, typer.Option("--keys")]
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
    app.add_typer(group, name="keys")


def keys() -> None:
    """Make, list and revoke the API keys that `mulle serve --keys FILE` requires."""


def new(
    name: Annotated[str, typer.Option()],
    scope: Annotated[list[str], typer.Option()],
    expires: Annotated[
        str,
        typer.Option(),
    ] = "",
    keys: _File = _DEFAULT,
    format: AsFormat = Format.text,
) -> Exit:
    """Make a key and print it; it is not shown again, for only its SHA-256 is kept."""
    from mulle.verbs.serve.security.keys import new_key

    secret, key = new_key(keys, name, tuple(scope), expires)
    if format is Format.json:
        console.write_json({"key": secret, "name": name, "scopes": scope, "expires": key.expires})
        return Exit.done
    console.write(secret)
    console.say(messages()("serve.key-made", path=keys))
    return Exit.done


def listed(keys: _File = _DEFAULT, format: AsFormat = Format.text) -> Exit:
    """List the keys with their scopes and when they expire."""
    from mulle.verbs.serve.security.keys import read_keys

    known = read_keys(keys)
    if format is Format.json:
        fields = ("name", "id", "scopes", "created", "expires")
        console.write_json([{word: getattr(key, word) for word in fields} for key in known])
        return Exit.done
    rows = [
        (key.name, key.id, " ".join(key.scopes), f"{key.created:%Y-%m-%d}", _until(key.expires))
        for key in known
    ]
    console.write(render_table(("name", "id", "scopes", "created", "expires"), rows))
    return Exit.done


def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    keys: _File = _DEFAULT,
) -> Exit:
    """Revoke a key; running servers refuse it within a second."""
    from mulle.verbs.serve.security.keys import revoke

    key = revoke(keys, name)
    console.write(messages()("serve.key-revoked", name=key.name, id=key.id))
    return Exit.done


def _until(expires: object) -> str:
    return f"{expires:%Y-%m-%d %H:%M} UTC" if expires else messages()("serve.key-never")
