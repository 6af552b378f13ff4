"""Errors with example values in their blanks, for pages that explain what an error says."""

from __future__ import annotations

from mulle.i18n.format import FORMATS, Lang
from mulle.i18n.messages import Messages

PARTS = ("what", "fix")
_FORMATS = {*FORMATS, "quoted"}


def error_codes() -> list[str]:
    """Return the codes of all errors that have a sentence of their own.

    >>> "column-missing" in error_codes(), "unlisted" in error_codes()
    (True, False)
    """
    keys = (key.split(".") for key in Messages("en"))
    codes = (parts[1] for parts in keys if parts[0] == "error" and len(parts) == 3)
    return list(dict.fromkeys(code for code in codes if code != "unknown-name"))


def example_of(code: str, part: str, lang: Lang) -> str:
    """Return one sentence of an error with example values; "" where it has no such sentence.

    Args:
        code: of the error.
        part: `what` or `fix`.
        lang: the language.

    >>> example_of("column-missing", "what", "en").count("{")
    0
    """
    messages = Messages(lang)
    key = f"error.{code}.{part}"
    if key not in messages:
        key = f"error.unknown-name.{'fix-near' if part == 'fix' else part}"
    return messages(key, **example_values(code, key, messages))


def example_values(code: str, key: str, messages: Messages) -> dict[str, str]:
    """Return an example for each blank of a sentence.

    An example that belongs to one error stands in `error.CODE.example`, one for all errors in
    `example`; a blank whose values are the names of a table takes the first of them.
    """
    values = {}
    for blank, how in messages.formats_of(key):
        own, shared = f"error.{code}.example.{blank}", f"example.{blank}"
        entry = own if own in messages else shared
        if how and how not in _FORMATS and own not in messages:
            values[blank] = next(name for name in messages.names_of(how))
        else:
            values[blank] = messages.template(entry) if entry in messages else f"‹{blank}›"
    return values
