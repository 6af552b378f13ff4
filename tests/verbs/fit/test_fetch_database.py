"""Tables of a database: what Polars is asked, and what is kept of the address.

A server of PostgreSQL is not started here: Polars' own call stands in for it.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from mulle.errors import DataError, MissingExtra
from mulle.verbs.fit import fetch_database, fit
from mulle.verbs.fit.fetch import check_address, fetched

FRAME = pl.DataFrame({"x": range(200), "z": [i % 7 for i in range(200)], "y": ["a", "b"] * 100})


@pytest.fixture
def asked(monkeypatch) -> list[dict[str, Any]]:
    """What Polars was asked for."""
    calls: list[dict[str, Any]] = []

    def read(query: str, uri: str, *, engine: str) -> pl.DataFrame:
        calls.append({"query": query, "uri": uri, "engine": engine})
        if "wrong" in uri:
            raise RuntimeError(f'cannot connect to {uri}: password "wrong" for me\nat line 7')
        return FRAME

    monkeypatch.setattr(pl, "read_database_uri", read)
    monkeypatch.setattr(fetch_database, "find_spec", lambda module: module == "connectorx")
    return calls


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("shop/sales", 'SELECT * FROM "sales"'),
        ("shop/odd%20one/Sales%201", 'SELECT * FROM "odd one"."Sales 1"'),
        ("shop/a%22;drop", 'SELECT * FROM "a"";drop"'),
    ],
)
def test_a_table_is_asked_for_by_its_name(asked, path, query):
    with fetched(f"postgres://me:pass%40word@host:5433/{path}?sslmode=require") as file:
        assert pl.read_parquet(file).equals(FRAME)
    assert not file.exists()
    assert asked == [
        {
            "query": query,
            "uri": "postgresql://me:pass%40word@host:5433/shop?sslmode=require",
            "engine": "connectorx",
        }
    ]


def test_a_model_is_made_and_no_password_is_kept(asked, folder):
    source = "postgresql://me:secret@host/shop/sales"
    result = fit(source, "y", trials=1, preset="quick", n_jobs=1, output=".")
    assert result.bundle.name == "sales.mulle"
    assert result.run.settings.source == "postgresql://host/shop/sales"
    for file in folder.rglob("*"):
        assert not file.is_file() or b"secret" not in file.read_bytes(), file


def test_what_a_connector_says_is_shown_without_the_password(asked):
    with pytest.raises(DataError) as refused, fetched("postgresql://me:wrong@host/shop/sales"):
        pass
    assert refused.value.code == "database-refused"
    assert "cannot connect to postgresql://***@host/shop" in refused.value.what
    assert "wrong" not in refused.value.what
    assert "line 7" not in refused.value.what


def test_without_a_connector_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(fetch_database, "find_spec", lambda module: None)
    with pytest.raises(MissingExtra) as refused:
        check_address("postgresql://me:secret@host/shop/sales")
    assert 'pip install "mulle[postgresql]"' in refused.value.fix


def test_another_connector_will_do(asked, monkeypatch):
    monkeypatch.setattr(
        fetch_database, "find_spec", lambda module: module == "adbc_driver_postgresql" or None
    )
    with fetched("postgresql://host/shop/sales"):
        pass
    assert asked[0]["engine"] == "adbc"
