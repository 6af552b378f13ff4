"""Drift of a version: whether the rows asked lately are like the training rows.

    GET  /models/{model}/drift                       the comparison; ?format=html, ?lang=ko
    GET  /models/{model}/versions/{version}/drift    of one version

catalogue  watch-train-serve watch-serve-serve
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from mulle.verbs.serve.http import Request, Response, Route, json_response
from mulle.verbs.serve.http.operation import HTML, JSON, Operation
from mulle.verbs.serve.service import Service

HTML_UTF8 = b"text/html; charset=utf-8"


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""

    async def drift(request: Request) -> Response:
        params = request.params
        loaded = service.repository.get_model(params["model"], params.get("version", ""))
        result = await service.monitor.result(loaded)
        if request.query.get("format") == "html":
            return Response(
                await asyncio.to_thread(result.to_html, request.lang), media_type=HTML_UTF8
            )
        return json_response(result.to_dict(request.lang))

    for path, name in (
        ("/models/{model}/drift", "drift"),
        ("/models/{model}/versions/{version}/drift", "drift-version"),
    ):
        answer = {JSON: "drift", HTML: "text"}
        described = Operation(name, "monitor", answer=answer, query=("format", "lang"))
        yield Route("GET", path, drift, "predict", operation=described)
