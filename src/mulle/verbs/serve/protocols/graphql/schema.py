"""The schema of GraphQL: an input type for each model, and the queries about models.

    predict(rows: [StaysRow!]!, version: String): [Prediction!]!          the first model
    predict_stays(rows: [StaysRow!]!, version: String): [Prediction!]!    each by name
    models: [Model!]!    model(name: String!): Model

A number is a `Float` here and nothing else: text such as 1,234원, which a bundle reads elsewhere,
is refused by GraphQL's own types. Dates are text that the bundle reads.

catalogue  api-graphql
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
)

from mulle.bundle import Manifest, example_row
from mulle.bundle.names import safe_names, type_name
from mulle.table import Column, Storage
from mulle.verbs.serve.models import ModelRepository
from mulle.verbs.serve.models.repository import ModelVersions

DATE = GraphQLScalarType("DateTime", description="2024-03-01 or 2024-03-01T09:30:00, in UTC.")
CELL = GraphQLScalarType("Cell", description="A value of a column: number, text, or null.")
_SCALARS = {Storage.number: GraphQLFloat, Storage.string: GraphQLString, Storage.date: DATE}

Predict = Callable[..., Any]


class Built(NamedTuple):
    """A schema, and the names of models and columns in it.

    Attributes:
        fields: by model the name of the field that predicts.
        columns: by model and column, the safe name.
    """

    schema: GraphQLSchema
    fields: dict[str, str]
    columns: dict[str, dict[str, str]]


def build(repository: ModelRepository, predict: Callable[[str], Predict], why: Predict) -> Built:
    """Build the schema of all models as they are served now.

    Args:
        repository: the models.
        predict: makes the resolver of a model's predictions.
        why: the resolver of the parts of a prediction.
    """
    served = {name: repository[name] for name in repository.names}
    safe = safe_names(served)
    columns = {
        name: safe_names([c.name for c in _manifest(s).schema.asked]) for name, s in served.items()
    }
    fields = {name: f"predict_{safe[name]}" for name in served}
    prediction = _prediction(why)
    query: dict[str, GraphQLField] = {}
    for name, one in served.items():
        row = _row(type_name(safe[name]), name, _manifest(one), columns[name])
        for field in ("predict", fields[name]) if not query else (fields[name],):
            query[field] = _predict_field(row, prediction, name, predict(name))
    about = {name: _about(name, one, fields[name], columns[name]) for name, one in served.items()}
    query |= _model_queries(about)
    return Built(GraphQLSchema(GraphQLObjectType("Query", query)), fields, columns)


def key_of(repository: ModelRepository) -> tuple[tuple[str, int], ...]:
    """Return a key that changes when the schema must be built again."""
    return tuple((name, id(repository[name])) for name in repository.names)


def _manifest(served: ModelVersions) -> Manifest:
    return served.versions[served.default].model.manifest


def _row(
    name: str, model: str, manifest: Manifest, columns: dict[str, str]
) -> GraphQLInputObjectType:
    """Return the input type of a row; a column that is left out is missing."""
    usual = example_row(manifest)
    return GraphQLInputObjectType(
        f"{name}Row",
        {
            columns[c.name]: GraphQLInputField(
                _SCALARS[c.storage],
                default_value=None,
                out_name=c.name,
                description=f"{c.name}: {c.kind}, such as {usual[c.name]!r}",
            )
            for c in manifest.schema.asked
        },
        description=f"One row for the model {model}; what is left out or null is missing.",
    )


def _predict_field(
    row: GraphQLInputObjectType, prediction: GraphQLObjectType, model: str, resolve: Predict
) -> GraphQLField:
    return GraphQLField(
        _many(prediction),
        args={
            "rows": GraphQLArgument(_many(row)),
            "version": GraphQLArgument(GraphQLString, description="A version or an alias."),
        },
        resolve=resolve,
        description=f"Predictions of the model {model} for each row, in their order.",
    )


def _prediction(why: Predict) -> GraphQLObjectType:
    part = _object("Part", "Change of the prediction when a column takes its typical value.", {
        "column": _must(GraphQLString), "field": GraphQLString, "value": CELL, "usual": CELL,
        "change": _must(GraphQLFloat),
    })  # fmt: skip
    probability = _object("Probability", "Probability of one class.", {
        "label": _must(GraphQLString), "probability": _must(GraphQLFloat),
    })  # fmt: skip
    prediction = _object("Prediction", "Prediction of a model for one row.", {
        "label": GraphQLString, "probabilities": GraphQLList(GraphQLNonNull(probability)),
        "value": GraphQLFloat, "model": _must(GraphQLString), "version": _must(GraphQLString),
    })  # fmt: skip
    prediction.fields["why"] = GraphQLField(
        _many(part), args={"top": GraphQLArgument(GraphQLInt)}, resolve=why,
        description="Columns with the largest effect; the model runs again for each.",
    )  # fmt: skip
    return prediction


def _model_queries(about: dict[str, dict[str, Any]]) -> dict[str, GraphQLField]:
    """Return the queries `models` and `model`."""
    column = _object("Column", "A column that a model reads.", {
        "name": _must(GraphQLString), "field": _must(GraphQLString), "kind": _must(GraphQLString),
        "storage": _must(GraphQLString), "usual": CELL, "repairs": _many(GraphQLString),
    })  # fmt: skip
    score = _object("Score", "How well a version did.", {
        "part": _must(GraphQLString), "metric": _must(GraphQLString), "value": GraphQLFloat,
    })  # fmt: skip
    version = _object("Version", "One version of a model.", {
        "version": _must(GraphQLString), "created": _must(GraphQLString),
        "default": _must(GraphQLBoolean), "aliases": _many(GraphQLString), "scores": _many(score),
    })  # fmt: skip
    alias = _object("Alias", "Another name of a version.", {
        "alias": _must(GraphQLString), "version": _must(GraphQLString),
    })  # fmt: skip
    model = _object("Model", "A model that is served.", {
        "name": _must(GraphQLString), "predict": _must(GraphQLString), "task": _must(GraphQLString),
        "target": _must(GraphQLString), "metric": _must(GraphQLString),
        "labels": _many(GraphQLString), "default": _must(GraphQLString), "aliases": _many(alias),
        "versions": _many(version), "columns": _many(column),
    })  # fmt: skip
    return {
        "models": GraphQLField(
            _many(model), resolve=lambda _root, _info: list(about.values()),
            description="All models; the first is the default.",
        ),
        "model": GraphQLField(
            model, args={"name": GraphQLArgument(_must(GraphQLString))},
            resolve=lambda _root, _info, name: about.get(name),
            description="One model by name; null if there is none.",
        ),
    }  # fmt: skip


def _about(name: str, served: ModelVersions, field: str, columns: dict[str, str]) -> dict[str, Any]:
    default = served.versions[served.default]
    manifest = default.model.manifest
    usual = example_row(manifest)
    return {
        "name": name,
        "predict": field,
        "task": manifest.task,
        "target": manifest.target.name,
        "metric": manifest.metric,
        "labels": default.label_names,
        "default": served.default,
        "aliases": [{"alias": a, "version": v} for a, v in served.aliases.items()],
        "versions": [_version(v, h.model.manifest, served) for v, h in served.versions.items()],
        "columns": [_column(c, columns[c.name], usual[c.name]) for c in manifest.schema.asked],
    }


def _version(version: str, manifest: Manifest, served: ModelVersions) -> dict[str, Any]:
    return {
        "version": version,
        "created": manifest.created,
        "default": version == served.default,
        "aliases": [alias for alias, of in served.aliases.items() if of == version],
        "scores": [
            {"part": part, "metric": metric, "value": value}
            for part, scores in manifest.scores.items()
            for metric, value in scores.items()
        ],
    }


def _column(column: Column, field: str, usual: Any) -> dict[str, Any]:
    described = {
        "name": column.name,
        "field": field,
        "usual": usual,
        "repairs": list(column.notation.repairs),
    }
    return described | {"kind": str(column.kind), "storage": str(column.storage)}


def _object(name: str, description: str, fields: dict[str, GraphQLOutputType]) -> GraphQLObjectType:
    by_name = {field: GraphQLField(kind) for field, kind in fields.items()}
    return GraphQLObjectType(name, by_name, description=description)


def _must(kind: Any) -> Any:
    return GraphQLNonNull(kind)


def _many(kind: Any) -> Any:
    """Return a non-null list of non-null values."""
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(kind)))
