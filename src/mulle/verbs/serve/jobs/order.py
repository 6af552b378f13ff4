"""What a caller asks for when handing in a job, checked before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Literal

import msgspec

from mulle.verbs.serve.http import HTTPError

_SUFFIXES = {".csv", ".tsv", ".txt", ".parquet", ".ndjson", ".jsonl"}
_MEDIA = {
    "text/csv": ".csv",
    "application/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/vnd.apache.parquet": ".parquet",
    "application/x-parquet": ".parquet",
    "application/parquet": ".parquet",
    "application/x-ndjson": ".ndjson",
    "application/ndjson": ".ndjson",
    "application/jsonl": ".ndjson",
    "application/x-jsonlines": ".ndjson",
}


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A job as it is asked for: in the query beside a file, or as JSON.

    Attributes:
        model, version: who is to answer; "" stands for the first, and for its default.
        format: of the result; "" stands for that of the file.
        on_error: what a value that cannot be read does.
        webhook: an address that is told of the end.
        name: of the file that is sent, for its ending.
        path: of a file below the data folder.
        rows: instead of a file.
    """

    model: str = ""
    version: str = ""
    format: Literal["", "csv", "ndjson", "json", "jsonl", "parquet"] = ""
    on_error: Literal["fail", "null"] = "fail"
    webhook: str = ""
    name: str = ""
    path: str = ""
    rows: list[dict[str, Any]] | None = None

    def form(self, suffix: str) -> str:
        """How the result of a file with that ending is written."""
        if not self.format:
            return {".parquet": "parquet", ".ndjson": "json", ".jsonl": "json"}.get(suffix, "csv")
        return self.format if self.format in {"csv", "parquet"} else "json"


def order_of(given: Mapping[str, Any]) -> Order:
    """An order from the query's or a JSON object's names.

    Raises:
        HTTPError: a name does not exist, or a value is none that it takes (422).
    """
    try:
        return msgspec.convert(given, Order)
    except msgspec.ValidationError as error:
        raise HTTPError(422, "job-order", reason=str(error)[:300]) from None


def suffix_of(media_type: str, name: str) -> str:
    """How the name of a file ends that is sent as some type, or under a name.

    Raises:
        HTTPError: it is no sort of table that is streamed (415).

    >>> suffix_of("application/octet-stream", "big.Parquet"), suffix_of("text/csv", "")
    ('.parquet', '.csv')
    """
    found = _MEDIA.get(media_type) or PurePosixPath(name).suffix.lower()
    if found not in _SUFFIXES:
        raise HTTPError(415, "job-media", received=(name or media_type)[:100])
    return found
