"""Limits of a query, counted with its fragments unfolded, before it is validated.

A query of a few hundred bytes can ask for millions of things: fragments that spread fragments,
the same field under a thousand aliases, types of types of types. Counting stops at the limit, so
that it costs no more than the limit allows, and validation, which compares fields in pairs, sees
only what has passed.

source  GraphQL specification, section 5.5.2.2 on cycles of fragments
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

from mulle.verbs.serve.http import HTTPError

MAX_CHARACTERS = 32_768  # characters of a query; rows belong in its variables
MAX_DEPTH = 20  # tools ask for about 13 levels when they look at a schema
MAX_FIELDS = 500  # they ask for about 220 fields
MAX_ROWS = 10_000  # of one query; GraphQL works on every value of an answer by itself
MAX_LISTS = 2  # levels of "the fields of the types of the fields"
_RECURSIVE = {"fields", "inputFields", "interfaces", "possibleTypes"}


class _Counter:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.fragments, self.fields = fragments, 0

    def walk(self, selections: SelectionSetNode | None, depth: int, lists: int) -> None:
        """Count all fields of some selections."""
        if selections is None:
            return
        if depth > MAX_DEPTH or lists > MAX_LISTS:
            raise HTTPError(400, "graphql-deep", limit=MAX_DEPTH)
        for name, inner in self._parts(selections):
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise HTTPError(400, "graphql-costly", limit=MAX_FIELDS)
            self.walk(inner, depth + 1, lists + (name in _RECURSIVE))

    def _parts(self, selections: SelectionSetNode) -> Iterator[tuple[str, SelectionSetNode | None]]:
        """Yield the name of each selection, and the selections below it.

        A spread counts as a field and as a level, so that a cycle of them comes to an end.
        """
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node.name.value, node.selection_set
            elif isinstance(node, InlineFragmentNode):
                yield "", node.selection_set
            elif isinstance(node, FragmentSpreadNode):
                found = self.fragments.get(node.name.value)
                yield "", found.selection_set if found else None


def count_fields(document: DocumentNode) -> int:
    """Count the fields that a query asks for, with its fragments unfolded.

    Raises:
        HTTPError: it is nested too deeply, or asks for too much (400).
    """
    found = (node for node in document.definitions if isinstance(node, FragmentDefinitionNode))
    counter = _Counter({fragment.name.value: fragment for fragment in found})
    for node in document.definitions:
        counter.walk(getattr(node, "selection_set", None), 1, 0)
    return counter.fields
