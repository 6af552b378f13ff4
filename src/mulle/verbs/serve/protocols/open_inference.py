"""Open Inference Protocol v2 over REST, as the clients of KServe, Triton and MLServer speak it.

    GET  /v2                                                   the server
    GET  /v2/health/live, /v2/health/ready
    GET  /v2/models/{model}[/versions/{version}]               inputs and outputs
    GET  /v2/models/{model}[/versions/{version}]/ready
    POST /v2/models/{model}[/versions/{version}]/infer         JSON, or JSON followed by bytes
    POST /v2/repository/index                                  what is served

catalogue  api-model-server api-rest

source  Open Inference Protocol v2; Triton's extensions for binary data and the model repository
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from mulle.verbs.serve.http import HTTPError, Problem, Request, Response, Route, json_response
from mulle.verbs.serve.http.limits import ROW_BYTES, Limits, off_loop
from mulle.verbs.serve.http.operation import JSON, NOTHING, Operation
from mulle.verbs.serve.http.strict_json import decode_json
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.protocols.inference import (
    EXTENSIONS,
    InferRequest,
    check_tensors,
    index,
    infer,
    metadata,
)
from mulle.verbs.serve.protocols.tensors import Tensor, read_bytes, read_json, to_bytes
from mulle.verbs.serve.service import Service
from mulle.version import __version__

_HEADER = b"inference-header-content-length"  # bytes of JSON, before those of tensors
_encode = msgspec.json.Encoder().encode


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""

    async def server(request: Request) -> Response:
        return json_response({"name": "mulle", "version": __version__, "extensions": EXTENSIONS})

    async def live(request: Request) -> Response:
        return json_response({"live": True})

    async def ready(request: Request) -> Response:
        return json_response({"ready": True, "live": True})

    async def model(request: Request) -> Response:
        loaded = _asked_model(service, request)
        return json_response(metadata(service, loaded))

    async def model_ready(request: Request) -> Response:
        loaded = _asked_model(service, request)
        return json_response({"name": loaded.name, "ready": True})

    async def repository(request: Request) -> Response:
        return json_response(index(service))

    async def inference(request: Request) -> Response:
        params = request.params
        loaded = service.model(request, params["model"], params.get("version", ""))
        body, header = await request.body(), request.header(_HEADER)
        asked = await off_loop(len(body), _decode_request, body, header, loaded, service.limits)
        outputs = await infer(service, request, loaded, asked)
        model_names = {"model_name": loaded.name, "model_version": loaded.version}
        size = sum(len(tensor.data or ()) for tensor in outputs) * ROW_BYTES
        return await off_loop(size, _write_answer, model_names, asked, outputs)

    for path, handler, answer in (
        ("/v2/health/live", live, "live"),
        ("/v2/health/ready", ready, "ready"),
        ("/v2", server, "server"),
    ):
        yield Route("GET", path, handler, "", write_problem, _operation(answer, answer))
    for path, of in (
        ("/v2/models/{model}", "model"),
        ("/v2/models/{model}/versions/{version}", "version"),
    ):
        about, is_ready = _operation(of, "metadata"), _operation(f"{of}-ready", "model-ready")
        infers = _operation(f"{of}-infer", "infer-answer", "infer-request")
        yield Route("GET", path, model, "predict", write_problem, about)
        yield Route("GET", f"{path}/ready", model_ready, "", write_problem, is_ready)
        yield Route("POST", f"{path}/infer", inference, "predict", write_problem, infers)
    listed = _operation("index", "index", "anything")
    yield Route("POST", "/v2/repository/index", repository, "predict", write_problem, listed)


def _asked_model(service: Service, request: Request) -> LoadedModel:
    """Return the model of the path."""
    return service.repository.get_model(request.params["model"], request.params.get("version", ""))


def _operation(name: str, answer: str, body: str = "") -> Operation:
    """Describe a resource of this protocol, which sends and answers JSON."""
    sent = {JSON: body} if body else NOTHING
    return Operation(f"oip-{name}", "oip", sent, {JSON: answer}, error="oip-error")


def write_problem(problem: Problem) -> Response:
    """Write an error as `{"error": "what happened, and what to do"}`."""
    text = f"{problem.message} {problem.fix}".strip()
    return json_response({"error": text}, problem.status, problem.headers)


def _decode_request(body: bytes, header: str, loaded: LoadedModel, limits: Limits) -> InferRequest:
    """Decode the body and read its tensors.

    Raises:
        HTTPError: it is no inference request (400), it has too many rows (413) or columns (422), or
            a tensor is not what it says (422).
    """
    length = len(body)
    if header:
        length = int(header) if header.isascii() and header.isdigit() else -1
        if not 0 <= length <= len(body):
            raise HTTPError(400, "header-length", received=header[:100], expected=len(body))
    asked: InferRequest = decode_json(body[:length], InferRequest, broken="infer-broken")
    shapes = [(tensor.name, tensor.shape) for tensor in asked.inputs]
    check_tensors(loaded, limits, shapes)
    at = length
    for tensor in asked.inputs:
        size = (tensor.parameters or {}).get("binary_data_size")
        if size is None:
            read_json(tensor)
            continue
        if tensor.data is not None:
            raise HTTPError(400, "tensor-data-twice", column=tensor.name[:100])
        if type(size) is not int or not 0 <= size <= len(body) - at:
            raise HTTPError(
                400,
                "binary-short",
                column=tensor.name[:100],
                received=len(body) - at,
                expected=size,
            )
        read_bytes(tensor, body[at : at + size])
        at += size
    if at != len(body):
        raise HTTPError(400, "binary-long", received=len(body) - at)
    _binary_outputs(asked)  # refused before the model is asked
    return asked


def _binary_outputs(asked: InferRequest) -> tuple[bool, dict[str, bool]]:
    """Return whether outputs are asked for as bytes: all of them, and each that says so itself.

    Raises:
        HTTPError: a parameter of these is neither true nor false (400).
    """
    every = _flag_of(asked.parameters, "binary_data_output", default=False)
    of_one = {
        wanted.name: _flag_of(wanted.parameters, "binary_data", default=every)
        for wanted in asked.outputs or ()
    }
    return every, of_one


def _flag_of(parameters: dict[str, Any] | None, name: str, *, default: bool) -> bool:
    value = (parameters or {}).get(name, default)
    if type(value) is not bool:
        raise HTTPError(400, "parameter-no-flag", name=name, received=str(value)[:100])
    return value


def _write_answer(names: dict[str, Any], asked: InferRequest, outputs: list[Tensor]) -> Response:
    """Write outputs as JSON, followed by the bytes of those that were asked for as bytes."""
    every, of_one = _binary_outputs(asked)
    parts = []
    for tensor in outputs:
        if of_one.get(tensor.name, every):
            parts.append(to_bytes(tensor))
            size = {"binary_data_size": len(parts[-1])}
            tensor.parameters, tensor.data = {**(tensor.parameters or {}), **size}, None
    if asked.id is not None:
        names["id"] = asked.id
    head = _encode({**names, "outputs": outputs})
    if not parts:
        return Response(head)
    length = (_HEADER, b"%d" % len(head))
    return Response(b"".join([head, *parts]), 200, b"application/octet-stream", (length,))
