"""Whether what is asked is still like what was learned from; and what became of predictions.

    GET  /models/{model}/drift                       the verdict; ?format=html, ?lang=ko
    GET  /models/{model}/versions/{version}/drift    of one version
    POST /labels   {"id": "...", "label": "yes"}, a list of those, alone or under "labels"

catalogue  watch-train-serve watch-serve-serve
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from mulle.verbs.serve.http import HTTPError, Request, Response, Route, json_response
from mulle.verbs.serve.protocols.rows import decode_json
from mulle.verbs.serve.service import Service

_MOST = 10_000  # labels of one request
_LONG = 200  # characters of an id
_HTML = b"text/html; charset=utf-8"


def routes(service: Service) -> Iterator[Route]:
    """The resources above."""

    async def drift(request: Request) -> Response:
        params, query = request.params, request.query
        loaded = service.repository.get_model(params["model"], params.get("version", ""))
        lang = request.lang
        result = await service.monitor.result(loaded)
        if query.get("format") == "html":
            return Response(await asyncio.to_thread(result.to_html, lang), media_type=_HTML)
        return json_response(result.to_dict(lang))

    async def labels(request: Request) -> Response:
        predictions = service.monitor.predictions
        if predictions is None:
            raise HTTPError(409, "labels-no-log")
        value = decode_json(await request.body())
        if isinstance(value, dict) and isinstance(value.get("labels"), list):
            value = value["labels"]
        entries = value if isinstance(value, list) else [value]
        if len(entries) > _MOST:
            raise HTTPError(413, "rows-many", rows=len(entries), limit=_MOST)
        pairs = [_pair(number, entry) for number, entry in enumerate(entries, start=1)]
        return json_response(await asyncio.to_thread(predictions.attach, pairs))

    yield Route("GET", "/models/{model}/drift", drift, "predict")
    yield Route("GET", "/models/{model}/versions/{version}/drift", drift, "predict")
    yield Route("POST", "/labels", labels, "feedback")


def _pair(number: int, entry: Any) -> tuple[str, Any]:
    """An id and its label.

    Raises:
        HTTPError: there is no id, or no label that a row could have (422).
    """
    given = entry if isinstance(entry, dict) else {}
    id, label = given.get("id", given.get("prediction_id")), given.get("label")
    if not isinstance(id, str) or not 0 < len(id) <= _LONG:
        raise HTTPError(422, "label-no-id", row=number)
    if not isinstance(label, (bool, int, float, str)):
        raise HTTPError(422, "label-none", row=number, received=type(label).__name__)
    return id, label
