"""One file a protocol; each says which resources it has, and translates to and from rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mulle.verbs.serve.protocols import (
    drift,
    feedback,
    graphql,
    health,
    jobs,
    mlflow,
    open_inference,
    rest,
    routing,
    streams,
)

if TYPE_CHECKING:
    from mulle.verbs.serve.http import Route
    from mulle.verbs.serve.service import Service

_ALL = (rest, open_inference, mlflow, graphql, streams, jobs, feedback, routing, drift, health)


def all_routes(service: Service) -> Iterator[Route]:
    """Every resource of every protocol."""
    for protocol in _ALL:
        yield from protocol.routes(service)


__all__ = ["all_routes"]
