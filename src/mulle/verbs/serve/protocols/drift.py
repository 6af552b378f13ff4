"""Drift of a version: whether the rows asked lately are like the training rows.

    GET  /models/{model}/drift                       the comparison; ?format=html, ?lang=ko
    GET  /models/{model}/versions/{version}/drift    of one version

catalogue  watch-train-serve watch-serve-serve
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from mulle.verbs.serve.http import Request, Response, Route, json_response, language_of
from mulle.verbs.serve.service import Service

_HTML = b"text/html; charset=utf-8"


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""

    async def drift(request: Request) -> Response:
        params, query = request.params, request.query
        loaded = service.repository.get_model(params["model"], params.get("version", ""))
        asked = query.get("lang") or request.header(b"accept-language")
        lang = language_of(asked, service.settings.lang)
        result = await service.monitor.result(loaded)
        if query.get("format") == "html":
            return Response(await asyncio.to_thread(result.to_html, lang), media_type=_HTML)
        return json_response(result.to_dict(lang))

    yield Route("GET", "/models/{model}/drift", drift, "predict")
    yield Route("GET", "/models/{model}/versions/{version}/drift", drift, "predict")
