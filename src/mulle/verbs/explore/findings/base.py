"""What a finding is made of: a rule with a code, what it applies to, and the check itself.

A check gives `Found` for each thing it finds. Whether a rule applies at all is asked first: "there
is no date here" is an answer, not a clean bill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import polars as pl

from mulle.verbs.explore.relation_data import Relations
from mulle.verbs.explore.report import Target
from mulle.verbs.explore.scan import Scan
from mulle.verbs.explore.summaries import AnySummary, CategorySummary, NumberSummary, TextSummary

_C = TypeVar("_C", bound=AnySummary)
ENOUGH = 30  # rows below which a distribution says nothing


class Found(NamedTuple):
    """One thing that a check found; `severity` where it is not the rule's own."""

    columns: list[str]
    values: dict[str, Any]
    evidence: Mapping[str, Any] = MappingProxyType({})
    severity: str = ""


@dataclass(frozen=True)
class Facts:
    """All that a check may look at."""

    scan: Scan
    relations: Relations = field(default_factory=Relations)
    target: Target | None = None
    texts: frozenset[str] = frozenset()
    halves: Mapping[str, Any] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Rows of the table."""
        return self.scan.height

    @property
    def in_own_order(self) -> bool:
        """Whether the rows stand as somebody has put them; images of a folder are sorted here."""
        return all(column.reason != "folder" for column in self.scan.columns)

    def summaries(self, sort: type[_C]) -> list[_C]:
        """Return the summaries of one sort, in the order of the table."""
        return [c for c in self.scan.summaries if isinstance(c, sort)]

    @cached_property
    def numbers(self) -> list[NumberSummary]:
        """Numbers that are neither identifiers nor constants."""
        return [c for c in self.summaries(NumberSummary) if c.kind in {"continuous", "discrete"}]

    @cached_property
    def words(self) -> list[CategorySummary | TextSummary]:
        """Columns of text of any sort."""
        return [*self.summaries(CategorySummary), *self.summaries(TextSummary)]

    @cached_property
    def spellings(self) -> dict[str, pl.Series]:
        """The different sampled values of each column of text, at most 5,000 of them."""
        return {
            c.name: self.scan.sample[c.name].drop_nulls().unique(maintain_order=True).head(5000)
            for c in self.words
            if c.name in self.scan.sample and self.scan.sample[c.name].dtype == pl.String
        }


Applies = Callable[[Facts], bool]
Check = Callable[[Facts], Iterable[Found]]


@dataclass(frozen=True)
class Rule:
    """One check that is made of every table.

    Attributes:
        code: `M012`: never given to another rule.
        key: its name, under which `i18n` has its words.
        title: its title in English, as `i18n` has it, to be read beside the check.
        topic: what it is about: `columns`, `values`, `rows`, `relations`, `target`, `privacy`.
        severity: `error`, `warning` or `note`, unless what was found says otherwise.
        applies: whether the table has anything to be checked.
        check: what was found; nothing where all is well.
    """

    code: str
    key: str
    title: str
    topic: str
    severity: str
    applies: Applies
    check: Check


def has_rows(facts: Facts) -> bool:
    """Return whether the table has rows."""
    return facts.height > 0


def has_enough(facts: Facts) -> bool:
    """Return whether there are enough rows for shares to be meaningful."""
    return facts.height >= ENOUGH


def has_numbers(facts: Facts) -> bool:
    """Return whether there is a number, and enough rows."""
    return has_enough(facts) and bool(facts.numbers)


def has_words(facts: Facts) -> bool:
    """Return whether there is a column of text."""
    return has_rows(facts) and bool(facts.words)


def has_target(facts: Facts) -> bool:
    """Return whether a target was named and can be predicted."""
    return facts.target is not None
