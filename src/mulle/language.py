"""Messages in the language that a caller names, or else in the person's own."""

from __future__ import annotations

from mulle.errors import UnknownName
from mulle.i18n import LANGUAGES, Lang, Messages, current_language


def check_language(lang: str | None = None) -> Lang:
    """Return `lang` as one of the languages there are; the person's own where it is None.

    Raises:
        UnknownName: there are no words in that language.
    """
    known = next((language for language in LANGUAGES if language == lang), None)
    if lang is not None and known is None:
        raise UnknownName("language-unknown", "language", lang, LANGUAGES)
    return known or current_language()


def messages(lang: str | None = None) -> Messages:
    """Return the messages of `lang`; of the person's own language where it is None.

    Raises:
        UnknownName: there are no words in that language.

    >>> messages("ko").lang
    'ko'
    """
    return Messages(check_language(lang))
