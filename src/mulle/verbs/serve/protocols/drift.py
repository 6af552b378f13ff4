"""Drift of a version: whether the rows asked lately are like the training rows.

    GET  /models/{model}/drift                       the comparison; ?format=html, ?lang=ko
    GET  /models/{model}/versions/{version}/drift    of one version

catalogue  watch-train-serve watch-serve-serve
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from mulle.verbs.serve.http import Request, Response, Route, json_response
from mulle.verbs.serve.service import Service

_HTML = b"text/html; charset=utf-8"


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""

    async def drift(request: Request) -> Response:
        params = request.params
        loaded = service.repository.get_model(params["model"], params.get("version", ""))
        result = await service.monitor.result(loaded)
        if request.query.get("format") == "html":
            return Response(await asyncio.to_thread(result.to_html, request.lang), media_type=_HTML)
        return json_response(result.to_dict(request.lang))

    yield Route("GET", "/models/{model}/drift", drift, "predict")
    yield Route("GET", "/models/{model}/versions/{version}/drift", drift, "predict")
