"""Tables at an address: each is fetched into a file that is gone when the run is over.

http, https    the file as it is
s3             Parquet, or text in UTF-8, by Polars and with the keys of the environment
postgresql     a table, by Polars and the connector that is installed

Only what a person names is fetched, once. What else has an address is refused with the command that
makes a file of it. What an address holds of secrets, a name and password or what follows `?`, is
neither shown nor written down, and is cut out of what a library says.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote
from urllib.request import Request, urlopen

from mulle.errors import DataError, UsageError
from mulle.files import check_room
from mulle.verbs.fit.fetch_database import check_table, fetch_table
from mulle.verbs.fit.fetch_object import check_object, fetch_object
from mulle.version import __version__

_WEB, _STORES, _TABLES = {"http", "https"}, {"s3"}, {"postgresql", "postgres"}
_DATABASES = {"mysql", "mariadb", "sqlite", "mssql", "oracle", "duckdb"}
_SECONDS = 30.0  # without a byte
_CHUNK = 1 << 20
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


def is_address(source: Any) -> bool:
    """Return whether a source is no file of this machine."""
    return isinstance(source, str) and _ADDRESS.match(source) is not None


def check_address(source: Any) -> None:
    """Refuse an address that nothing is fetched from.

    Raises:
        UsageError: it is one, or names no table of a database.
        MissingExtra: nothing is installed that connects to the database.
    """
    if not is_address(source):
        return
    scheme, shown = _scheme(source), without_secrets(source)
    if scheme in _STORES:
        check_object(shown)
    elif scheme in _TABLES:
        check_table(source, shown)
    elif scheme not in _WEB:
        code = "source-database" if scheme in _DATABASES else "source-address"
        raise UsageError(code, source=shown)


def _scheme(source: str) -> str:
    return source.partition("://")[0].lower()


def without_secrets(source: str) -> str:
    """Return an address as it may be shown and kept; any other source as it is.

    >>> without_secrets("https://me:secret@host/a.csv?token=secret")
    'https://host/a.csv'
    """
    if not is_address(source):
        return source
    scheme, _, rest = source.partition("://")
    place, slash, path = rest.partition("#")[0].partition("?")[0].partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"


@contextmanager
def fetched(source: Any) -> Iterator[Any]:
    """Yield a source that can be read: where it is an address, the path of a temporary file.

    Raises:
        UsageError: nothing is fetched from such an address.
        MissingExtra: nothing is installed that connects to the database.
        DataError: there is nothing at the address, or it is cut off.
        RunError: there is no room for it on the disk.
    """
    check_address(source)
    if not is_address(source):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="mulle-") as folder:
        name = unquote(without_secrets(source).rpartition("/")[2])
        path = Path(folder) / (Path(name).name or "table")
        scheme, shown = _scheme(source), without_secrets(source)
        if scheme in _STORES:
            path = fetch_object(source, shown, Path(folder))
        elif scheme in _TABLES:
            path = fetch_table(source, shown, Path(folder))
        else:
            _fetch(source, path)
        yield path


def _fetch(source: str, path: Path) -> None:
    shown = without_secrets(source)
    try:
        request = Request(source, headers={"User-Agent": f"mulle/{__version__}"})
        with urlopen(request, timeout=_SECONDS) as response, path.open("wb") as file:
            size = int(response.headers.get("Content-Length") or 0)
            check_room(path.parent, size)
            shutil.copyfileobj(response, file, _CHUNK)
    except HTTPError as error:
        reason = f"{error.code} {error.reason}".strip()
        raise DataError("address-refused", source=shown, reason=reason) from None
    except (OSError, HTTPException, ValueError) as error:
        reason = str(getattr(error, "reason", None) or error)
        raise DataError("address-unreachable", source=shown, reason=reason) from None
    if path.stat().st_size < size:
        raise DataError("address-cut-off", source=shown, size=path.stat().st_size, whole=size)
