"""Inference by the Open Inference Protocol, for REST and gRPC alike.

One tensor is one column, of shape [N] or [N, 1]. A row alone is answered with other requests'
rows; many rows are read column by column, outside the loop.

catalogue  api-model-server

source  Open Inference Protocol v2
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import polars as pl

from mulle.bundle.manifest import label_name
from mulle.table import Storage
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.http.limits import FEW_ROWS, ROW_BYTES, Limits, check_columns, off_loop
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.protocols.tensors import Tensor, to_moments, to_text
from mulle.verbs.serve.service import Service

PLATFORM = "onnx_onnxv1"
EXTENSIONS = ["binary_tensor_data", "model_repository"]
LABEL, PROBABILITIES, VALUE = "label", "probabilities", "value"
_DATATYPES = {Storage.number: "FP64", Storage.date: "BYTES", Storage.string: "BYTES"}
_CONTENTS = {Storage.date: "datetime", Storage.string: "str"}
_LABELS = {bool: "BOOL", int: "INT64", float: "FP64"}


class RequestedOutput(msgspec.Struct):
    """An output that the request asks for."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequest(msgspec.Struct):
    """A request of the protocol."""

    inputs: list[Tensor]
    outputs: list[RequestedOutput] | None = None
    id: str | None = None
    parameters: dict[str, Any] | None = None


async def infer(
    service: Service, request: Request, loaded: LoadedModel, asked: InferRequest
) -> list[Tensor]:
    """Return the outputs asked for, in that order; all of them where none is named.

    Args:
        service: answers rows.
        request: what they came with.
        loaded: the model.
        asked: tensors that `check_tensors` has seen, and the outputs.

    Raises:
        HTTPError: an output that is unknown, or asked for twice (400).
        PredictionError: a column is missing, or a value cannot be read.
    """
    names = [wanted.name for wanted in asked.outputs or ()] or output_names(loaded)
    if asked.outputs and (unknown := set(names) - set(output_names(loaded))):
        raise HTTPError(
            400, "output-unknown", received=sorted(unknown)[0][:100], known=output_names(loaded)
        )
    if len({*names}) < len(names):  # each would be a copy of the answer
        raise HTTPError(400, "output-twice", known=output_names(loaded))
    rows = asked.inputs[0].shape[0]
    if rows == 1:
        row = {name: values[0] for name, values in _columns(loaded, asked.inputs)}
        answer = await service.predict_row(request, loaded, row)
        answered = _to_tensors(loaded, [answer.label], answer.scores)
    else:
        read: Any
        if rows <= FEW_ROWS:
            read = _records(loaded, asked.inputs)
        else:
            read = await off_loop(rows * ROW_BYTES, _frame, loaded, asked.inputs)
        scores, codes = await service.predict_rows(request, loaded, read)
        labels = [] if codes is None else [loaded.labels[code] for code in codes.tolist()]
        answered = _to_tensors(loaded, labels, scores.ravel().tolist())
    return [answered[name] for name in names]


def output_names(loaded: LoadedModel) -> list[str]:
    """Return the names of the model's outputs."""
    return [LABEL, PROBABILITIES] if loaded.labels else [VALUE]


def metadata(service: Service, loaded: LoadedModel) -> dict[str, Any]:
    """Describe a model's inputs and outputs."""
    columns = loaded.model.manifest.schema.asked
    inputs = [_input(column.name, column.storage) for column in columns]
    outputs = [{"name": VALUE, "datatype": "FP64", "shape": [-1, 1]}]
    if loaded.labels:
        outputs = [
            {"name": LABEL, "datatype": _label_datatype(loaded), "shape": [-1]},
            {"name": PROBABILITIES, "datatype": "FP64", "shape": [-1, len(loaded.labels)]},
        ]
    return {
        "name": loaded.name,
        "versions": list(service.repository[loaded.name].versions),
        "platform": PLATFORM,
        "inputs": inputs,
        "outputs": outputs,
    }


