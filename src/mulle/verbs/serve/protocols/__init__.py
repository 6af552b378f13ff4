"""One file for each protocol: its resources, and the translation to and from rows."""

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

PROTOCOLS = (rest, open_inference, mlflow, graphql, streams, jobs, feedback, routing, drift, health)


def all_routes(service: Service) -> Iterator[Route]:
    """Yield the resources of all protocols."""
    for protocol in PROTOCOLS:
        yield from protocol.routes(service)


__all__ = ["all_routes"]
