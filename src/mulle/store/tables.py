"""The tables of the index, which can be made again from the folders."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from mulle.errors import UsageError

SCHEMA = 1
# Version reached -> what brings the tables there from the version before.
MIGRATIONS: dict[int, Callable[[sa.Connection], None]] = {}

metadata = sa.MetaData()

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("value", sa.String(256), nullable=False),
)

# `home` tells apart the projects that share one database; `seen` is the state of the file read.
runs = sa.Table(
    "runs",
    metadata,
    sa.Column("home", sa.String(512), primary_key=True),
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("seen", sa.String(96), nullable=False),
    sa.Column("created", sa.String(40), nullable=False, index=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("metric", sa.String(64), nullable=False),
    sa.Column("validation", sa.Float),
    sa.Column("test", sa.Float),
    sa.Column("record", sa.JSON, nullable=False),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("created", sa.String(40), nullable=False),
    sa.Column("bundle", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("run_id", sa.String(128), nullable=False),
    sa.Column("tested_on", sa.String(128), nullable=False),
    sa.Column("metrics", sa.JSON, nullable=False),
)

aliases = sa.Table(
    "aliases",
    metadata,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("alias", sa.String(128), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)


def migrate(connection: sa.Connection) -> int:
    """Bring the tables to this version; return the version before (0: there were none).

    Raises:
        UsageError: a newer mulle wrote them.
    """
    metadata.create_all(connection)
    row = connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).first()
    found = int(row.value) if row else 0
    if found > SCHEMA:
        raise UsageError("store-newer", version=found, supported=SCHEMA)
    if found == SCHEMA:
        return found
    for step in range(found + 1, SCHEMA + 1):
        if found and step in MIGRATIONS:
            MIGRATIONS[step](connection)
    connection.execute(sa.delete(meta).where(meta.c.key == "schema"))
    connection.execute(sa.insert(meta).values(key="schema", value=str(SCHEMA)))
    return found
