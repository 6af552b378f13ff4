"""Plain REST: a row or many in, as JSON or CSV; labelled answers out.

    POST /predict                                     the first model
    POST /models/{model}/predict                      by name
    POST /models/{model}/versions/{version}/predict   by version or alias
    GET  /models, /models/{model}                     what is served

catalogue  api-rest srv-realtime api-sync
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mulle.verbs.serve.http import Request, Response, Route, json_response
from mulle.verbs.serve.http.limits import ROW_BYTES, off_loop
from mulle.verbs.serve.http.operation import CSV, JSON, Operation
from mulle.verbs.serve.models import Answer, LoadedModel
from mulle.verbs.serve.protocols.rows import read_rows
from mulle.verbs.serve.service import Service


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""

    def warnings_of(loaded: LoadedModel, rows: Any) -> dict[str, Any]:
        input_warnings = loaded.input_warnings.find(rows) if service.settings.warnings else None
        return {"warnings": input_warnings} if input_warnings else {}

    async def predict(request: Request) -> Response:
        params = request.params
        loaded = service.model(request, params.get("model", ""), params.get("version", ""))
        rows = await read_rows(request, loaded, service.limits)
        if request.flag("why"):
            return await _with_why(service, request, loaded, rows)
        if isinstance(rows, dict):
            answer = await service.predict_row(request, loaded, rows)
            return json_response(
                to_json(loaded, answer) | name_model(loaded) | warnings_of(loaded, rows)
            )
        scores, codes = await service.predict_rows(request, loaded, rows)

        def write() -> Response:
            answers = [to_json(loaded, answer) for answer in loaded.to_answers(scores, codes)]
            return json_response(
                {"predictions": answers} | name_model(loaded) | warnings_of(loaded, rows)
            )

        return await off_loop(len(scores) * ROW_BYTES, write)

    async def models(request: Request) -> Response:
        return json_response(
            {"models": [describe_model(service, name) for name in service.repository.names]}
        )

    async def model(request: Request) -> Response:
        return json_response(describe_model(service, request.params["model"]))

    body, answer = {JSON: "rows", CSV: "csv"}, {JSON: "answers"}
    for path, name in (
        ("/predict", "predict-first"),
        ("/models/{model}/predict", "predict"),
        ("/models/{model}/versions/{version}/predict", "predict-version"),
    ):
        described = Operation(name, "predict", body, answer, ("why",))
        yield Route("POST", path, predict, "predict", operation=described)
    every = Operation("models", "predict", answer={JSON: "models"})
    yield Route("GET", "/models", models, "predict", operation=every)
    one = Operation("model", "predict", answer={JSON: "about"})
    yield Route("GET", "/models/{model}", model, "predict", operation=one)


def to_json(loaded: LoadedModel, answer: Answer) -> dict[str, Any]:
    """Return an answer for JSON: a label with its probabilities, or a value."""
    if loaded.labels:
        by_label = dict(zip(loaded.label_names, answer.scores, strict=True))
        return {"label": answer.label, "probabilities": by_label}
    return {"value": answer.scores[0]}


def name_model(loaded: LoadedModel) -> dict[str, str]:
    """Return the model and the version that answered."""
    return {"model": loaded.name, "version": loaded.version}


def describe_model(service: Service, name: str) -> dict[str, Any]:
    """Describe a model, as `/models` shows it.

    Raises:
        HTTPError: there is no such model (404).
    """
    served = service.repository[name]
    manifest = served.versions[served.default].model.manifest
    return {
        "name": name,
        "default": served.default,
        "versions": [
            {"version": v, "created": h.model.manifest.created, "scores": h.model.manifest.scores}
            for v, h in served.versions.items()
        ],
        "aliases": served.aliases,
        "task": manifest.task,
        "target": manifest.target.name,
        "labels": list(manifest.labels),
        "columns": [
            {"name": c.name, "kind": c.kind, "storage": c.storage} for c in manifest.schema.asked
        ],
    }


async def _with_why(service: Service, request: Request, loaded: LoadedModel, rows: Any) -> Response:
    """Answer with the effect of each column; slow, since the model runs once for each column."""
    batch = [rows] if isinstance(rows, dict) else rows
    service.limits.check_explained(len(batch))
    scores, codes = await service.predict_rows(request, loaded, batch)
    whys = await service.explain_rows(loaded, batch)

    def write() -> Response:
        answers = [
            to_json(loaded, answer) | {"why": why.contributions}
            for answer, why in zip(loaded.to_answers(scores, codes), whys, strict=True)
        ]
        value = answers[0] if isinstance(rows, dict) else {"predictions": answers}
        return json_response(value | name_model(loaded))

    return await off_loop(len(whys) * len(loaded.names) * ROW_BYTES, write)
