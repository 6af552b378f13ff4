"""The language of the person: the one that was set, else MULLE_LANG, else that of the locale."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar

from mulle.i18n.format import Lang

LANGUAGES: tuple[Lang, ...] = ("en", "ko")
_VARIABLES = ("MULLE_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides
_chosen: ContextVar[Lang | None] = ContextVar("language", default=None)


def current_language() -> Lang:
    """Return the language in which sentences are made where none is named."""
    return _chosen.get() or _of_locale()


def set_language(lang: Lang | None) -> None:
    """Make all later sentences in `lang`; None goes back to the locale's language."""
    _chosen.set(lang)


@contextlib.contextmanager
def in_language(lang: Lang) -> Iterator[None]:
    """Make sentences in `lang` inside the block."""
    token = _chosen.set(lang)
    try:
        yield
    finally:
        _chosen.reset(token)


def _of_locale() -> Lang:
    """The language of the first variable that is set, as POSIX has it; English for others."""
    named = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    return "ko" if named.lower().startswith("ko") else "en"
