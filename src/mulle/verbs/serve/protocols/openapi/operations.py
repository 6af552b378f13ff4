"""What each resource is sent and answers: one line for each, by its method and path.

A schema is named by text: `row`, `answer`, ... stand for those of the model that the path names,
others for components that all models share.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mulle.verbs.serve.protocols.openapi.schemas import TENSOR, Schema
from mulle.verbs.serve.routing import POLICIES

JSON, CSV, TEXT, HTML = "application/json", "text/csv", "text/plain", "text/html"
NDJSON, EVENTS = "application/x-ndjson", "text/event-stream"
PARQUET, OCTETS = "application/vnd.apache.parquet", "application/octet-stream"


class Operation(NamedTuple):
    """One line.

    Attributes:
        tag: the section it stands in.
        body: by media type, the names of the schemas of which the body has one; None: no body.
        answer: the same of the answer.
        query: names of the query's parameters that it knows.
        status: of an answer.
    """

    tag: str
    body: dict[str, str] | None = None
    answer: dict[str, str] | None = None
    query: tuple[str, ...] = ()
    status: str = "200"


_ROWS = {JSON: "rows", CSV: "csv"}
_PREDICT = Operation("predict", _ROWS, {JSON: "answers"}, ("why",))
_INFER = Operation("oip", {JSON: "infer-request"}, {JSON: "infer-answer"})
_INVOKE = Operation("mlflow", {JSON: "invocation", CSV: "csv"}, {JSON: "invocation-answer"})
_STREAM = Operation("streams", {NDJSON: "lines"}, {NDJSON: "lines", EVENTS: "text"})
_SESSION = Operation("keys", answer={JSON: "anything"})
_JOB_DONE = {CSV: "text", NDJSON: "lines", PARQUET: "bytes"}
_V2 = "/v2/models/{model}"
_HEALTH = Operation("server", answer={JSON: "status"})
_DRIFT = Operation("watch", answer={JSON: "drift", HTML: "text"}, query=("format", "lang"))

OPERATIONS: dict[str, Operation] = {
    "POST /predict": _PREDICT,
    "POST /models/{model}/predict": _PREDICT,
    "POST /models/{model}/versions/{version}/predict": _PREDICT,
    "GET /models": Operation("predict", answer={JSON: "models"}),
    "GET /models/{model}": Operation("predict", answer={JSON: "about"}),
    "GET /v2": Operation("oip", answer={JSON: "server"}),
    "GET /v2/health/live": Operation("oip", answer={JSON: "live"}),
    "GET /v2/health/ready": Operation("oip", answer={JSON: "ready"}),
    f"GET {_V2}": Operation("oip", answer={JSON: "metadata"}),
    f"GET {_V2}/versions/{{version}}": Operation("oip", answer={JSON: "metadata"}),
    f"GET {_V2}/ready": Operation("oip", answer={JSON: "model-ready"}),
    f"GET {_V2}/versions/{{version}}/ready": Operation("oip", answer={JSON: "model-ready"}),
    f"POST {_V2}/infer": _INFER,
    f"POST {_V2}/versions/{{version}}/infer": _INFER,
    "POST /v2/repository/index": Operation("oip", {JSON: "anything"}, {JSON: "index"}),
    "POST /invocations": _INVOKE,
    "POST /models/{model}/invocations": _INVOKE,
    "GET /ping": Operation("mlflow", answer={TEXT: "text"}),
    "GET /version": Operation("mlflow", answer={TEXT: "text"}),
    "POST /graphql": Operation("graphql", {JSON: "graphql"}, {JSON: "anything"}),
    "GET /graphql": Operation("graphql", answer={TEXT: "text", JSON: "anything", HTML: "text"}),
    "POST /stream": _STREAM,
    "POST /models/{model}/stream": _STREAM,
    "POST /models/{model}/versions/{version}/stream": _STREAM,
    "POST /jobs": Operation("jobs", {JSON: "job-order", CSV: "text"}, {JSON: "job"}, status="202"),
    "GET /jobs": Operation("jobs", answer={JSON: "jobs"}, query=("limit", "before")),
    "GET /jobs/{id}": Operation("jobs", answer={JSON: "job"}),
    "GET /jobs/{id}/result": Operation("jobs", answer=_JOB_DONE),
    "DELETE /jobs/{id}": Operation("jobs", status="2XX"),
    "POST /login": Operation("keys", {JSON: "login"}, {JSON: "anything"}),
    "POST /logout": _SESSION,
    "GET /whoami": _SESSION,
    "PUT /models/{model}": Operation("keys", {OCTETS: "bytes"}, {JSON: "anything"}, status="2XX"),
    "GET /": Operation("dashboard", answer={HTML: "text"}, query=("lang",)),
    "GET /dashboard/state": Operation("dashboard", answer={JSON: "anything"}),
    "GET /dashboard/models/{model}": Operation("dashboard", answer={JSON: "anything"}),
    "GET /dashboard/dashboard.js": Operation("dashboard"),
    "GET /dashboard/dashboard.css": Operation("dashboard"),
    "GET /reports/{model}": Operation("dashboard", answer={HTML: "text"}),
    "POST /feedback": Operation("routing", {JSON: "feedback"}, {JSON: "accepted"}),
    "GET /routing": Operation("routing", answer={JSON: "rules"}),
    "PUT /routing/{model}": Operation("routing", {JSON: "rule"}, {JSON: "anything"}),
    "DELETE /routing/{model}": Operation("routing", answer={JSON: "anything"}),
    "GET /routing/{model}/report": Operation("routing", answer={JSON: "report"}, query=("lang",)),
    "GET /health": _HEALTH,
    "GET /healthz": _HEALTH,
    "GET /health/live": _HEALTH,
    "GET /ready": _HEALTH,
    "GET /health/ready": _HEALTH,
    "GET /metrics": Operation("server", answer={TEXT: "text"}),
    "GET /models/{model}/drift": _DRIFT,
    "GET /models/{model}/versions/{version}/drift": _DRIFT,
    "GET /openapi.json": Operation("server", answer={JSON: "anything"}, query=("lang",)),
    "GET /docs": Operation("server", answer={HTML: "text"}, query=("lang",)),
}
OF_MODELS = {
    "row", "rows", "answer", "answers", "infer-request", "infer-answer", "invocation",
    "invocation-answer", "csv",
}  # fmt: skip


def _object(**properties: Any) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_YES: Schema = {"type": "boolean"}
_FREE: Schema = {"type": "object"}
_ABOUT = _object(
    name=_TEXT, default=_TEXT, versions={"type": "array"}, aliases=_FREE, task=_TEXT,
    target=_TEXT, labels={"type": "array"}, columns={"type": "array", "items": _FREE},
)  # fmt: skip
_JOB_ORDER: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("path", "model", "version", "webhook"), _TEXT),
        "rows": {"type": "array", "items": _FREE},
        "format": {"enum": ["csv", "ndjson", "parquet"]},
        "on_error": {"enum": ["fail", "null"]},
    },
}
_JOB = _object(
    id=_TEXT, status={"enum": ["queued", "running", "done", "failed", "cancelled"]}, model=_TEXT,
    version=_TEXT, rows=_FREE, links=_FREE, share={"type": "number"},
)  # fmt: skip
_COUNT: Schema = {"type": "integer", "minimum": 0}
_REWARD: Schema = {
    "type": "object",
    "anyOf": [{"required": ["prediction_id"]}, {"required": ["request_id"]}],
    "properties": {
        "prediction_id": _TEXT,
        "request_id": _TEXT,
        "row": {"type": "integer", "minimum": 1},
        "reward": {"type": "number"},
        "label": {"type": ["string", "number", "boolean"]},
    },
}
_SHAPED = {"type": "array", "items": {**TENSOR, "properties": {
    **TENSOR["properties"], "shape": {"type": "array", "items": {"type": "integer"}}}}}  # fmt: skip
_INDEXED = _object(name=_TEXT, version=_TEXT, state={"enum": ["READY", "UNAVAILABLE"]})

SHARED: dict[str, Schema] = {
    "anything": {},
    "text": _TEXT,
    "drift": _object(dataset_drift=_YES, status=_TEXT, reason=_TEXT, columns=_FREE, watched=_FREE),
    "status": _object(status=_TEXT),
    "models": _object(models={"type": "array", "items": {"$ref": "#/components/schemas/about"}}),
    "about": _ABOUT,
    "server": _object(name=_TEXT, version=_TEXT, extensions=_TEXTS),
    "live": _object(live=_YES),
    "ready": _object(ready=_YES),
    "model-ready": _object(name=_TEXT, ready=_YES),
    "metadata": _object(name=_TEXT, versions=_TEXTS, platform=_TEXT, inputs=_SHAPED,
                        outputs=_SHAPED),
    "index": {"type": "array", "items": _INDEXED},
    "feedback": {"examples": [[]], "anyOf": [_REWARD, {"type": "array", "items": _REWARD}]},
    "accepted": _object(accepted=_COUNT, repeated=_COUNT, logged=_COUNT, rewarded=_COUNT),
    "job-order": _JOB_ORDER,
    "job": _JOB,
    "jobs": _object(jobs={"type": "array", "items": {"$ref": "#/components/schemas/job"}}, next={}),
    "rule": {**_object(policy={"enum": [*POLICIES]}), "additionalProperties": True},
    "rules": _object(models=_FREE),
    "report": _object(
        model=_TEXT, policy=_TEXT, versions={"type": "array", "items": _FREE},
        comparisons={"type": "array", "items": _FREE}, verdict=_TEXT,
    ),
    "graphql": {**_object(query=_TEXT), "examples": [{"query": "{ __typename }"}]},
    "lines": {"type": "string", "contentMediaType": NDJSON},
    "bytes": {"type": "string", "contentMediaType": OCTETS},
    "login": _object(key=_TEXT),
    "graphql-error": _object(errors={"type": "array", "items": _object(message=_TEXT)}),
    "error": _object(error=_object(code=_TEXT, message=_TEXT, fix=_TEXT)),
    "oip-error": _object(error=_TEXT),
    "mlflow-error": _object(error_code=_TEXT, message=_TEXT),
}  # fmt: skip
ERRORS = {"oip": "oip-error", "mlflow": "mlflow-error", "graphql": "graphql-error"}
