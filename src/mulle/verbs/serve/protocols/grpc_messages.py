"""The messages of the Open Inference Protocol over gRPC, made from a table at run time.

The numbers of fields, which are all that travels, are their places in the table. The messages stand
in a pool of their own, so that a client's copy of the protocol in one process does not clash.

source  Open Inference Protocol v2 over gRPC; Triton's extension for the model repository
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

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


@cache
def messages() -> SimpleNamespace:
    """The classes by name."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(
        name="mulle/open_inference.proto", package=PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if name in _ONE_OF:
            message.oneof_decl.add(name=_ONE_OF[name])
        for number, field in enumerate(filter(None, fields.split(", ")), start=1):
            made = message.field.add(number=number)
            _describe(message, made, field)
            if name in _ONE_OF:
                made.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {name: pool.FindMessageTypeByName(f"{PACKAGE}.{name}") for name in _MESSAGES}
    return SimpleNamespace(
        **{name: message_factory.GetMessageClass(kind) for name, kind in found.items()}
    )


def _describe(message: Any, made: Any, field: str) -> None:
    """Fill in one field: `string name`, `int64* shape` for many, `map Kind name` by text."""
    *mapped, kind, made.name = field.split()
    many = kind.endswith("*") or bool(mapped)
    kind = kind.removesuffix("*")
    made.label = made.LABEL_REPEATED if many else made.LABEL_OPTIONAL
    if mapped:
        entry = message.nested_type.add(name=f"{made.name.capitalize()}Entry")
        entry.options.map_entry = True
        for number, part in enumerate(("string key", f"{kind} value"), start=1):
            _describe(entry, entry.field.add(number=number), part)
        kind = f"{message.name}.{entry.name}"
    if kind[0].islower():
        made.type = getattr(made, f"TYPE_{kind.upper()}")
    else:
        made.type, made.type_name = made.TYPE_MESSAGE, f".{PACKAGE}.{kind}"
