"""The tables of routing, apart from those of the index, so that both may share a database."""

from __future__ import annotations

import sqlalchemy as sa

from mulle.store.sets import Tables

metadata = sa.MetaData()

keys = sa.Table(
    "routing_keys", metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.String(128), nullable=False),
)  # fmt: skip
# `round` tells apart the tests of one model after another; `written` is the file's word for it.
rules = sa.Table(
    "routing_rules", metadata,
    sa.Column("model", sa.String(128), primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("written", sa.Text, nullable=False),
    sa.Column("slots", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("changes", sa.Integer, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
)  # fmt: skip
tallies = sa.Table(
    "routing_tallies", metadata,
    sa.Column("tag", sa.String(12), primary_key=True),
    sa.Column("model", sa.String(128), nullable=False, index=True),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("version", sa.String(128), nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("requests", sa.BigInteger, nullable=False),
    *(sa.Column(c, sa.Float, nullable=False) for c in ("n", "total", "squares")),
    *(sa.Column(f"faded_{c}", sa.Float, nullable=False) for c in ("n", "total", "squares")),
    sa.Column("at", sa.Float, nullable=False),
)  # fmt: skip
rewarded = sa.Table(
    "routing_rewarded", metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("made", sa.BigInteger, nullable=False, index=True),
    sa.Column("reward", sa.Float, nullable=False),
)  # fmt: skip
compared = sa.Table(
    "routing_compared", metadata,
    sa.Column("tag", sa.String(12), primary_key=True),
    sa.Column("against", sa.String(128), primary_key=True),
    sa.Column("sums", sa.Text, nullable=False),
)  # fmt: skip

TABLES = Tables("routing", 1, metadata)
