"""One file a protocol; each says which resources it has, and translates to and from rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mulle.serve.protocols import (
    feedback,
    health,
    jobs,
    mlflow,
    open_inference,
    rest,
    routing,
)

if TYPE_CHECKING:
    from mulle.serve.http import Route
    from mulle.serve.service import Service


def all_routes(service: Service) -> Iterator[Route]:
    """Every resource of every protocol."""
    for protocol in (rest, open_inference, mlflow, jobs, feedback, routing, health):
        yield from protocol.routes(service)


__all__ = ["all_routes"]
