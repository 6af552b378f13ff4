"""The description of a resource: what it is sent and what it answers, for `/openapi.json`, `/docs`.

Schemas are named by text: `row`, `answer`, ... stand for those of the model that the path names,
others for components that all models share; see `protocols/openapi/components.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

JSON, CSV, TEXT, HTML = "application/json", "text/csv", "text/plain", "text/html"
NDJSON, EVENTS = "application/x-ndjson", "text/event-stream"
PARQUET, OCTETS = "application/vnd.apache.parquet", "application/octet-stream"
NOTHING: Mapping[str, str] = MappingProxyType({})


class Operation(NamedTuple):
    """The description of one resource.

    Attributes:
        summary: key of its sentence, under `operation` in `i18n`.
        tag: section in which it stands.
        body: names of the schemas of its body, by media type; empty: no body.
        answer: names of the schemas of its answer, by media type; empty: no content.
        query: parameters of the query that it reads.
        status: HTTP status of an answer.
        error: name of the schema of its errors.
    """

    summary: str
    tag: str
    body: Mapping[str, str] = NOTHING
    answer: Mapping[str, str] = NOTHING
    query: tuple[str, ...] = ()
    status: str = "200"
    error: str = "error"


UNDESCRIBED = Operation("", "")
