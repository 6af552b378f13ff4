"""Open Inference Protocol v2 over gRPC, on a port of its own, in the loop of the server.

    inference.GRPCInferenceService   ServerLive, ServerReady, ServerMetadata, ModelReady,
                                     ModelMetadata, ModelInfer, RepositoryIndex

A call is a request like any other: the same guards, models, counts and errors, whose HTTP status
becomes a status of gRPC. Raw tensors are answered with raw ones, typed with typed.

The messages are built from a table at run time. The numbers of fields, which are all that travels,
are their places in the table. The messages stand in a pool of their own, so that a client's copy of
the protocol in one process does not clash.

catalogue  api-model-server

source  Open Inference Protocol v2 over gRPC; Triton's extension for the model repository
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mulle.errors import MissingExtra
from mulle.i18n import Lang
from mulle.verbs.serve.http import HTTPError, Request, Route
from mulle.verbs.serve.http.limits import BodyBudget, Limits, check_columns, off_loop
from mulle.verbs.serve.http.request import check_credentials
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.protocols.inference import (
    EXTENSIONS,
    InferRequest,
    RequestedOutput,
    check_tensors,
    index,
    infer,
    metadata,
    output_names,
)
from mulle.verbs.serve.protocols.tensors import Tensor, read_bytes, read_values, to_bytes
from mulle.version import __version__

if TYPE_CHECKING:
    from mulle.verbs.serve.app import Application

Method = Callable[["Application", Request, Any], Awaitable[Any]]

PACKAGE = "inference"
SERVICE = f"{PACKAGE}.GRPCInferenceService"

_PARAMETERS = "map InferParameter parameters"
_TENSOR = f"string name, string datatype, int64* shape, {_PARAMETERS}, InferTensorContents contents"
_MESSAGES = {
    "ServerLiveRequest": "",
    "ServerLiveResponse": "bool live",
    "ServerReadyRequest": "",
    "ServerReadyResponse": "bool ready",
    "ModelReadyRequest": "string name, string version",
    "ModelReadyResponse": "bool ready",
    "ServerMetadataRequest": "",
    "ServerMetadataResponse": "string name, string version, string* extensions",
    "ModelMetadataRequest": "string name, string version",
    "TensorMetadata": "string name, string datatype, int64* shape",
    "ModelMetadataResponse": "string name, string* versions, string platform,"
    " TensorMetadata* inputs, TensorMetadata* outputs",
    "InferParameter": "bool bool_param, int64 int64_param, string string_param,"
    " double double_param, uint64 uint64_param",
    "InferTensorContents": "bool* bool_contents, int32* int_contents, int64* int64_contents,"
    " uint32* uint_contents, uint64* uint64_contents, float* fp32_contents,"
    " double* fp64_contents, bytes* bytes_contents",
    "InferInputTensor": _TENSOR,
    "InferRequestedOutputTensor": f"string name, {_PARAMETERS}",
    "ModelInferRequest": f"string model_name, string model_version, string id, {_PARAMETERS},"
    " InferInputTensor* inputs, InferRequestedOutputTensor* outputs, bytes* raw_input_contents",
    "InferOutputTensor": _TENSOR,
    "ModelInferResponse": f"string model_name, string model_version, string id, {_PARAMETERS},"
    " InferOutputTensor* outputs, bytes* raw_output_contents",
    "RepositoryIndexRequest": "string repository_name, bool ready",
    "ModelIndex": "string name, string version, string state, string reason",
    "RepositoryIndexResponse": "ModelIndex* models",
}
_ONE_OF = {"InferParameter": "parameter_choice"}

_CONTENTS = {
    "BOOL": "bool_contents", "BYTES": "bytes_contents", "FP32": "fp32_contents",
    "FP64": "fp64_contents", "INT64": "int64_contents", "UINT64": "uint64_contents",
    **dict.fromkeys(("INT8", "INT16", "INT32"), "int_contents"),
    **dict.fromkeys(("UINT8", "UINT16", "UINT32"), "uint_contents"),
}  # fmt: skip
_CODES = {
    401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 413: "RESOURCE_EXHAUSTED",
    429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 500: "INTERNAL", 503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}  # fmt: skip


def require() -> None:
    """Check that the library is installed.

    Raises:
        MissingExtra: grpcio or protobuf is not installed.
    """
    for library in ("grpc", "google.protobuf"):
        try:
            import_module(library)
        except ImportError:
            raise MissingExtra("grpcio", "grpc", "grpc") from None


async def answer_calls(app: Application) -> None:
    """Answer calls until cancelled, then finish those in work."""
    import grpc

    settings = app.service.settings
    options = [
        ("grpc.max_receive_message_length", settings.max_body),
        ("grpc.max_send_message_length", -1),
        ("grpc.so_reuseport", int(settings.workers > 1)),
    ]
    server = grpc.aio.server(options=options)
    handlers = {name: _handler(app, name, *about) for name, about in _METHODS.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_insecure_port(f"{_host(settings.host)}:{settings.grpc_port}")
    await server.start()
    try:
        await server.wait_for_termination()
    finally:
        await server.stop(settings.drain_timeout)


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _handler(app: Application, name: str, method: Method, scope: str) -> Any:
    """Return the handler by which gRPC calls a method: bytes in, bytes out."""
    import grpc

    path, known = f"/{SERVICE}/{name}", messages()
    sort = getattr(known, f"{name}Request")

    async def called(raw: bytes, context: Any) -> bytes:
        begun, metrics, status = time.perf_counter(), app.service.metrics, 200
        request = _request(path, context, app.service.settings.lang)

        async def handler(request: Request) -> Any:
            return await method(app, request, _parse(sort, raw))

        route = Route("POST", path, handler, scope)
        metrics.in_work += 1
        try:
            check_credentials(request.scope["headers"])
            answer = (await app.handle(route, request)).SerializeToString()
        except Exception as error:
            problem = app.describe(route, request, error)
            status = problem.status
        finally:
            metrics.in_work -= 1
            metrics.requested("POST", path, status, time.perf_counter() - begun)
        if status != 200:
            code = grpc.StatusCode[_CODES.get(status, "INVALID_ARGUMENT")]
            await context.abort(code, f"{problem.message} {problem.fix}".strip())
        return bytes(answer)

    return grpc.unary_unary_rpc_method_handler(called)


def _request(path: str, context: Any, lang: Lang) -> Request:
    """Wrap a call as a request, for guards, choosers and listeners; metadata become headers.

    Its Host is this machine, since gRPC for Python shows no `:authority`, and no browser speaks it.
    """
    headers = [
        (key.encode(), value if isinstance(value, bytes) else value.encode())
        for key, value in context.invocation_metadata() or ()
        if key != "host"
    ]
    headers.append((b"host", b"localhost"))
    host, _, port = unquote(context.peer()).partition(":")[2].rpartition(":")
    client = (host.strip("[]"), int(port)) if port.isdigit() else None
    scope = {
        "type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers,
        "client": client,
    }  # fmt: skip
    return Request(scope, _receive_nothing, 0, BodyBudget(0), lang)


async def _receive_nothing() -> dict[str, Any]:
    """Receive an empty body: a call has none but its message."""
    return {"type": "http.request", "body": b""}


def _parse(sort: Any, raw: bytes) -> Any:
    from google.protobuf.message import DecodeError

    try:
        return sort.FromString(raw)
    except DecodeError:
        raise HTTPError(400, "infer-broken", error=sort.DESCRIPTOR.name) from None


async def _live(app: Application, request: Request, asked: Any) -> Any:
    return messages().ServerLiveResponse(live=True)


async def _ready(app: Application, request: Request, asked: Any) -> Any:
    return messages().ServerReadyResponse(ready=True)


async def _server(app: Application, request: Request, asked: Any) -> Any:
    return messages().ServerMetadataResponse(
        name="mulle", version=__version__, extensions=EXTENSIONS
    )


async def _model_ready(app: Application, request: Request, asked: Any) -> Any:
    app.service.repository.get_model(asked.name, asked.version)
    return messages().ModelReadyResponse(ready=True)


async def _model(app: Application, request: Request, asked: Any) -> Any:
    known, described = (
        messages(),
        metadata(app.service, app.service.repository.get_model(asked.name, asked.version)),
    )
    for part in ("inputs", "outputs"):
        described[part] = [
            known.TensorMetadata(name=t["name"], datatype=t["datatype"], shape=t["shape"])
            for t in described[part]
        ]
    return known.ModelMetadataResponse(**described)


async def _index(app: Application, request: Request, asked: Any) -> Any:
    known = messages()
    return known.RepositoryIndexResponse(
        models=[known.ModelIndex(**model) for model in index(app.service)]
    )


async def _infer(app: Application, request: Request, asked: Any) -> Any:
    known, service = messages(), app.service
    request.params = {"model": asked.model_name, "version": asked.model_version}
    loaded = service.model(request, asked.model_name, asked.model_version)
    if len(asked.outputs) > len(output_names(loaded)):
        raise HTTPError(400, "output-twice", known=output_names(loaded))
    wanted = [RequestedOutput(output.name) for output in asked.outputs]
    tensors = await off_loop(asked.ByteSize(), _tensors, asked, loaded, service.limits)
    outputs = await infer(service, request, loaded, InferRequest(tensors, wanted))
    answer = known.ModelInferResponse(
        model_name=loaded.name, model_version=loaded.version, id=asked.id
    )
    for tensor in outputs:
        added = answer.outputs.add(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
        for key, value in (tensor.parameters or {}).items():
            added.parameters[key].string_param = value
        if asked.raw_input_contents:
            answer.raw_output_contents.append(to_bytes(tensor))
            continue
        values = tensor.data or []
        if tensor.datatype == "BYTES":
            values = [value.encode() for value in values]
        getattr(added.contents, _CONTENTS[tensor.datatype]).extend(values)
    return answer


def _tensors(asked: Any, loaded: LoadedModel, limits: Limits) -> list[Tensor]:
    """Return the inputs of a call as tensors.

    Raises:
        HTTPError: raw contents for some of the inputs only (400), too many rows (413) or columns
            (422), or values not as they say (422).
    """
    tensors, raws = [], asked.raw_input_contents
    check_columns(len(asked.inputs), loaded.max_columns)
    check_tensors(loaded, limits, [(sent.name, sent.shape) for sent in asked.inputs])
    if raws and len(raws) != len(asked.inputs):
        raise HTTPError(400, "raw-count", received=len(raws), expected=len(asked.inputs))
    for number, sent in enumerate(asked.inputs):
        tensor = Tensor(sent.name, sent.datatype, list(sent.shape))
        if raws:
            read_bytes(tensor, raws[number])
        else:
            field = _CONTENTS.get(sent.datatype)
            read_values(tensor, getattr(sent.contents, field) if field else ())
        tensors.append(tensor)
    return tensors


_METHODS: dict[str, tuple[Method, str]] = {
    "ServerLive": (_live, ""),
    "ServerReady": (_ready, ""),
    "ServerMetadata": (_server, ""),
    "ModelReady": (_model_ready, ""),
    "ModelMetadata": (_model, "predict"),
    "ModelInfer": (_infer, "predict"),
    "RepositoryIndex": (_index, "predict"),
}


@cache
def messages() -> SimpleNamespace:
    """Return the classes of the messages by name."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(
        name="mulle/open_inference.proto", package=PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if name in _ONE_OF:
            message.oneof_decl.add(name=_ONE_OF[name])
        for number, field in enumerate(filter(None, fields.split(", ")), start=1):
            added = message.field.add(number=number)
            _describe(message, added, field)
            if name in _ONE_OF:
                added.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {name: pool.FindMessageTypeByName(f"{PACKAGE}.{name}") for name in _MESSAGES}
    return SimpleNamespace(
        **{name: message_factory.GetMessageClass(kind) for name, kind in found.items()}
    )


def _describe(message: Any, added: Any, field: str) -> None:
    """Fill in one field: `string name`, `int64* shape` for a list, `map Kind name` for a map."""
    *mapped, kind, added.name = field.split()
    many = kind.endswith("*") or bool(mapped)
    kind = kind.removesuffix("*")
    added.label = added.LABEL_REPEATED if many else added.LABEL_OPTIONAL
    if mapped:
        entry = message.nested_type.add(name=f"{added.name.capitalize()}Entry")
        entry.options.map_entry = True
        for number, part in enumerate(("string key", f"{kind} value"), start=1):
            _describe(entry, entry.field.add(number=number), part)
        kind = f"{message.name}.{entry.name}"
    if kind[0].islower():
        added.type = getattr(added, f"TYPE_{kind.upper()}")
    else:
        added.type, added.type_name = added.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
