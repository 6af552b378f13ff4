"""The file `models.json` of registered models, and the tables that follow it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import sqlalchemy as sa

from mulle.files import write_bytes
from mulle.store.database import Notice
from mulle.store.tables import aliases, meta, versions

FILE = "models.json"


class Version(msgspec.Struct, frozen=True):
    """A version of a named model.

    Attributes:
        name, version: the model, and its number from 1 up.
        created: when it was registered, ISO 8601 in UTC.
        bundle: its copy of the bundle, relative to the `.mulle` folder.
        sha256: of that file.
        run_id: the run that made it.
        tested_on: what names the test rows, such as their checksum; "" if unknown.
        metrics: name -> score on the test rows.
    """

    name: str
    version: int
    created: str
    bundle: str
    sha256: str
    run_id: str
    tested_on: str = ""
    metrics: dict[str, float | None] = {}


class Models(msgspec.Struct, frozen=True):
    """The content of the file: versions, and model -> alias -> version."""

    versions: list[Version] = []
    aliases: dict[str, dict[str, int]] = {}


def follow(connection: sa.Connection, path: Path) -> Notice | None:
    """Follow the file if it changed; put a damaged file aside, with a notice.

    A file that is absent has nothing to say: the tables stay, and the next change writes it anew.
    """
    seen = fingerprint(path)
    if not seen or followed(connection) == seen:
        return None
    try:
        truth = msgspec.json.decode(path.read_bytes(), type=Models)
    except (msgspec.DecodeError, UnicodeDecodeError):
        aside = path.with_name(path.name + ".damaged")
        path.replace(aside)
        return Notice("models-damaged", {"file": path.name, "kept": aside.name}, str(path))
    connection.execute(sa.delete(versions))
    connection.execute(sa.delete(aliases))
    rows = [
        {"name": name, "alias": alias, "version": number}
        for name, pointers in truth.aliases.items()
        for alias, number in pointers.items()
    ]
    if truth.versions:
        connection.execute(sa.insert(versions), msgspec.to_builtins(truth.versions))
    if rows:
        connection.execute(sa.insert(aliases), rows)
    _remember(connection, seen)
    return None


def write(connection: sa.Connection, path: Path) -> None:
    """Write the file as the tables are; called before the commit, since the file decides."""
    pointers: dict[str, dict[str, int]] = {}
    for row in connection.execute(sa.select(aliases).order_by(aliases.c.name, aliases.c.alias)):
        pointers.setdefault(row.name, {})[row.alias] = row.version
    truth = Models(listed(connection), pointers)
    write_bytes(path, msgspec.json.format(msgspec.json.encode(truth)) + b"\n")
    _remember(connection, fingerprint(path))


def listed(connection: sa.Connection, name: str | None = None) -> list[Version]:
    """Return all versions, or those of one model, by name and number."""
    query = sa.select(versions).order_by(versions.c.name, versions.c.version)
    if name is not None:
        query = query.where(versions.c.name == name)
    return [Version(*row) for row in connection.execute(query)]  # columns stand as the fields do


def followed(connection: sa.Connection) -> str | None:
    """Return the state of the file that the tables show."""
    return connection.scalar(sa.select(meta.c.value).where(meta.c.key == FILE))


def forget(connection: sa.Connection) -> None:
    """Make the next look read the file again, changed or not."""
    connection.execute(sa.delete(meta).where(meta.c.key == FILE))


def fingerprint(path: Path) -> str:
    """Return a mark that changes when a file is replaced or written to; "" if it is missing."""
    try:
        state = path.stat()
    except OSError:
        return ""
    return f"{state.st_mtime_ns}-{state.st_size}-{state.st_ino}"


def _remember(connection: sa.Connection, seen: str) -> None:
    forget(connection)
    connection.execute(sa.insert(meta).values(key=FILE, value=seen))
