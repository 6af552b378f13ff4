"""Options that several verbs share."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mulle.errors import UsageError

if TYPE_CHECKING:
    from mulle.i18n import Messages


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"


class Language(StrEnum):
    """The language of sentences and reports."""

    en = "en"
    ko = "ko"


AsFormat = Annotated[Format, typer.Option("--format")]
InLanguage = Annotated[Language, typer.Option("--lang")]
Bundle = Annotated[str, typer.Argument(metavar="MODEL")]


def example(*commands: str) -> str:
    """Return the end of a help page: real commands below a title that `help` translates."""
    return "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])


def words_of(language: Language) -> Messages:
    """Return the messages of a language."""
    from mulle.i18n import Messages

    return Messages(language.value)


def pairs(given: list[str], option: str, sample: str) -> dict[str, str]:
    """Repeated NAME=VALUE options; the last `=` parts them, so that names may hold one.

    Raises:
        UsageError: one has no `=`.

    >>> pairs(["a=b=nominal"], "--kinds", "zip=nominal")
    {'a=b': 'nominal'}
    """
    for text in given:
        if "=" not in text:
            raise UsageError("option-not-a-pair", option=option, text=text, sample=sample)
    parted = (text.rpartition("=") for text in given)
    return {name.strip(): value.strip() for name, _, value in parted}
