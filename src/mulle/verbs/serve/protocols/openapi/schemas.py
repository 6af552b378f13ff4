"""A model's rows and answers as JSON Schema, in the form of each protocol, with examples.

Schemas give the canonical form of a value. The server reads more: numbers written as text with the
repairs of their column, numbers where text is wanted.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from mulle.bundle import example_row
from mulle.i18n import Messages
from mulle.table import Column, Storage
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.protocols.inference import metadata, output_names
from mulle.verbs.serve.protocols.tensors import DATATYPES
from mulle.verbs.serve.service import Service

Schema = dict[str, Any]

_VALUES: dict[Storage, Schema] = {
    Storage.number: {"type": ["number", "null"]},
    Storage.date: {
        "anyOf": [
            {"type": "string", "format": "date"},
            {"type": "string", "format": "date-time"},
            {"type": "null"},
        ]
    },
    Storage.string: {"type": ["string", "null"]},
}
_PARAMETERS: Schema = {"type": "object", "additionalProperties": True}
TENSOR: Schema = {
    "type": "object",
    "required": ["name", "shape", "datatype"],
    "properties": {
        "name": {"type": "string"},
        "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "datatype": {"enum": DATATYPES},
        "parameters": _PARAMETERS,
        "data": {"type": "array"},
    },
}


class ModelSchemas:
    """The schemas of one model.

    Args:
        loaded: the model.
        words: of the descriptions.
    """

    def __init__(self, service: Service, loaded: LoadedModel, words: Messages) -> None:
        self._service, self._loaded, self._words = service, loaded, words
        self._manifest = loaded.model.manifest
        self.example = _tidy(example_row(self._manifest), self._manifest.schema.asked)
        answered = loaded.model.predict_arrays(loaded.model.inputs([self.example]))
        self._scores = np.asarray(answered[0]).ravel().tolist()
        self._label = None if answered[1] is None else loaded.labels[int(answered[1][0])]

    @property
    def row(self) -> Schema:
        """Schema of one row: each column by name."""
        columns = self._manifest.schema.asked
        return {
            "type": "object",
            "required": [column.name for column in columns],
            "properties": {column.name: self._column(column) for column in columns},
            "examples": [self.example],
        }

    @property
    def answer(self) -> Schema:
        """Schema of a prediction of `/predict`."""
        common = {"model": {"type": "string"}, "version": {"type": "string"}, "why": _WHY}
        own: Schema = {"value": {"type": "number"}}
        if self._loaded.labels:
            by_label = {name: _SHARE for name in self._loaded.label_names}
            probabilities = {"type": "object", "properties": by_label, "required": list(by_label)}
            own = {"label": self._labels(), "probabilities": probabilities}
        return {
            "type": "object",
            "required": list(own),
            "properties": {**own, **common},
            "examples": [self._answer_example()],
        }

    def infer_request(self, row: str) -> Schema:
        """Return the schema of an inference request."""
        described = metadata(self._service, self._loaded)["inputs"]
        inputs = [
            {"name": t["name"], "shape": [1], "datatype": t["datatype"],
             "data": [self.example[t["name"]]]}
            for t in described
        ]  # fmt: skip
        names = {"enum": output_names(self._loaded)}
        wanted = {"type": "object", "required": ["name"], "properties": {"name": names}}
        return {
            "type": "object",
            "required": ["inputs"],
            "properties": {
                "id": {"type": "string"},
                "parameters": _PARAMETERS,
                "inputs": {"type": "array", "items": TENSOR, "minItems": len(inputs)},
                "outputs": {"type": "array", "items": wanted},
            },
            "examples": [{"id": "1", "inputs": inputs}],
        }

    @property
    def infer_answer(self) -> Schema:
        """Schema of an inference answer."""
        outputs = [
            {"name": t["name"], "datatype": t["datatype"],
             "shape": [1, *t["shape"][1:]],
             "data": [self._label] if t["name"] == "label" else self._scores}
            for t in metadata(self._service, self._loaded)["outputs"]
        ]  # fmt: skip
        named = {"model_name": self._loaded.name, "model_version": self._loaded.version}
        return {
            "type": "object",
            "required": ["model_name", "model_version", "outputs"],
            "properties": {
                "model_name": {"type": "string"},
                "model_version": {"type": "string"},
                "id": {"type": "string"},
                "outputs": {"type": "array", "items": TENSOR},
            },
            "examples": [{**named, "id": "1", "outputs": outputs}],
        }

    def invocation(self, row: str) -> Schema:
        """Return the schema of an MLflow request; `row` refers to the schema of a row."""
        rows = {"type": "array", "items": {"$ref": row}}
        split = {
            "type": "object",
            "required": ["columns", "data"],
            "properties": {
                "columns": {"type": "array", "items": {"type": "string"}},
                "data": {"type": "array", "items": {"type": "array"}},
                "index": {"type": "array"},
            },
            "additionalProperties": False,
        }
        proba = {"type": "object", "properties": {"proba": {"type": "boolean"}}}
        forms = {
            "dataframe_split": split, "dataframe_records": rows, "instances": rows, "inputs": rows
        }  # fmt: skip
        cells = {"columns": list(self.example), "data": [list(self.example.values())]}
        return {
            "type": "object",
            "properties": {**forms, "params": proba},
            "oneOf": [{"required": [form]} for form in forms],
            "examples": [{"dataframe_split": cells}, {"dataframe_records": [self.example]}],
        }

    @property
    def invocation_answer(self) -> Schema:
        """Schema of an MLflow answer."""
        one: Schema = {"type": "number"}
        if self._loaded.labels:
            one = {"anyOf": [self._labels(), {"type": "array", "items": _SHARE}]}
        predicted = self._label if self._loaded.labels else self._scores[0]
        return {
            "type": "object",
            "required": ["predictions"],
            "properties": {"predictions": {"type": "array", "items": one}},
            "examples": [{"predictions": [predicted]}],
        }

    @property
    def csv(self) -> str:
        """The example row as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([self.example.keys(), self.example.values()])
        return text.getvalue()

    def _column(self, column: Column) -> Schema:
        kind = self._words.name("kind", column.kind)
        return {
            **_VALUES[column.storage],
            "description": kind,
            "examples": [self.example[column.name]],
        }

    def _labels(self) -> Schema:
        return {"enum": self._loaded.labels}

    def _answer_example(self) -> dict[str, Any]:
        named = {"model": self._loaded.name, "version": self._loaded.version}
        if not self._loaded.labels:
            return {"value": self._scores[0], **named}
        by_label = dict(zip(self._loaded.label_names, self._scores, strict=True))
        return {"label": self._label, "probabilities": by_label, **named}


_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_WHY: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["column", "value", "usual", "change"],
        "properties": {"column": {"type": "string"}, "change": {"type": "number"}},
    },
}


def _tidy(row: dict[str, Any], columns: tuple[Column, ...]) -> dict[str, Any]:
    """Write a row as people do: moments as RFC 3339, whole numbers without a fraction."""
    for column in columns:
        value = row[column.name]
        if column.storage is Storage.date and isinstance(value, str) and " " in value:
            row[column.name] = f"{value.replace(' ', 'T')}Z"
        elif isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            row[column.name] = int(value)
    return row
