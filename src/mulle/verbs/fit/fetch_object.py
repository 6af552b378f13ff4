"""Tables in an object store (`s3://`): Polars reads them, and they become a file of this machine.

Parquet is written as it comes, without ever being in memory as a whole. Text is taken line by line,
so that what stands in it is read here, by the same rules as any other file. Keys and endpoint are
those of the environment (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, ...), or stand in the address.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl

from mulle.errors import DataError, UsageError
from mulle.files.write import is_full_disk, write_failed

_PARQUET = {".parquet", ".pq"}
_TEXT = {".csv", ".tsv", ".txt"}
_GLOB = "*?["
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_RETRIES = 3


def check_object(shown: str) -> None:
    """Refuse what is neither Parquet nor text, before anything is fetched.

    Args:
        shown: the address without its secrets.

    Raises:
        UsageError: it is.
    """
    suffix = PurePosixPath(shown).suffix.lower()
    several = any(mark in shown for mark in _GLOB)
    if suffix not in (_PARQUET if several else _PARQUET | _TEXT):
        raise UsageError("object-form", source=shown)


def fetch_object(source: str, shown: str, folder: Path) -> Path:
    """Write what is at an address into a folder and return the file.

    Args:
        source: `s3://BUCKET/KEY`; in Parquet `*` stands for parts of names.
        shown: the address without its secrets.
        folder: of the file.

    Raises:
        DataError: there is nothing, it may not be read, or it is no table.
        RunError: the disk is full.
    """
    name = PurePosixPath(unquote(shown)).name.translate(dict.fromkeys(map(ord, _GLOB), "_"))
    path, options = folder / name, _options(source)
    try:
        if path.suffix.lower() in _PARQUET:
            pl.scan_parquet(shown, storage_options=options).sink_parquet(path)
        else:
            lines = pl.scan_lines(shown, glob=False, storage_options=options)
            lines.sink_csv(path, include_header=False, quote_style="never")
    except (pl.exceptions.PolarsError, OSError) as error:
        if is_full_disk(error):
            raise write_failed(path, error) from None  # type: ignore[arg-type]
        if "utf8" in str(error):
            raise DataError("object-encoding", source=shown) from None
        raise DataError("object-refused", source=shown, reason=_reason(error, source)) from None
    return path


def _options(source: str) -> dict[str, Any]:
    """Return the keys that stand in an address, beside what the environment says."""
    found: dict[str, Any] = {"max_retries": _RETRIES}
    parts = urlsplit(source)
    if parts.username and parts.password:
        found["aws_access_key_id"] = unquote(parts.username)
        found["aws_secret_access_key"] = unquote(parts.password)
    return found


def _reason(error: BaseException, source: str) -> str:
    """Return the first line of what Polars says, without any secret."""
    said = str(error).partition("\n")[0].removeprefix("object-store error: ")
    said = said.partition(" (path: ")[0].strip()
    place = urlsplit(source)
    secrets = [os.environ.get(name, "") for name in _SECRETS]
    secrets += [place.username or "", place.password or "", unquote(place.password or "")]
    for secret in filter(None, secrets):
        said = said.replace(secret, "***")
    return said[:300]
