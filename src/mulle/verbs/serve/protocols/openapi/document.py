"""The OpenAPI document of a server: every resource, with the schemas and examples of its models.

A path that names a model stands once for each model, so that a reader sees its very columns.

source  OpenAPI Specification 3.1
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from mulle.i18n import Messages
from mulle.verbs.serve.http import Route
from mulle.verbs.serve.http.operation import CSV
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.protocols.openapi.components import OF_MODELS, SHARED
from mulle.verbs.serve.protocols.openapi.schemas import ModelSchemas, Schema
from mulle.verbs.serve.service import Service
from mulle.version import __version__

_NAMES = re.compile(r"\{(\w+)\}")
_KEY = re.compile(r"[A-Za-z0-9._-]+")
_FLAGS = ("", "1", "true", "yes", "0", "false", "no")


def build_document(service: Service, routes: Iterable[Route], words: Messages) -> dict[str, Any]:
    """Build the document, its descriptions in the language of `words`."""
    models = [service.repository.get_model(name) for name in service.repository.names]
    keys = {model.name: key_of(model.name, i) for i, model in enumerate(models)}
    paths: dict[str, Any] = {}
    for route in routes:
        for path, model in _paths(route, models):
            description = _describe(service, route, path, model, keys, words)
            paths.setdefault(path, {})[route.method.lower()] = description
    schemas = dict(SHARED)
    for model in models:
        schemas |= _schemas(service, model, keys[model.name], words)
    tags = dict.fromkeys(route.operation.tag for route in routes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mulle", "version": __version__, "description": words("api.about")},
        "servers": [{"url": service.settings.root_path or "/"}],
        "tags": [{"name": tag, "description": words(f"api.tag-{tag}")} for tag in tags],
        "security": [{}, {"key": []}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key",
                        "description": words("api.key")},
                "bearer": {"type": "http", "scheme": "bearer", "description": words("api.key")},
            },
        },
    }  # fmt: skip


def summary_of(route: Route, words: Messages) -> str:
    """Say what a resource does, in one sentence."""
    return words(f"operation.{route.operation.summary}")


def key_of(name: str, position: int) -> str:
    """Return the prefix of a model's schemas; names of components are plain ASCII."""
    return name if _KEY.fullmatch(name) else f"model{position + 1}"


def _paths(route: Route, models: list[LoadedModel]) -> Iterator[tuple[str, LoadedModel | None]]:
    """Yield the paths of a route: one for each model where the schemas depend on it."""
    operation = route.operation
    named = {*operation.body.values(), *operation.answer.values()}
    if not named & OF_MODELS:
        yield route.path, None
    elif "{model}" in route.path:
        for model in models:
            yield route.path.replace("{model}", quote(model.name, safe="")), model
    else:
        yield route.path, models[0]


def _describe(
    service: Service,
    route: Route,
    path: str,
    model: LoadedModel | None,
    keys: dict[str, str],
    words: Messages,
) -> dict[str, Any]:
    operation = route.operation
    prefix = f"{keys[model.name]}." if model else ""
    served = [service.repository[model.name]] if model else [service.repository[n] for n in keys]
    versions = sorted({v for s in served for v in (*s.versions, *s.aliases)})
    known = {"model": list(keys), "version": versions}
    parameters = [
        {"name": name, "in": "path", "required": True, "description": words(f"api.{name}"),
         "schema": {"type": "string", "enum": known[name]} if name in known else {"type": "string"}}
        for name in _NAMES.findall(path)
    ] + [_query(name, words) for name in operation.query]  # fmt: skip
    error = {"$ref": f"#/components/schemas/{operation.error}"}
    refused = {"application/json": {"schema": error}}
    description: dict[str, Any] = {
        "tags": [operation.tag],
        "summary": summary_of(route, words),
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{path}").strip("_"),
        "responses": {
            operation.status: {"description": words("api.answered")},
            "4XX": {"description": words("api.refused"), "content": refused},
            "5XX": {"description": words("api.busy"), "content": refused},
        },
    }
    if parameters:
        description["parameters"] = parameters
    if not route.scope:
        description["security"] = [{}]
    if operation.answer:
        description["responses"][operation.status]["content"] = _content(operation.answer, prefix)
    if operation.body:
        description["requestBody"] = {"required": True, "content": _content(operation.body, prefix)}
    return description


def _query(name: str, words: Messages) -> dict[str, Any]:
    schemas = {
        "why": {"type": "string", "enum": list(_FLAGS)},
        "lang": {"type": "string", "enum": ["en", "ko"]},
        "limit": {"type": "integer", "minimum": 1, "maximum": 200},
        "before": {"type": "string"},
        "format": {"type": "string", "enum": ["json", "html"]},
    }
    return {
        "name": name, "in": "query", "required": False, "description": words(f"api.{name}"),
        "schema": schemas[name],
    }  # fmt: skip


def _content(named: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """Return the schema of each media type by reference."""
    return {
        media: {
            "schema": {"$ref": f"#/components/schemas/{prefix if name in OF_MODELS else ''}{name}"}
        }
        for media, name in named.items()
    }


def _schemas(service: Service, loaded: LoadedModel, key: str, words: Messages) -> dict[str, Schema]:
    """Return the components of one model."""
    own = ModelSchemas(service, loaded, words)
    ref = {name: f"#/components/schemas/{key}.{name}" for name in OF_MODELS}
    rows = {"type": "array", "items": {"$ref": ref["row"]}}
    answers = {"type": "array", "items": {"$ref": ref["answer"]}}
    many = {"type": "object", "required": ["rows"], "properties": {"rows": rows}}
    listed = {"type": "object", "required": ["predictions"], "properties": {"predictions": answers}}
    components: dict[str, Schema] = {
        "row": own.row,
        "rows": {"anyOf": [{"$ref": ref["row"]}, rows, many], "examples": [own.example]},
        "answer": own.answer,
        "answers": {"anyOf": [{"$ref": ref["answer"]}, listed]},
        "infer-request": own.infer_request(ref["row"]),
        "infer-answer": own.infer_answer,
        "invocation": own.invocation(ref["row"]),
        "invocation-answer": own.invocation_answer,
        "csv": {"type": "string", "contentMediaType": CSV, "examples": [own.csv]},
    }
    return {f"{key}.{name}": schema for name, schema in components.items()}
