"""Schemas that all models share, by the names under which operations refer to them."""

from __future__ import annotations

from typing import Any

from mulle.verbs.serve.http.operation import NDJSON, OCTETS
from mulle.verbs.serve.protocols.openapi.schemas import TENSOR, Schema
from mulle.verbs.serve.routing import POLICIES

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
_JOB_REQUEST: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("path", "model", "version", "webhook", "encoding", "delimiter"), _TEXT),
        **{name: {"type": "integer", "minimum": 0} for name in ("skip", "header")},
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
    "drift": _object(
        status=_TEXT, alarm=_YES, dataset_drift=_YES, reason=_TEXT, columns=_FREE, monitor=_FREE
    ),
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
    "job-request": _JOB_REQUEST,
    "job": _JOB,
    "jobs": _object(jobs={"type": "array", "items": {"$ref": "#/components/schemas/job"}}, next={}),
    "policy": {**_object(policy={"enum": [*POLICIES]}), "additionalProperties": True},
    "policies": _object(models=_FREE),
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