def index(service: Service) -> list[dict[str, str]]:
    """List every version of every model, and what could not be loaded."""
    ready = [
        {"name": h.name, "version": h.version, "state": "READY", "reason": ""}
        for h in service.repository.all()
    ]
    failed = [
        {"name": f.model, "version": "", "state": "UNAVAILABLE", "reason": f.error.code}
        for f in service.repository.failures
    ]
    return ready + failed


def _input(name: str, storage: Storage) -> dict[str, Any]:
    described: dict[str, Any] = {"name": name, "datatype": _DATATYPES[storage], "shape": [-1, 1]}
    if content := _CONTENTS.get(storage):
        described["parameters"] = {"content_type": content}
    return described


def check_tensors(
    loaded: LoadedModel, limits: Limits, tensors: Sequence[tuple[str, Sequence[int]]]
) -> None:
    """Refuse tensors that are not columns of one length; nothing else is done with them before.

    Args:
        loaded: the model.
        limits: of the request.
        tensors: name and shape of each.

    Raises:
        HTTPError: there are none, too many, two of one name, or one of another shape (422), or they
            have too many rows (413).
    """
    if not tensors:
        raise HTTPError(422, "tensors-none")
    check_columns(len(tensors), loaded.max_columns)
    rows, names = -1, set()
    for name, shape in tensors:
        is_column = 0 < len(shape) <= 2 and shape[0] >= 0 and (len(shape) == 1 or shape[1] == 1)
        if not is_column or rows not in (-1, shape[0]):
            raise HTTPError(
                422, "tensor-shape", column=name[:100], received=to_text(shape), rows=max(rows, 1)
            )
        if name in names:
            raise HTTPError(422, "tensor-twice", column=name[:100])
        rows = shape[0]
        names.add(name)
    limits.check_rows(rows)


def _columns(loaded: LoadedModel, tensors: Iterable[Tensor]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the name and the values of each column."""
    columns = loaded.model.manifest.schema.asked
    dates = {column.name for column in columns if column.storage is Storage.date}
    for tensor in tensors:
        whole = tensor.datatype == "INT64" and tensor.name in dates
        yield tensor.name, to_moments(tensor) if whole else tensor.data or []


def _records(loaded: LoadedModel, tensors: Iterable[Tensor]) -> list[dict[str, Any]]:
    """Return a few rows as records."""
    columns = dict(_columns(loaded, tensors))
    cells = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in cells]


def _frame(loaded: LoadedModel, tensors: Sequence[Tensor]) -> pl.DataFrame:
    """Return many rows as a frame; Polars infers the type of each tensor's values."""
    large = {tensor.name for tensor in tensors if tensor.datatype == "UINT64"}
    return pl.DataFrame(
        [
            pl.Series(name, values, pl.UInt64 if name in large else None)
            for name, values in _columns(loaded, tensors)
        ]
    )


def _label_datatype(loaded: LoadedModel) -> str:
    sorts = {type(label) for label in loaded.labels}
    return _LABELS.get(sorts.pop(), "BYTES") if len(sorts) == 1 else "BYTES"


def _to_tensors(loaded: LoadedModel, labels: list[Any], scores: list[float]) -> dict[str, Tensor]:
    if not loaded.labels:
        return {VALUE: Tensor(VALUE, "FP64", [len(scores), 1], None, scores)}
    datatype = _label_datatype(loaded)
    if datatype == "BYTES":
        labels = [label_name(label) for label in labels]
    named = {"labels": msgspec.json.encode(loaded.labels).decode()}  # parameters are scalars
    shape = [len(labels), len(loaded.labels)]
    return {
        LABEL: Tensor(LABEL, datatype, [len(labels)], None, labels),
        PROBABILITIES: Tensor(PROBABILITIES, "FP64", shape, named, scores),
    }
