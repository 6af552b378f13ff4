"""Options that several verbs share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from mulle.errors import UsageError


class Format(StrEnum):
    """Formats of a printed result."""

    text = "text"
    json = "json"


AsFormat = Annotated[Format, typer.Option("--format")]
Replace = Annotated[bool, typer.Option("--replace")]
Bundle = Annotated[str, typer.Argument(metavar="MODEL")]


def example(*commands: str) -> str:
    """Return the end of a help page: real commands below a title that `help` translates."""
    return "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])


def pairs(given: list[str], option: str, sample: str) -> dict[str, str]:
    """Return repeated NAME=VALUE options as pairs; the last `=` parts them.

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
