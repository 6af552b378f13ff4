"""The engine of GraphQL: it keeps the schema and parsed queries, and runs a query."""

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
from mulle.verbs.serve.http.threads import QUERIES
from mulle.verbs.serve.protocols.graphql.limits import MAX_CHARACTERS, count_fields
from mulle.verbs.serve.protocols.graphql.resolvers import QueryContext, predict, why
from mulle.verbs.serve.protocols.graphql.schema import Built, build, key_of
from mulle.verbs.serve.service import Service

if TYPE_CHECKING:
    from mulle.verbs.serve.protocols.graphql.endpoint import Query

MAX_PARSED = 100  # queries whose parsing is remembered: programs ask the same ones again
LIGHT_BYTES, LIGHT_FIELDS = 4_096, 40  # of a query that is answered in the loop itself
Result = tuple[dict[str, Any] | None, list[GraphQLError]]


class _Parsed(NamedTuple):
    document: DocumentNode
    errors: list[GraphQLError]
    fields: int


class Engine:
    """Answers queries about the models that are served now."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._key: Any = None
        self._built: Built
        self._parsed: OrderedDict[str, _Parsed] = OrderedDict()
        self._rebuild()

    async def answer(self, request: Request, query: Query) -> Result:
        """Return the data and the errors of a query.

        Raises:
            HTTPError: the query is too long, too deep, or asks for too much (400).
        """
        self._rebuild()
        if len(query.text) > MAX_CHARACTERS:
            raise HTTPError(400, "graphql-long", limit=MAX_CHARACTERS)
        parsed = self._parsed.get(query.text)
        if parsed is None:
            read = _parse if len(query.text) < LIGHT_BYTES else _parse_in_thread
            parsed = await read(query.text, self._built)
            self._parsed[query.text] = parsed
            if len(self._parsed) > MAX_PARSED:
                self._parsed.popitem(last=False)
        if parsed.errors:
            return None, parsed.errors
        built = self._built
        context = QueryContext(self._service, request, built.columns)
        if query.size <= LIGHT_BYTES and parsed.fields <= LIGHT_FIELDS:
            return await _run(built, parsed.document, query, context)
        return await QUERIES.run(lambda: asyncio.run(_run(built, parsed.document, query, context)))

    def describe(self) -> tuple[str, str]:
        """Return the schema as text, and an example of a query."""
        self._rebuild()
        repository = self._service.repository
        name = repository.names[0]
        row = example_row(repository.get_model(name).model.manifest)
        columns = self._built.columns[name]
        values = ", ".join(
            f"{columns[c]}: {_to_literal(v)}" for c, v in row.items() if c in columns
        )
        asked = "label probabilities { label probability }"
        if not repository.get_model(name).labels:
            asked = "value"
        return print_schema(self._built.schema), (
            f"{{\n  predict(rows: [{{ {values} }}]) {{\n"
            f"    {asked}\n    why(top: 3) {{ column change }}\n  }}\n}}"
        )

    def _rebuild(self) -> None:
        """Build the schema again if other models are served than last time."""
        key = key_of(self._service.repository)
        if key != self._key:
            self._built = build(self._service.repository, predict, why)
            self._parsed.clear()
            self._key = key


async def _parse(text: str, built: Built) -> _Parsed:
    try:
        document = parse(text)
        fields = count_fields(document)
        return _Parsed(document, validate(built.schema, document), fields)
    except GraphQLError as error:
        return _Parsed(DocumentNode(), [error], 0)
    except RecursionError:
        raise HTTPError(400, "graphql-deep", limit=0) from None


async def _parse_in_thread(text: str, built: Built) -> _Parsed:
    return await QUERIES.run(lambda: asyncio.run(_parse(text, built)))


async def _run(built: Built, document: DocumentNode, query: Query, context: QueryContext) -> Result:
    ran = execute(
        built.schema, document, context_value=context,
        variable_values=query.variables, operation_name=query.operation,
    )  # fmt: skip
    result: ExecutionResult = ran if isinstance(ran, ExecutionResult) else await ran
    return result.data, list(result.errors or ())


def _to_literal(value: Any) -> str:
    """Write a value as GraphQL does, which for these types is as JSON does."""
    import msgspec

    return msgspec.json.encode(value).decode()
