"""Parsed queries, the schema that they are asked of, and running one against the other."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    execute,
    parse,
    print_schema,
    validate,
)

from mulle.bundle import example_row
from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.protocols.graphql.answers import Asking, predict, why
from mulle.verbs.serve.protocols.graphql.limits import TEXT, cost_of
from mulle.verbs.serve.protocols.graphql.schema import Built, build, key_of
from mulle.verbs.serve.service import Service

if TYPE_CHECKING:
    from mulle.verbs.serve.protocols.graphql.endpoint import Query

_KEPT = 100  # queries whose parsing is remembered: programs ask the same ones again
_LIGHT_BYTES, _LIGHT_FIELDS = 4_096, 40  # of a query that is answered in the loop itself
Result = tuple[dict[str, Any] | None, list[GraphQLError]]


class _Parsed(NamedTuple):
    document: DocumentNode
    errors: list[GraphQLError]
    fields: int


class Engine:
    """Answers queries about the models of a service, whatever is served by now."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._key: Any = None
        self._built: Built
        self._parsed: OrderedDict[str, _Parsed] = OrderedDict()
        self._renew()

    async def answer(self, request: Request, query: Query) -> Result:
        """The data and the errors of a query.

        Raises:
            HTTPError: the query is too long, too deep, or asks for too much (400).
        """
        self._renew()
        if len(query.text) > TEXT:
            raise HTTPError(400, "graphql-long", limit=TEXT)
        parsed = self._parsed.get(query.text)
        if parsed is None:
            read = _read if len(query.text) < _LIGHT_BYTES else _read_aside
            parsed = await read(query.text, self._built)
            self._parsed[query.text] = parsed
            if len(self._parsed) > _KEPT:
                self._parsed.popitem(last=False)
        if parsed.errors:
            return None, parsed.errors
        built = self._built
        asking = Asking(self._service, request, built.columns)
        if query.size <= _LIGHT_BYTES and parsed.fields <= _LIGHT_FIELDS:
            return await _run(built, parsed.document, query, asking)
        return await asyncio.to_thread(
            lambda: asyncio.run(_run(built, parsed.document, query, asking))
        )

    def described(self) -> tuple[str, str]:
        """The schema as text, and a query that can be asked of it."""
        self._renew()
        repository = self._service.repository
        name = repository.names[0]
        row = example_row(repository.get_model(name).model.manifest)
        columns = self._built.columns[name]
        values = ", ".join(f"{columns[c]}: {_literal(v)}" for c, v in row.items() if c in columns)
        asked = "label probabilities { label probability }"
        if not repository.get_model(name).labels:
            asked = "value"
        return print_schema(self._built.schema), (
            f"{{\n  predict(rows: [{{ {values} }}]) {{\n"
            f"    {asked}\n    why(top: 3) {{ column change }}\n  }}\n}}"
        )

    def _renew(self) -> None:
        """Build the schema anew if other models are served than last time."""
        key = key_of(self._service.repository)
        if key != self._key:
            self._built = build(self._service.repository, predict, why)
            self._parsed.clear()
            self._key = key


async def _read(text: str, built: Built) -> _Parsed:
    try:
        document = parse(text)
        fields = cost_of(document)
        return _Parsed(document, validate(built.schema, document), fields)
    except GraphQLError as error:
        return _Parsed(DocumentNode(), [error], 0)
    except RecursionError:
        raise HTTPError(400, "graphql-deep", limit=0) from None


async def _read_aside(text: str, built: Built) -> _Parsed:
    return await asyncio.to_thread(lambda: asyncio.run(_read(text, built)))


async def _run(built: Built, document: DocumentNode, query: Query, asking: Asking) -> Result:
    ran = execute(
        built.schema, document, context_value=asking,
        variable_values=query.variables, operation_name=query.operation,
    )  # fmt: skip
    result: ExecutionResult = ran if isinstance(ran, ExecutionResult) else await ran
    return result.data, list(result.errors or ())


def _literal(value: Any) -> str:
    """A value as GraphQL writes it, which for these is as JSON does."""
    import msgspec

    return msgspec.json.encode(value).decode()
