"""Whether the server lives, whether it is ready, and what it has counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mulle.verbs.serve.http import Request, Response, Route, json_response
from mulle.verbs.serve.http.operation import JSON, TEXT, Operation
from mulle.verbs.serve.service import Service


def routes(service: Service) -> Iterator[Route]:
    """Yield `/health`, `/healthz`, `/ready`, `/health/live`, `/health/ready`, `/metrics`."""

    async def live(request: Request) -> Response:
        return json_response({"status": "live"})

    async def ready(request: Request) -> Response:
        failures = [f.describe(request.lang) for f in service.repository.failures]
        state: dict[str, Any] = {
            "status": "ready",
            "models": {h.name: h.version for h in service.repository.all()},
            "not_loaded": failures,
        }
        predictions = service.monitor.predictions
        if predictions:  # of this process: what was written, and what was lost and why
            state["log"] = predictions.log.state
        return json_response(state)

    async def metrics(request: Request) -> Response:
        return service.metrics.exposition()

    status = {JSON: "status"}
    for path in ("/health", "/healthz", "/health/live"):
        yield Route("GET", path, live, operation=Operation("live", "server", answer=status))
    for path in ("/ready", "/health/ready"):
        yield Route("GET", path, ready, operation=Operation("ready", "server", answer=status))
    counts = Operation("metrics", "server", answer={TEXT: "text"})
    yield Route("GET", "/metrics", metrics, operation=counts)
