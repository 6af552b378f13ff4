"""Tables of a PostgreSQL database: Polars reads one by the connector that is installed.

    postgresql://USER:PASSWORD@HOST/DATABASE/TABLE          or .../DATABASE/SCHEMA/TABLE

The table is in memory once, and then a Parquet file of this machine.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

import polars as pl

from mulle.errors import DataError, MissingExtra, UsageError

_CONNECTORS: dict[Literal["connectorx", "adbc"], str] = {
    "connectorx": "connectorx",
    "adbc": "adbc_driver_postgresql",
}
_MOST_NAMES = 2  # of the table: its schema's, and its own


def check_table(source: str, shown: str) -> None:
    """Refuse an address that names no table, or that nothing here can connect to.

    Args:
        source: the address.
        shown: it without its secrets.

    Raises:
        UsageError: it names no database, or no table.
        MissingExtra: no connector is installed.
    """
    database, *names = _names(source) or [""]
    if not database or not 0 < len(names) <= _MOST_NAMES:
        raise UsageError("database-table", source=shown)
    _connector()


def fetch_table(source: str, shown: str, folder: Path) -> Path:
    """Write a table of a database into a folder as Parquet, and return the file.

    Args:
        source, shown: as in `check_table`.
        folder: of the file.

    Raises:
        DataError: the database does not answer, or has no such table.
    """
    database, *names = _names(source)
    quoted = ".".join('"' + name.replace('"', '""') + '"' for name in names)
    parts = urlsplit(source)
    address = urlunsplit(parts._replace(scheme="postgresql", path=f"/{database}"))
    try:
        frame = pl.read_database_uri(f"SELECT * FROM {quoted}", address, engine=_connector())
    except BaseException as error:  # connectors panic as well
        if isinstance(error, KeyboardInterrupt):
            raise
        reason = _reason(error, parts)
        raise DataError("database-refused", source=shown, reason=reason) from None
    path = folder / f"{names[-1].replace('/', '_')}.parquet"
    frame.write_parquet(path)
    return path


def _names(source: str) -> list[str]:
    """Return the database, the schema where it is named, and the table."""
    return [unquote(part) for part in urlsplit(source).path.split("/") if part]


def _connector() -> Literal["connectorx", "adbc"]:
    for engine, module in _CONNECTORS.items():
        if find_spec(module) is not None:
            return engine
    raise MissingExtra("connectorx", "postgresql", "postgresql")


def _reason(error: BaseException, parts: SplitResult) -> str:
    """Return the first line of what a connector says, without name or password."""
    said = str(error).strip().partition("\n")[0] or type(error).__name__
    secrets = (parts.netloc.rpartition("@")[0], parts.password or "", unquote(parts.password or ""))
    for secret in filter(None, secrets):
        said = said.replace(secret, "***")
    return said[:300]
